/* marks.c - counts what judges found: see marks.h */
#include "common/grade/marks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/grade/causes.h"
#include "common/grade/standing.h"

struct mark {
	double sum;
	uint64_t graded, full;
	uint64_t unusable;		/* references */
	struct causes causes;
};

struct marks {
	struct judge *const *judges;
	size_t njudge;
	struct mark *v;			/* (njudge) */
	uint64_t n;
	const char *summary;
	struct standing *standing;	/* or NULL */
};

struct marks *marks_new(struct judge *const *judges, size_t n,
	const char *summary, const char *by)
{
	struct marks *m = xcalloc(1, sizeof *m);

	m->judges = judges;
	m->njudge = n;
	m->v = xcalloc(n, sizeof *m->v);
	m->summary = summary;
	if (summary)
		m->standing = standing_new(judges, n, by);
	return m;
}

void marks_add(struct marks *m, const struct rollout *x,
	const struct verdict *v)
{
	size_t i;

	m->n++;
	for (i = 0; i < m->njudge; i++) {
		struct mark *k = &m->v[i];

		if (v[i].cause) {
			causes_add(&k->causes, v[i].cause);
			k->unusable += v[i].cause == JUDGE_NO_ANSWER;
			continue;
		}
		k->graded++;
		k->sum += v[i].score;
		k->full += v[i].score >= 1;
	}
	if (m->standing)
		standing_add(m->standing, x, v);
}

static double mean(const struct mark *k)
{
	return k->graded ? k->sum / (double)k->graded : 0;
}

void marks_progress(const struct marks *m)
{
	progress_print("rollouts=%" PRIu64 " mean=%.4f", m->n, mean(m->v));
}

void marks_check(const struct marks *m)
{
	size_t i;

	for (i = 0; m->n && i < m->njudge; i++)
		if (m->v[i].unusable == m->n)
			die("none of %" PRIu64 " rollouts has an 'answer' that "
				"--%s can use", m->n, m->judges[i]->name);
}

void marks_summary(const struct marks *m)
{
	struct output *out;
	size_t i, c;

	if (m->standing) {
		out = output_open(m->summary);
		standing_write(m->standing, out);
		output_close(out);
	}
	for (i = 0; i < m->njudge; i++)
		for (c = 0; c < m->v[i].causes.n; c++)
			warn("%" PRIu64 " answers have no reward from '%s': %s",
				m->v[i].causes.v[c].n, m->judges[i]->name,
				m->v[i].causes.v[c].what);
	for (i = 0; i < m->njudge; i++)
		progress_summary("rollouts=%" PRIu64 " %s=%.4f full=%" PRIu64,
			m->n, m->judges[i]->name, mean(&m->v[i]),
			m->v[i].full);
}

void marks_free(struct marks *m)
{
	size_t i;

	if (m->standing)
		standing_free(m->standing);
	for (i = 0; i < m->njudge; i++)
		causes_free(&m->v[i].causes);
	free(m->v);
	free(m);
}
