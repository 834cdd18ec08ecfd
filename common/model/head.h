/* head.h - what is made of hidden states, and the way back
 *
 * A batch passes the blocks (model_forward) and leaves a hidden state a token.
 * A head makes something of them, and turns the gradient by that into the
 * gradient by the hidden states, from which the blocks go back:
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

#include "common/model/forward.h"

struct head;

struct head_kind {
	/* Fills what the head gives, from the hidden states in a. */
	void (*forward)(struct head *h, const struct model *m,
		struct activations *a, const struct batch *b);

	/* Writes d_hidden (R,C). Adds the gradient of m's own head, where that
	 * is part of it, to g. */
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

/* The gradient of the whole model, added to g (m's layout). */
void head_backward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b, struct weights *g);

/* The hidden states (R,C) that model_forward left. */
const float *model_hidden(const struct activations *a);

/* Log-probabilities of the batch's targets: see model_score, model_backward. */
struct language_head {
	struct head head;
	float *logprob, *entropy;	/* (B,T); entropy may be NULL, and is
					 * not filled by backward */
	const float *weight, *entropy_weight;	/* (B,T), for backward */
};
extern const struct head_kind head_language;

/* A number a token, as reward models have: a linear map width -> 1 of the
 * caller's, without logits. A loss may look at some tokens only: d_value of the
 * others is 0. */
struct scalar_head {
	struct head head;
	const struct linear *map;
	struct linear *gradient;	/* of map, added to */
	float *value;			/* (B,T) */
	const float *d_value;		/* (B,T), for backward */
};
extern const struct head_kind head_scalar;

/* The hidden states themselves. */
struct hidden_head {
	struct head head;
	const float *d_hidden;		/* (R,C): the gradient by them */
};
extern const struct head_kind head_hidden;

#endif
