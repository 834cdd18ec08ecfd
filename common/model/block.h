/* block.h - the blocks of a model, written once for training, scoring and
 * decoding
 *
 *	x -> norm1 -> qkv [-> norm of q, k] -> rotate -> attention -> out + x = middle
 *	  -> norm2 -> up -> activation -> down + middle = next x
 *
 * What distinguishes a training batch from decoding is where keys and values are
 * stored; struct kv_store hides that. R is the number of tokens of a pass.
 */
#ifndef PIPELM_BLOCK_H
#define PIPELM_BLOCK_H

#include "common/model/model.h"

struct activations;

/* Keys and values of a pass; embedded in a struct that knows their location. */
struct kv_store {
	/* att (R, heads * head_size) = the attention of the pass's queries in
	 * a layer. qkv (R,[q|k|v]) is rotated; k and v must be stored. lse
	 * (B,heads,T) as in attention_forward, or NULL. */
	void (*attend)(struct kv_store *s, size_t layer, float *att, float *lse,
		const float *qkv);

	/* d_qkv (R,[q|k|v]) from d_att; the other arguments as for attend. NULL
	 * without backward. */
	void (*attend_backward)(struct kv_store *s, float *d_qkv,
		const float *d_att, const float *att, const float *lse,
		const float *qkv);
};

/* Embeds ids (R) at positions pos (R) and runs all blocks. R is at most that for
 * which a was made. */
void blocks_forward(const struct model *m, struct activations *a,
	const int32_t *ids, const int32_t *pos, size_t rows,
	struct kv_store *kv);

/* Applies the final norm to rows first..first+n-1 of that pass, which gives the
 * hidden states (n,C), the input of a head. Valid until the next pass. */
const float *blocks_hidden(const struct model *m, struct activations *a,
	size_t first, size_t n);

/* The same for any n rows of it. */
const float *blocks_hidden_of(const struct model *m, struct activations *a,
	const size_t *row, size_t n);

/* Backward from d_hidden (R,C), the gradient with respect to all hidden states:
 * adds to g (with m's layout). d_hidden may be a->d_wide. */
void blocks_backward(const struct model *m, struct activations *a,
	const int32_t *ids, const int32_t *pos, size_t rows,
	const float *d_hidden, struct weights *g, struct kv_store *kv);

#endif
