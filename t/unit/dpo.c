/* dpo DIR - an update on one of three pairs depends only on that pair */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/model/model_dir.h"
#include "common/train/policy.h"
#include "common/train/ranks.h"

enum { PAIRS = 3, LEN = 6, UNTOUCHED = 123 };

static void add_pairs(struct policy *p)
{
	size_t i, t;

	for (i = 0; i < 2 * PAIRS; i++) {
		struct example *x = examples_add(&p->examples, LEN);

		for (t = 0; t < LEN; t++) {
			p->examples.ids[x->at + t] = (int32_t)(7 * i + t);
			p->examples.mask[x->at + t] = t > 1;
		}
		x->learned = LEN - 2;
	}
}

/* Two ranks that each take a part of the pairs give the same gradient and loss as
 * a single one, whose gradient is in t. */
static int divided(const struct policy *p, struct policy_memory *memory,
	struct trainer *t, float *now, const struct policy_stats *all)
{
	static const size_t order[PAIRS] = { 0, 1, 2 };
	size_t size = t->model->size, i;
	float *whole = xcalloc(size, sizeof *whole);
	double loss = 0, distance = 0, norm = 0;
	struct policy_stats part;

	memcpy(whole, t->gradient, size * sizeof *whole);
	trainer_begin(t);
	ranks.count = 2;
	for (ranks.self = 0; ranks.self < 2; ranks.self++) {
		preference_gradient(p, memory, t, order, PAIRS, now, &part);
		loss += part.loss;
	}
	ranks = (struct ranks) { .count = 1 };
	for (i = 0; i < size; i++) {
		distance += pow((double)t->gradient[i] - (double)whole[i], 2);
		norm += pow((double)whole[i], 2);
	}
	free(whole);
	return !(fabs(loss - all->loss) < 1e-12) + !(fabs(trainer_loss(t) -
		all->loss) < 1e-12) + !(distance < 1e-10 * norm);
}

int main(int argc, char **argv)
{
	struct policy p = { .preference = *preference_find("dpo") };
	struct policy_memory memory;
	struct policy_stats all, one;
	struct optimizer_config c;
	struct trainer t;
	struct model *m = model_load(argv[1]);
	static const size_t order[PAIRS] = { 0, 1, 2 };
	float *now;
	double sum = 0;
	size_t i, k;
	int failures = 0;

	add_pairs(&p);
	optimizer_defaults(&c, OPTIMIZER_ADAMW, m->config.width);
	trainer_init(&t, m, &c, 2, LEN - 1, KEEP_ALL, 0, DTYPE_F32);
	policy_memory_init(&memory, &p, 2, LEN - 1);
	now = xcalloc(p.examples.tokens, sizeof *now);
	p.ref = xcalloc(p.examples.tokens, sizeof *p.ref);
	for (k = 0; k < PAIRS; k++) {
		for (i = 0; i < p.examples.tokens; i++)
			now[i] = UNTOUCHED;
		trainer_begin(&t);
		preference_gradient(&p, &memory, &t, order + k, 1, now, &one);
		sum += one.loss;
		for (i = 0; i < p.examples.tokens; i++)
			failures += (now[i] != UNTOUCHED) !=
				(i / (2 * LEN) == k);
	}
	trainer_begin(&t);
	preference_gradient(&p, &memory, &t, order, PAIRS, now, &all);
	failures += !(fabs(all.loss - sum / PAIRS) < 1e-6);
	failures += all.tokens != 2 * PAIRS * (LEN - 2);
	failures += divided(&p, &memory, &t, now, &all);
	printf("%d failures, loss %g, of the pairs %g\n", failures, all.loss,
		sum / PAIRS);
	free(now);
	policy_memory_free(&memory);
	policy_free(&p);
	trainer_free(&t);
	model_free(m);
	return failures != 0;
}
