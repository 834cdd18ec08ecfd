/* block.c - the blocks of a model, forward and backward side by side: block.h
 *
 * Backward follows the diagram in block.h from right to left; d_x is the
 * gradient of the residual stream, to which both branches add.
 */
#include "common/model/block.h"

#include "common/kernel/kernel.h"
#include "common/model/activations.h"
#include "common/model/piece.h"

/* next (R,C): the residual stream after the block; NULL: only what comes before. */
static void block_forward(const struct model *m, size_t layer,
	struct activations *a, float *next, const int32_t *pos, size_t r,
	struct kv_store *kv)
{
	const struct model_config *c = &m->config;
	const struct block_weights *w = &m->weights.blocks[layer];
	struct block_activations *k = &a->blocks[layer];

	norm_forward(c, &w->norm1, k->norm1, k->mean1, k->rstd1, k->x, r);
	linear_forward(&w->qkv, k->qkv, written(k->norm1), r, NULL);
	qk_norm_forward(c, w, k, r);
	model_rotate(m, k->qkv, pos, r);
	kv->attend(kv, layer, k->att, a->keep == KEEP_NOTHING ? NULL : k->lse,
		k->qkv);
	if (a->watch)
		a->watch->layer(a->watch, layer, k->x, k->qkv);
	linear_forward(&w->out, k->middle, floats(k->att), r, k->x);

	norm_forward(c, &w->norm2, k->norm2, k->mean2, k->rstd2, k->middle, r);
	linear_forward(&w->up, k->up, written(k->norm2), r, NULL);
	mlp_activation(c, k->act, k->up, r);
	if (next)
		linear_forward(&w->down, next, written(k->act), r, k->middle);
}

/* Computes again what the forward pass has not kept. What the blocks share is still that
 * of the last one. */
static void block_again(const struct model *m, size_t layer,
	struct activations *a, const int32_t *pos, size_t r, struct kv_store *kv)
{
	const struct model_config *c = &m->config;
	const struct block_weights *w = &m->weights.blocks[layer];
	struct block_activations *k = &a->blocks[layer];

	if (a->keep == KEEP_ALL || layer + 1 == c->layers)
		return;
	if (a->keep == KEEP_INPUTS) {
		block_forward(m, layer, a, NULL, pos, r, kv);
		return;
	}
	norm_forward(c, &w->norm1, k->norm1, k->mean1, k->rstd1, k->x, r);
	norm_forward(c, &w->norm2, k->norm2, k->mean2, k->rstd2, k->middle, r);
	mlp_activation(c, k->act, k->up, r);
}

static void block_backward(const struct model *m, size_t layer,
	struct block_weights *g, struct activations *a, const int32_t *pos,
	size_t r, struct kv_store *kv)
{
	const struct model_config *c = &m->config;
	const struct block_weights *w = &m->weights.blocks[layer];
	const struct block_activations *k = &a->blocks[layer];
	/* In fp32, SwiGLU's gradient overwrites its input, GELU's that of its output. */
	struct values_out d_up = a->halves ? (struct values_out){ NULL, a->d_up } :
		to_floats(c->mlp == MLP_SWIGLU ? k->up : a->d_wide);
	float *d_norm = a->d_qkv, *d_qkv = a->d_qkv;

	linear_backward(&w->down, &g->down, a->d_wide, floats(a->d_x),
		written(k->act), r, NULL);
	mlp_activation_backward(c, d_up, a->d_wide, k->up, r);
	linear_backward(&w->up, &g->up, d_norm, written(d_up),
		written(k->norm2), r, NULL);
	norm_backward(c, &w->norm2, &g->norm2, a->d_x, d_norm, k->middle,
		k->mean2, k->rstd2, r);

	linear_backward(&w->out, &g->out, a->d_wide, floats(a->d_x),
		floats(k->att), r, NULL);
	kv->attend_backward(kv, d_qkv, a->d_wide, k->att, k->lse, k->qkv);
	model_rotate_back(m, d_qkv, pos, r);
	qk_norm_backward(c, w, g, k, d_qkv, r);
	linear_backward(&w->qkv, &g->qkv, a->d_wide, floats(d_qkv),
		written(k->norm1), r, NULL);
	norm_backward(c, &w->norm1, &g->norm1, a->d_x, a->d_wide, k->x,
		k->mean1, k->rstd1, r);
}

/* ---- all blocks ---- */

void blocks_forward(const struct model *m, struct activations *a,
	const int32_t *ids, const int32_t *pos, size_t rows,
	struct kv_store *kv)
{
	size_t i, n = m->config.layers;

	model_reach(m, pos, rows);
	model_embed(m, a->blocks[0].x, ids, pos, rows);
	for (i = 0; i < n; i++)
		block_forward(m, i, a, i + 1 < n ? a->blocks[i + 1].x : a->x,
			pos, rows, kv);
	if (a->watch)
		a->watch->layer(a->watch, n, a->x, NULL);
}

/* The final norm of n rows of the pass, as rows of a->norm from the to-th on. */
static const float *final_norm(const struct model *m, struct activations *a,
	size_t to, size_t from, size_t n)
{
	size_t width = m->config.width;
	float *out = a->norm + to * width;

	norm_forward(&m->config, &m->weights.norm, to_floats(out), a->mean + to,
		a->rstd + to, a->x + from * width, n);
	return out;
}

const float *blocks_hidden(const struct model *m, struct activations *a,
	size_t first, size_t n)
{
	return final_norm(m, a, first, first, n);
}

const float *blocks_hidden_of(const struct model *m, struct activations *a,
	const size_t *row, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i += k) {
		for (k = 1; i + k < n && row[i + k] == row[i] + k; k++)
			;
		final_norm(m, a, i, row[i], k);
	}
	return a->norm;
}

static void tell_complete(const struct activations *a, size_t layer)
{
	if (a->backward)
		a->backward->complete(a->backward, layer);
}

void blocks_backward(const struct model *m, struct activations *a,
	const int32_t *ids, const int32_t *pos, size_t rows,
	const float *d_hidden, struct weights *g, struct kv_store *kv)
{
	const struct model_config *c = &m->config;
	size_t i = c->layers;

	vec_zero(a->d_x, rows * c->width);
	norm_backward(c, &m->weights.norm, &g->norm, a->d_x, d_hidden, a->x,
		a->mean, a->rstd, rows);
	tell_complete(a, i);
	while (i-- > 0) {
		block_again(m, i, a, pos, rows, kv);
		block_backward(m, i, &g->blocks[i], a, pos, rows, kv);
		tell_complete(a, i);
	}
	model_embed_backward(m, g, a->d_x, ids, pos, rows);
}
