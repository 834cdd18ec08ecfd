/* forward.h - a whole batch through the model and back
 *
 * A batch is (B,T) tokens. Rows may hold several documents: `pos` restarts at
 * 0 with each and `start` says where it began, then no token sees another
 * document and results are those of the documents alone. Rows shorter than T
 * are filled with any id and target -1.
 *
 *	model_forward(m, act, &batch);
 *	model_score(m, act, &batch, logprob, NULL);	 only if needed first
 *	model_backward(m, act, &batch, weight, NULL, gradient, logprob);
 *
 * The logits of all tokens never stand in memory: the head runs over chunks
 * of rows, and only over those that have a target.
 */
#ifndef PIPELM_FORWARD_H
#define PIPELM_FORWARD_H

#include "common/model/model.h"

struct batch {
	size_t rows, time;	/* B, T */
	const int32_t *ids;	/* (B,T) */
	const int32_t *pos;	/* (B,T), or NULL: 0 .. T-1 in each row */
	const int32_t *start;	/* (B,T): first token of the same document,
				 * or NULL: 0 */
	const int32_t *target;	/* (B,T), -1: none */
};

/* What a batch of up to (rows, time) leaves for backward; with backward
 * false only what forward needs. */
struct activations;
struct activations *activations_new(const struct model *m, size_t rows,
	size_t time, bool backward);
void activations_free(struct activations *a);

/* All blocks and the last norm. The ids have been checked. */
void model_forward(const struct model *m, struct activations *a,
	const struct batch *b);

/* logprob (B,T) of the targets, 0 without one; entropy (B,T) or NULL. */
void model_score(const struct model *m, struct activations *a,
	const struct batch *b, float *logprob, float *entropy);

/* Adds to gradient (m's layout) that of
 *   sum over tokens of -weight * logprob(target) - entropy_weight * entropy
 * with weight (B,T), and entropy_weight (B,T) or NULL. logprob as above. */
void model_backward(const struct model *m, struct activations *a,
	const struct batch *b, const float *weight, const float *entropy_weight,
	struct weights *gradient, float *logprob);

#endif
