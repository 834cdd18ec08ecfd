/* forward.c - the blocks of a model, forward and backward side by side
 *
 *	x -> norm1 -> qkv -> rotate -> attention -> out + x = middle
 *	  -> norm2 -> up -> activation -> down + middle = next x
 *
 * Backward walks the same line from the right; d_x is the gradient of the
 * residual stream, to which both branches add.
 */
#include "common/model/forward.h"

#include <math.h>

#include "common/kernel/kernel.h"
#include "common/model/activations.h"
#include "common/model/piece.h"

static size_t tokens(const struct batch *b)
{
	return b->rows * b->time;
}

/* The batch gives positions, or the plan has 0 .. T-1 for rows of its T;
 * a shorter batch needs its own. */
static const int32_t *positions(struct activations *a, const struct batch *b)
{
	size_t i;

	if (b->pos)
		return b->pos;
	for (i = 0; i < tokens(b); i++)
		a->pos[i] = (int32_t)(i % b->time);
	return a->pos;
}

/* ---- attention ---- */

static struct attention attention_shape(const struct model_config *c,
	const struct batch *b)
{
	return (struct attention) {
		.batch = b->rows,
		.time = b->time,
		.heads = c->heads,
		.kv_heads = c->kv_heads,
		.head_size = c->head_size,
		.q_stride = model_qkv_width(c),
		.kv_stride = model_qkv_width(c),
		.out_stride = c->heads * c->head_size,
		.scale = (float)(1 / sqrt((double)c->head_size)),
		.start = b->start
	};
}

static void attend(const struct model *m, const struct batch *b,
	struct block_activations *k, bool backward)
{
	const struct model_config *c = &m->config;
	struct attention s = attention_shape(c, b);
	const float *keys = k->qkv + c->heads * c->head_size;

	attention_forward(&s, k->att, backward ? k->lse : NULL, k->qkv, keys,
		keys + c->kv_heads * c->head_size);
}

static void attend_backward(const struct model *m, const struct batch *b,
	const struct block_activations *k, float *d_qkv, const float *d_att)
{
	const struct model_config *c = &m->config;
	struct attention s = attention_shape(c, b);
	size_t q = c->heads * c->head_size, kv = c->kv_heads * c->head_size;

	attention_backward(&s, d_qkv, d_qkv + q, d_qkv + q + kv, d_att,
		k->att, k->lse, k->qkv, k->qkv + q, k->qkv + q + kv);
}

/* ---- a block ---- */

/* next (R,C): where the residual stream goes on. */
static void block_forward(const struct model *m, const struct block_weights *w,
	struct block_activations *k, const struct batch *b, const int32_t *pos,
	float *next, bool backward)
{
	const struct model_config *c = &m->config;
	size_t r = tokens(b);

	norm_forward(c, &w->norm1, k->norm1, k->mean1, k->rstd1, k->x, r);
	linear_forward(&w->qkv, k->qkv, k->norm1, r, NULL);
	model_rotate(m, k->qkv, pos, r);
	attend(m, b, k, backward);
	linear_forward(&w->out, k->middle, k->att, r, k->x);

	norm_forward(c, &w->norm2, k->norm2, k->mean2, k->rstd2, k->middle, r);
	linear_forward(&w->up, k->up, k->norm2, r, NULL);
	mlp_activation(c, k->act, k->up, r);
	linear_forward(&w->down, next, k->act, r, k->middle);
}

static void block_backward(const struct model *m, const struct block_weights *w,
	struct block_weights *g, const struct block_activations *k,
	const struct batch *b, const int32_t *pos, struct activations *a)
{
	const struct model_config *c = &m->config;
	size_t r = tokens(b);
	/* SwiGLU's gradient replaces its input, GELU's its output's. */
	float *d_up = c->mlp == MLP_SWIGLU ? k->up : a->d_wide;
	float *d_norm = a->d_qkv, *d_qkv = a->d_qkv;

	linear_backward(&w->down, &g->down, a->d_wide, a->d_x, k->act, r,
		NULL);
	mlp_activation_backward(c, d_up, a->d_wide, k->up, r);
	linear_backward(&w->up, &g->up, d_norm, d_up, k->norm2, r, NULL);
	norm_backward(c, &w->norm2, &g->norm2, a->d_x, d_norm, k->middle,
		k->mean2, k->rstd2, r);

	linear_backward(&w->out, &g->out, a->d_wide, a->d_x, k->att, r, NULL);
	attend_backward(m, b, k, d_qkv, a->d_wide);
	model_rotate_back(m, d_qkv, pos, r);
	linear_backward(&w->qkv, &g->qkv, a->d_wide, d_qkv, k->norm1, r, NULL);
	norm_backward(c, &w->norm1, &g->norm1, a->d_x, a->d_wide, k->x,
		k->mean1, k->rstd1, r);
}

/* ---- all of them ---- */

void model_forward(const struct model *m, struct activations *a,
	const struct batch *b)
{
	const struct model_config *c = &m->config;
	const int32_t *pos = positions(a, b);
	size_t i;

	model_embed(m, a->blocks[0].x, b->ids, pos, tokens(b));
	for (i = 0; i < c->layers; i++) {
		float *next = i + 1 < c->layers ? a->blocks[i + 1].x : a->x;

		block_forward(m, &m->weights.blocks[i], &a->blocks[i], b, pos,
			next, a->backward);
	}
	norm_forward(c, &m->weights.norm, a->norm, a->mean, a->rstd, a->x,
		tokens(b));
}

void model_score(const struct model *m, struct activations *a,
	const struct batch *b, float *logprob, float *entropy)
{
	head_score(m, a, b, logprob, entropy);
}

void model_backward(const struct model *m, struct activations *a,
	const struct batch *b, const float *weight, const float *entropy_weight,
	struct weights *gradient, float *logprob)
{
	const struct model_config *c = &m->config;
	const int32_t *pos = positions(a, b);
	size_t i = c->layers, r = tokens(b);

	head_backward(m, a, b, weight, entropy_weight, &gradient->head,
		a->d_wide, logprob);
	vec_zero(a->d_x, r * c->width);
	norm_backward(c, &m->weights.norm, &gradient->norm, a->d_x, a->d_wide,
		a->x, a->mean, a->rstd, r);
	while (i-- > 0)
		block_backward(m, &m->weights.blocks[i], &gradient->blocks[i],
			&a->blocks[i], b, pos, a);
	model_embed_backward(m, gradient, a->d_x, b->ids, pos, r);
}
