/* piece.h - pieces of a block that only block.c needs, and the backward halves
 * of those in model.h
 *
 * Private to common/model. d_x is the gradient of the loss with respect to x.
 * Gradients of parameters are accumulated.
 */
#ifndef PIPELM_MODEL_PIECE_H
#define PIPELM_MODEL_PIECE_H

#include "common/model/model.h"

/* Adds to d_x (rows,C) and to g. d_x may not overlap d_out. */
void norm_backward(const struct model_config *c, const struct norm *w,
	struct norm *g, float *d_x, const float *d_out, const float *x,
	const float *mean, const float *rstd, size_t rows);

/* Writes d_x (rows, l->in), or adds to it if add is d_x; adds to g. A packed map
 * is frozen: only its adapters have a gradient. */
void linear_backward(const struct linear *l, struct linear *g, float *d_x,
	struct values d_out, struct values x, size_t rows, const float *add);

/* RMSNorm of the heads of q and k in qkv, in place; stores what backward needs
 * in k. Does nothing without qk_norm. */
struct block_activations;
void qk_norm_forward(const struct model_config *c,
	const struct block_weights *w, struct block_activations *k,
	size_t rows);

/* Converts the gradient in d_qkv from that with respect to its result to that
 * with respect to q and k. */
void qk_norm_backward(const struct model_config *c,
	const struct block_weights *w, struct block_weights *g,
	const struct block_activations *k, float *d_qkv, size_t rows);

void model_rotate_back(const struct model *m, float *d_qkv,
	const int32_t *pos, size_t rows);

/* d_up (rows, up width) from d_act (rows, ffn); d_up may be up, in fp32. */
void mlp_activation_backward(const struct model_config *c, struct values_out d_up,
	const float *d_act, const float *up, size_t rows);

/* Writes d_x (rows,C) from d_logits (rows, stride) and x, the input of
 * model_logits; adds to g. */
void model_logits_backward(const struct model *m, struct weights *g, float *d_x,
	const float *d_logits, size_t stride, const float *x, size_t rows);

/* Adds to the embedding tables of g. */
void model_embed_backward(const struct model *m, struct weights *g,
	const float *d_x, const int32_t *ids, const int32_t *pos, size_t rows);

#endif
