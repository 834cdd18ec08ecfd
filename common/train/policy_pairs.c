/* policy_pairs.c - updates a model with a loss of pairs of answers: see policy.h
 *
 * The loss of a pair depends on both of its answers, which need not fit into one
 * pack: so all log-probabilities come first, then another pass with the slopes.
 */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/train/policy.h"
#include "common/train/ranks.h"

static struct answered answer_of(const struct policy *p, const float *now,
	size_t s)
{
	const struct example *x = &p->examples.v[s];
	struct answered a = { .tokens = x->learned };
	size_t i;

	for (i = x->at; i < x->at + x->n; i++) {
		a.logprob += (double)now[i];
		a.ref += p->ref ? (double)p->ref[i] : 0;
	}
	return a;
}

/* The losses of the n pairs whose answers are `both`, and the slopes of both
 * answers of each; all: pairs in the update. */
static void slopes(const struct policy *p, const float *now,
	const size_t *both, size_t n, size_t all, double *loss, double *slope,
	struct policy_stats *stats)
{
	double part = 1 / (double)all;
	size_t i;

	for (i = 0; i < n; i++) {
		struct answered chosen = answer_of(p, now, both[2 * i]);
		struct answered rejected = answer_of(p, now, both[2 * i + 1]);
		struct preferred x = preference_loss(&p->preference, &chosen,
			&rejected);

		loss[i] = x.loss / (double)all;
		slope[2 * i] = x.chosen / (double)all;
		slope[2 * i + 1] = x.rejected / (double)all;
		stats->loss += loss[i];
		stats->chosen += part * chosen.logprob;
		stats->rejected += part * rejected.logprob;
		stats->margin += part * x.margin;
		stats->accuracy += part * x.right;
	}
}

/* The backward pass over the answers both[from..end) with these slopes. */
static void backward(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *both, size_t from, size_t end,
	const double *slope)
{
	const struct batch *b = &k->pack.rows.batch;
	size_t got, i;

	for (; from < end; from += got) {
		got = examples_pack(&p->examples, &k->pack, both, from, end,
			k->place);
		model_forward(t->model, t->activations, b);
		vec_zero(k->weight, b->rows * b->time);
		for (i = from; i < from + got; i++) {
			float *weight = k->weight + k->place[i];
			size_t len = p->examples.v[both[i]].n - 1;

			while (len--)
				weight[len] = (float)-slope[i];
		}
		if (from + got == end)
			trainer_last(t);
		trainer_add_backward(t, b, k->weight, NULL, NULL);
	}
}

void preference_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n, float *now,
	struct policy_stats *stats)
{
	size_t *both = xcalloc(2 * n, sizeof *both), first, end, i;
	double *slope = xcalloc(2 * n, sizeof *slope);
	double *loss = trainer_losses(t, n);

	for (i = 0; i < 2 * n; i++)
		both[i] = 2 * order[i / 2] + i % 2;
	*stats = (struct policy_stats) { .samples = 2 * n,
		.tokens = policy_learned(p, both, 2 * n) };
	ranks_share(n, &first, &end);
	policy_score(p, k, t->model, t->activations, both + 2 * first,
		2 * (end - first), now);
	slopes(p, now, both + 2 * first, end - first, n, loss + first,
		slope + 2 * first, stats);
	backward(p, k, t, both, 2 * first, 2 * end, slope);
	free(both);
	free(slope);
}
