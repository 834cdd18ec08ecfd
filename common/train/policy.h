/* policy.h - updates a model with the objectives of objective.h and the losses
 * of preference.h
 *
 * The samples and their prompts are examples with mask 1 on sampled tokens, and
 * with the sampler's log-probabilities.
 */
#ifndef PIPELM_POLICY_H
#define PIPELM_POLICY_H

#include "common/train/examples.h"
#include "common/train/objective.h"
#include "common/train/preference.h"
#include "common/train/trainer.h"

/* Samples, and what the objectives need of each: arrays of examples.n. */
struct policy {
	struct examples examples;
	struct sampled *sampled;
	size_t sampled_cap;
	double *advantage;	/* NaN: sample not used */
	float *ref;		/* (examples.tokens) logprobs under the frozen
				 * model, or NULL */
	struct objective objective;
	double entropy;		/* bonus per token */
	bool weighs;		/* with importance weights */
	struct importance importance;
	struct preference preference;
};

void policy_free(struct policy *p);

/* Means over the tokens or pairs of an update; if ranks share it, their parts
 * add up to these. loss is what the gradient is of: the objective with its KL
 * term and the entropy bonus; the trainer also records it per sample or pair.
 * samples and tokens count the whole update. */
struct policy_stats {
	double loss;
	double kl;		/* k3 from the sampler: how far it has moved */
	double ref_kl;		/* k3 from the reference, if there is one */
	double clipped;		/* fraction of tokens whose ratio is clipped */
	double entropy;		/* nats per token */
	double importance;	/* mean ratio behind the importance weights */
	double outside;		/* fraction of tokens whose ratio is not between
				 * the bounds of the weights */
	/* Of pairs: the log-probability of each answer, and what preference.h
	 * says. */
	double chosen, rejected, margin;
	double accuracy;	/* fraction of pairs ranked correctly */
	size_t samples, tokens;
};

/* Working memory for batches of as many rows as t holds. pack's time is T. */
struct policy_memory {
	struct pack pack;
	size_t *place;
	float *logprob, *entropy, *weight, *entropy_weight;	/* (rows,T) */
};
void policy_memory_init(struct policy_memory *k, const struct policy *p,
	size_t rows, size_t time);
void policy_memory_free(struct policy_memory *k);

/* Stores the log-probabilities of learned tokens under m in out
 * (examples.tokens), 0 for tokens that are not learned, for the examples
 * order[0..n), leaving those of other examples unchanged; if order is NULL, for
 * all n. */
void policy_score(const struct policy *p, struct policy_memory *k,
	const struct model *m, struct activations *a, const size_t *order,
	size_t n, float *out);

/* Adds the gradient of the samples order[0..n), all of which must have an
 * advantage, to t; the caller calls trainer_begin and trainer_update. */
void policy_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n,
	struct policy_stats *stats);

/* ---- pairs: policy_pairs.c ---- */

/* The same for p->preference and the pairs order[0..n): examples 2i and 2i+1 are
 * the chosen and the rejected answer of pair i. The loss is the mean over the
 * pairs. now: scratch (examples.tokens), which gets the log-probabilities of
 * these pairs' answers under the current model. */
void preference_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n, float *now,
	struct policy_stats *stats);

/* The learned tokens of the samples order[0..n). */
size_t policy_learned(const struct policy *p, const size_t *order, size_t n);

#endif
