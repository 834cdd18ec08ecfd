/* piece.h - the backward halves of the pieces in model.h, inside common/model
 *
 * d_x is the gradient of the loss by x. Gradients of parameters are added to.
 */
#ifndef PIPELM_MODEL_PIECE_H
#define PIPELM_MODEL_PIECE_H

#include "common/model/model.h"

/* Adds to d_x (rows,C) and to g. d_x may not overlap d_out. */
void norm_backward(const struct model_config *c, const struct norm *w,
	struct norm *g, float *d_x, const float *d_out, const float *x,
	const float *mean, const float *rstd, size_t rows);

/* Writes d_x (rows, l->in), or adds where add is d_x; adds to g. */
void linear_backward(const struct linear *l, struct linear *g, float *d_x,
	const float *d_out, const float *x, size_t rows, const float *add);

void model_rotate_back(const struct model *m, float *d_qkv,
	const int32_t *pos, size_t rows);

/* d_up (rows, up width) from d_act (rows, ffn); d_up may be up. */
void mlp_activation_backward(const struct model_config *c, float *d_up,
	const float *d_act, const float *up, size_t rows);

/* Adds to the tables of g. */
void model_embed_backward(const struct model *m, struct weights *g,
	const float *d_x, const int32_t *ids, const int32_t *pos, size_t rows);

#endif
