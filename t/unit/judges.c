/* judges.c - grading with a judge that scores many rollouts at once, as a model
 * does: the length of the text. A text with an x cannot be judged, a text of three
 * bytes has no finite score. Reads rollouts, writes them with rewards; the argument
 * is the number of threads.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/grade/grading.h"

enum { LINES = 40 };

struct lengths {
	struct judge judge;
	size_t *n;
	char (*why)[64];
};

static void take(struct judge *j, size_t i, int thread, struct rollout *x,
	struct verdict *v)
{
	struct lengths *l = (struct lengths *)j;

	l->n[i] = x->text_len;
	if (!strchr(x->text, 'x'))
		return;
	snprintf(l->why[i], sizeof l->why[i], "an x in %zu bytes", x->text_len);
	v->cause = l->why[i];
}

static void score(struct judge *j, size_t n, struct verdict *const *v)
{
	const struct lengths *l = (const struct lengths *)j;

	while (n--)
		if (v[n])
			v[n]->score = l->n[n] == 3 ? NAN : (double)l->n[n];
}

static void forget(struct judge *j)
{
	struct lengths *l = (struct lengths *)j;

	free(l->n);
	free(l->why);
}

int main(int argc, char **argv)
{
	static const struct judge_kind kind = { .one = take, .batch = score,
		.lines = LINES, .free = forget };
	const struct grader_options number = { .kind = GRADER_NUMBER };
	struct lengths *l = xcalloc(1, sizeof *l);
	struct judge *judges[2];
	const struct grading_options o = { .judges = judges, .njudge = 2 };
	struct grading *g;
	struct records *in;
	struct output *out;
	size_t most;

	err_init(argv[0]);
	parallel_threads(argc > 1 ? atoi(argv[1]) : 1);
	most = LINES * (size_t)parallel_count();
	l->judge = (struct judge){ &kind, "length", .5, 0 };
	l->n = xcalloc(most, sizeof *l->n);
	l->why = xcalloc(most, sizeof *l->why);
	judges[0] = &l->judge;
	judges[1] = judge_rule("number", &number);
	g = grading_new(&o);
	in = records_open(NULL, "rollout");
	out = output_open(NULL);
	grading_run(g, in, out);
	records_close(in);
	grading_finish(g);
	output_close(out);
	grading_summary(g);
	grading_free(g);
	return 0;
}
