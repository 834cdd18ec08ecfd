/* policy.h - updates a model by the objectives of objective.h
 *
 * The samples and their prompts are examples with mask 1 on sampled tokens, and
 * with the sampler's log-probabilities.
 */
#ifndef PIPELM_POLICY_H
#define PIPELM_POLICY_H

#include "common/train/examples.h"
#include "common/train/objective.h"
#include "common/train/trainer.h"

/* Samples, and of each what the objectives need: arrays of examples.n. */
struct policy {
	struct examples examples;
	struct sampled *sampled;
	size_t sampled_cap;
	double *advantage;	/* NaN: takes no part */
	float *ref;		/* (examples.tokens) of the frozen model, or
				 * NULL */
	struct objective objective;
	double entropy;		/* bonus a token */
	double importance;	/* cap of the importance weights; 0: none */
	double dpo_beta, dpo_smoothing;
};

void policy_free(struct policy *p);

/* Means over the tokens or pairs of an update; if ranks share it, their parts add
 * up to these. loss is what the gradient belongs to: the objective with its KL
 * term and the entropy bonus; the trainer counts it per sample or pair, too.
 * samples and tokens are those of the whole update. */
struct policy_stats {
	double loss;
	double kl;		/* k3 of the sampler: how far it has moved */
	double clipped;		/* share of tokens */
	double entropy;		/* nats a token */
	double importance;	/* mean weight, before the cap */
	double capped;		/* share of tokens whose weight it cuts */
	double accuracy;	/* DPO: share of pairs put right */
	size_t samples, tokens;
};

/* Room for batches of rows that t has. pack's time is T. */
struct policy_memory {
	struct pack pack;
	size_t *place;
	float *logprob, *entropy, *weight, *entropy_weight;	/* (rows,T) */
};
void policy_memory_init(struct policy_memory *k, const struct policy *p,
	size_t rows, size_t time);
void policy_memory_free(struct policy_memory *k);

/* Log-probabilities of learned tokens under m, into out (examples.tokens), 0
 * on tokens that are not learned: of the examples order[0..n), the others'
 * places stay as they are; of all n when order is NULL. */
void policy_score(const struct policy *p, struct policy_memory *k,
	const struct model *m, struct activations *a, const size_t *order,
	size_t n, float *out);

/* The gradient of the samples order[0..n), all of which take part, into t;
 * the caller begins and updates. */
void policy_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n,
	struct policy_stats *stats);

/* The same for DPO: examples 2i and 2i+1 are the chosen and the rejected
 * answer of pair i; pairs order[0..n). The loss is the mean of theirs. now:
 * scratch (examples.tokens), which gets the scores of these pairs' answers
 * under the present model. */
void dpo_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n, float *now,
	struct policy_stats *stats);

#endif
