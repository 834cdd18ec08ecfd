/* forward.h - forward and backward pass of a whole batch
 *
 * A batch is (B,T) tokens. Rows may hold several documents: if `pos` restarts
 * at 0 with each and `start` says where it began, no token attends to another
 * document and results are those of each document alone. Rows shorter than T
 * are padded with any id and target -1.
 *
 *	model_forward(m, act, &batch);
 *	model_score(m, act, &batch, logprob, NULL);	 only if needed first
 *	model_backward(m, act, &batch, weight, NULL, gradient, logprob);
 *
 * The logits of all tokens are never in memory at once: the head runs over
 * chunks of rows, and only over rows that have a target.
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

/* What the forward pass of a block keeps for backward, which computes the rest again
 * (Chen et al. 2016): the same bits. */
enum keep {
	KEEP_NOTHING,		/* without backward: what forward itself needs */
	KEEP_ALL,
	KEEP_PRODUCTS,		/* not the outputs of norms and of the activation, up
				 * to a third of it: little time */
	KEEP_INPUTS		/* only the block's input: another forward pass */
};

/* The values that the forward pass of a batch of up to (rows, time) stores. */
struct activations;
struct activations *activations_new(const struct model *m, size_t rows,
	size_t time, enum keep keep);
void activations_free(struct activations *a);

/* Bytes of them, for decoding: without what heads need. */
size_t activations_bytes(const struct model_config *c, size_t rows);

/* The tokens whose logits are computed at once, whatever the number of rows. */
size_t logits_at_once(const struct model_config *c);

/* The floats from one row of those logits to the next: each begins a cache line. */
size_t logits_row(const struct model_config *c);

/* Runs all blocks and the final norm. The ids must have been checked. */
void model_forward(const struct model *m, struct activations *a,
	const struct batch *b);

/* Looks at a pass while it runs; embedded in a struct that knows what for. What
 * it is given is behind the kernel seam: it is looked at with functions of
 * kernel.h, head.h and below, and is valid only during the call. */
struct watch {
	/* x (R,C): the residual stream before a block, qkv (R,[q|k|v]) what it
	 * computed of that, rotated. Then, with layer = layers, the stream
	 * after the last block and qkv NULL. */
	void (*layer)(struct watch *w, size_t layer, const float *x,
		const float *qkv);
};
void model_forward_watched(const struct model *m, struct activations *a,
	const struct batch *b, struct watch *w);

/* prob (B,T,T), which the caller may read: how much each token (row) attends to
 * each (column) in one head, from a qkv of a watch. */
void batch_attention(const struct model *m, const struct batch *b, size_t head,
	const float *qkv, float *prob);

/* Is told while a backward pass completes the gradient: that of a layer's tensors once
 * it has been through the layer; first, with layer = layers, those of the final norm and
 * of a head of its own. What remains, the embeddings, is complete after the pass. */
struct backward_watch {
	void (*complete)(struct backward_watch *w, size_t layer);
};

/* From now on, w watches the backward passes of a; NULL: nobody. */
void activations_watch(struct activations *a, struct backward_watch *w);

/* logprob (B,T) of the targets, 0 if there is none; entropy (B,T) or NULL. */
void model_score(const struct model *m, struct activations *a,
	const struct batch *b, float *logprob, float *entropy);

/* Adds to gradient (m's layout) the gradient of
 *   sum over tokens of -weight * logprob(target) - entropy_weight * entropy
 * with weight (B,T), and entropy_weight (B,T) or NULL. logprob as above. */
void model_backward(const struct model *m, struct activations *a,
	const struct batch *b, const float *weight, const float *entropy_weight,
	struct weights *gradient, float *logprob);

#endif
