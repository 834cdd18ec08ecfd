/* activations.h - values that forward stores for backward
 *
 * Private to common/model.
 *
 * Planned once for the largest batch and allocated as one block of memory. R is
 * the number of tokens, B*T. What is not kept for backward, all layers share.
 */
#ifndef PIPELM_ACTIVATIONS_H
#define PIPELM_ACTIVATIONS_H

#include "common/model/forward.h"

struct block_activations {
	float *x;		/* (R,C) the residual stream at its input */
	float *mean1, *rstd1;	/* (R) */
	struct values_out norm1;	/* (R,C) */
	float *qkv;		/* (R,[q|k|v]) rotated */
	/* With qk_norm, for backward only: q and k before the norm. */
	float *q_raw, *k_raw;	/* (R, heads * head_size) of q, of k */
	float *q_rstd, *k_rstd;	/* (R, heads) */
	float *lse;		/* (B,heads,T) */
	float *att;		/* (R,heads*head_size) */
	float *middle;		/* (R,C) the residual stream after attention */
	float *mean2, *rstd2;	/* (R) */
	struct values_out norm2;	/* (R,C) */
	float *up;		/* (R,up width) */
	struct values_out act;	/* (R,ffn) */
};

struct activations {
	enum keep keep;
	bool halves;		/* what only products read is in bf16: norm1, norm2,
				 * act and d_up */
	struct watch *watch;	/* of the current pass; or NULL */
	struct backward_watch *backward;	/* or NULL */
	size_t rows, time;	/* the largest batch */
	struct block_activations *blocks;
	float *x;		/* (R,C) after the last block */
	float *mean, *rstd;	/* (R) */
	float *norm;		/* (R,C) the input of the head */
	/* Working memory of backward. */
	float *d_x;		/* (R,C) gradient of the residual stream */
	float *d_wide;		/* (R,max(C,ffn,heads*head_size)) */
	float *d_qkv;		/* (R,max([q|k|v],C)) */
	uint16_t *d_up;		/* (R,up width), or NULL */
	/* Working memory of the head, for a chunk of rows at a time, allocated
	 * at first use: decoding has none. */
	size_t chunk;		/* rows */
	float *logits;		/* (chunk,vocab), see logits_row */
	float *logprobs;	/* the same, only with entropy */
	float *gathered;	/* (chunk,C) */
	float *d_gathered;	/* (chunk,C) */
	int32_t *pos;		/* (R) if the batch has none */
	int32_t *pick;		/* (R) tokens with a target */
	float *memory;
};

/* Backward through the blocks of a batch, from the gradient with respect to all
 * hidden states: forward.c. */
void batch_backward(const struct model *m, struct activations *a,
	const struct batch *b, const float *d_hidden, struct weights *g);


#endif
