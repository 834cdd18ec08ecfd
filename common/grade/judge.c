/* judge.c - what all judges have in common, and those by rule: see judge.h */
#include "common/grade/judge.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"

const char JUDGE_NO_ANSWER[] = "no usable answer";

void judge_free(struct judge *j)
{
	if (j->kind->free)
		j->kind->free(j);
	free(j);
}

struct rule {
	struct judge judge;
	struct grader *grader;
	struct grader_scratch *scratch;		/* of each thread */
};

static void by_rule(struct judge *j, size_t i, int thread, struct rollout *x,
	struct verdict *v)
{
	struct rule *r = (struct rule *)j;
	struct grade grade;

	switch (grader_score(r->grader, &r->scratch[thread], x->text,
		x->text_len, &x->answer, &grade)) {
	case GRADE_LIMIT:
		v->cause = "pattern takes too long";
		break;
	case GRADE_NO_ANSWER:
		v->cause = JUDGE_NO_ANSWER;
		break;
	case GRADE_OK:
		v->score = grade.score;
		v->vote = grade.vote;
		v->gold = grade.gold;
		break;
	}
}

static void free_rule(struct judge *j)
{
	struct rule *r = (struct rule *)j;
	int i;

	for (i = 0; i < parallel_count(); i++)
		grader_scratch_free(&r->scratch[i]);
	free(r->scratch);
	grader_free(r->grader);
}

struct judge *judge_rule(const char *name, const struct grader_options *o)
{
	static const struct judge_kind kind = { .one = by_rule,
		.free = free_rule };
	struct rule *r = xcalloc(1, sizeof *r);

	r->judge = (struct judge){ &kind, name, 1, o->kind == GRADER_CHOICE ?
		1 / (double)strlen(o->letters) : 0 };
	r->grader = grader_new(o);
	r->scratch = xcalloc((size_t)parallel_count(), sizeof *r->scratch);
	return &r->judge;
}
