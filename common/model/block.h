/* block.h - the blocks of a model, written once for training, scoring and
 * decoding
 *
 *	x -> norm1 -> qkv [-> norm of q, k] -> rotate -> attention -> out + x = middle
 *	  -> norm2 -> up -> activation -> down + middle = next x
 *
 * What parts a batch in training from tokens that are decoded is where keys
 * and values stand, and that is behind struct kv_store. R is the number of
 * tokens of a pass.
 */
#ifndef PIPELM_BLOCK_H
#define PIPELM_BLOCK_H

#include "common/model/model.h"

struct activations;

/* Keys and values of a pass; embedded in what knows where they are. */
struct kv_store {
	/* att (R, heads * head_size) = the attention of the pass's queries in
	 * a layer. qkv (R,[q|k|v]) is rotated; k and v are to be kept. lse
	 * (B,heads,T) as in attention_forward, or NULL. */
	void (*attend)(struct kv_store *s, size_t layer, float *att, float *lse,
		const float *qkv);

	/* d_qkv (R,[q|k|v]) from d_att; the rest as attend had it. NULL where
	 * nothing goes back. */
	void (*attend_backward)(struct kv_store *s, float *d_qkv,
		const float *d_att, const float *att, const float *lse,
		const float *qkv);
};

/* Embeds ids (R) at positions pos (R) and runs all blocks. R is at most what
 * a was made for. */
void blocks_forward(const struct model *m, struct activations *a,
	const int32_t *ids, const int32_t *pos, size_t rows,
	struct kv_store *kv);

/* The last norm of rows first..first+n-1 of that pass: the hidden states
 * (n,C), which a head takes. They live in a until the next pass. */
const float *blocks_hidden(const struct model *m, struct activations *a,
	size_t first, size_t n);

/* Back from d_hidden (R,C), the gradient by all hidden states: adds to g (m's
 * layout). d_hidden may be a->d_wide. */
void blocks_backward(const struct model *m, struct activations *a,
	const int32_t *ids, const int32_t *pos, size_t rows,
	const float *d_hidden, struct weights *g, struct kv_store *kv);

#endif
