/* head.h - heads: from hidden states to outputs, and backward
 *
 * A pass through the blocks (model_forward) leaves one hidden state per token.
 * A head computes its output from them, and converts the gradient with respect
 * to the output into that with respect to the hidden states, from which
 * backward continues through the blocks:
 *
 *	struct scalar_head reward = { { &head_scalar }, .map = &map, ... };
 *	model_forward(m, act, &batch);
 *	head_forward(&reward.head, m, act, &batch);
 *	... a loss of reward.value, its gradient in reward.d_value ...
 *	head_backward(&reward.head, m, act, &batch, gradient);
 *
 * model_score and model_backward of forward.h are the language head.
 */
#ifndef PIPELM_HEAD_H
#define PIPELM_HEAD_H

#include "common/kernel/kernel.h"
#include "common/model/forward.h"

struct head;

struct head_kind {
	/* Computes the head's output from the hidden states in a. */
	void (*forward)(struct head *h, const struct model *m,
		struct activations *a, const struct batch *b);

	/* Writes d_hidden (R,C). If the head uses m's own head weights, adds
	 * their gradient to g. */
	void (*backward)(struct head *h, const struct model *m,
		struct activations *a, const struct batch *b,
		struct weights *g, float *d_hidden);
};

/* The first member of each head. */
struct head {
	const struct head_kind *kind;
};

void head_forward(struct head *h, const struct model *m, struct activations *a,
	const struct batch *b);

/* The logit lens (nostalgebraist 2020): the head's output if x (R,C), the residual
 * stream that a watch sees at any layer, were the last one: final norm, then head.
 * Within a pass, only for batches without backward. */
void head_lens(struct head *h, const struct model *m, struct activations *a,
	const struct batch *b, const float *x);

/* Adds the gradient of the whole model to the buffer g (m's layout). */
void head_backward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b, struct weights *g);

/* The hidden states (R,C) that model_forward left. */
const float *model_hidden(const struct activations *a);

/* Log-probabilities of the batch's targets: see model_score, model_backward. */
struct language_head {
	struct head head;
	float *logprob, *entropy;	/* (B,T); entropy may be NULL; backward
					 * does not fill it */
	const float *weight, *entropy_weight;	/* (B,T), for backward */

	/* What else forward computes, for ids below `usable`; all may be NULL
	 * or 0. See logits_rank and logits_best. */
	size_t usable;
	int32_t *rank;			/* (B,T) */
	size_t top;
	struct logit *best;		/* (B,T,top) */
};
extern const struct head_kind head_language;

/* One number per token, as in reward models: a linear map width -> 1 owned by
 * the caller, without logits. A loss may use only some tokens: d_value of the
 * others is then 0. */
struct scalar_head {
	struct head head;
	const struct linear *map;
	struct linear *gradient;	/* of map, accumulated */
	float *value;			/* (B,T) */
	const float *d_value;		/* (B,T), for backward */
};
extern const struct head_kind head_scalar;

/* The hidden states themselves. */
struct hidden_head {
	struct head head;
	const float *d_hidden;		/* (R,C): gradient w.r.t. them */
};
extern const struct head_kind head_hidden;

#endif
