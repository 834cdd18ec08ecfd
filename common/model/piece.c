/* piece.c - the pieces of a block, forward and backward side by side
 *
 * This file selects by the features of a configuration: norm, rotation,
 * activation. Everything above it is the same for all.
 */
#include "common/model/piece.h"

#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/activations.h"
#include "common/model/lora.h"

/* ---- embedding ---- */

void model_embed(const struct model *m, float *x, const int32_t *ids,
	const int32_t *pos, size_t rows)
{
	const struct weights *w = &m->weights;
	size_t n = m->config.width;

	if (w->embedding)
		embedding_forward(x, ids, w->embedding, rows, n, false);
	else
		packed_columns(x, w->head.packed, ids, rows);
	/* That of a head which is packed in bf16, from which decoding takes it. */
	if (m->config.tied && w->head.compute == COMPUTE_BF16)
		vec_round_bf16(x, rows * n);
	token_rows_embed(&w->rows, x, ids, rows, n);
	if (w->positions)
		embedding_forward(x, pos, w->positions, rows, n, true);
}

void model_embed_backward(const struct model *m, struct weights *g,
	const float *d_x, const int32_t *ids, const int32_t *pos, size_t rows)
{
	size_t n = m->config.width;

	if (g->embedding)
		embedding_backward(g->embedding, ids, d_x, rows, n);
	token_rows_embed_backward(&g->rows, d_x, ids, rows, n);
	if (g->positions)
		embedding_backward(g->positions, pos, d_x, rows, n);
}

/* ---- norm ---- */

void norm_forward(const struct model_config *c, const struct norm *w,
	struct values_out out, float *mean, float *rstd, const float *x, size_t rows)
{
	if (c->norm == NORM_LAYER)
		layernorm_forward(out, mean, rstd, x, w->w, w->b, rows,
			c->width, c->norm_eps);
	else
		rmsnorm_forward(out, rstd, x, w->w, rows, c->width,
			c->norm_eps);
}

void norm_backward(const struct model_config *c, const struct norm *w,
	struct norm *g, float *d_x, const float *d_out, const float *x,
	const float *mean, const float *rstd, size_t rows)
{
	if (c->norm == NORM_LAYER)
		layernorm_backward(d_x, g->w, g->b, d_out, x, w->w, mean, rstd,
			rows, c->width);
	else
		rmsnorm_backward(d_x, g->w, d_out, x, w->w, rstd, rows,
			c->width);
}

/* ---- linear ---- */

/* Without gaps, element (i,j) of the weight (in,out) is at i*in_step + j*out_step. */
static size_t in_step(const struct linear *l)
{
	return l->in_first ? l->out : 1;
}

static size_t out_step(const struct linear *l)
{
	return l->in_first ? 1 : l->in;
}

/* linear_forward without an adapter, into rows that are out_row apart. */
static void map(const struct linear *l, float *out, size_t out_row, struct values x,
	size_t rows, const float *add)
{
	struct matmul p = { .m = rows, .n = l->out, .k = l->in,
		.a = x.x, .a16 = x.half, .a_row = l->in, .a_col = 1,
		.b = l->w, .b_row = in_step(l), .b_col = out_step(l),
		.c = out, .c_row = out_row, .bias = l->b,
		.add = add, .add_row = out_row, .compute = l->compute };

	if (l->packed)
		matmul_packed(&p, l->packed);
	else
		matmul(&p);
}

void linear_forward(const struct linear *l, float *out, struct values x,
	size_t rows, const float *add)
{
	map(l, out, l->out, x, rows, add);
	if (l->lora)
		lora_forward(l, out, x.x, rows);
}

/* d_x (rows,in) = d_out (rows,out), whose rows are d_row apart, times the transposed
 * weight. */
static void input_backward(const struct linear *l, float *d_x,
	struct values d_out, size_t d_row, size_t rows, const float *add)
{
	struct matmul p = { .m = rows, .n = l->in, .k = l->out,
		.a = d_out.x, .a16 = d_out.half, .a_row = d_row, .a_col = 1,
		.b = l->w, .b_row = out_step(l), .b_col = in_step(l),
		.c = d_x, .c_row = l->in, .add = add, .add_row = l->in,
		.compute = l->compute };

	if (l->packed)
		matmul_packed_back(&p, l->packed);
	else
		matmul(&p);
}

/* Adds x^T d_out, or its transpose, to the gradient g->w (in,out), or replaces it. */
static void weight_backward(const struct linear *l, struct linear *g,
	struct values d_out, size_t d_row, struct values x, size_t rows)
{
	struct matmul p = { .m = l->in, .n = l->out, .k = rows,
		.a = x.x, .a16 = x.half, .a_row = 1, .a_col = l->in,
		.b = d_out.x, .b16 = d_out.half, .b_row = d_row, .b_col = 1,
		.compute = l->compute };

	if (!l->in_first)
		p = (struct matmul){ .m = l->out, .n = l->in, .k = rows,
			.a = d_out.x, .a16 = d_out.half, .a_row = 1,
			.a_col = d_row,
			.b = x.x, .b16 = x.half, .b_row = l->in, .b_col = 1,
			.compute = l->compute };
	p.c = g->w;
	p.add = g->fresh ? NULL : g->w;
	p.c_row = p.add_row = p.n;
	g->fresh = false;
	matmul(&p);
}

/* linear_backward without an adapter. */
static void map_backward(const struct linear *l, struct linear *g, float *d_x,
	struct values d_out, size_t d_row, struct values x, size_t rows, const float *add)
{
	input_backward(l, d_x, d_out, d_row, rows, add);
	if (!l->packed)	/* which is frozen */
		weight_backward(l, g, d_out, d_row, x, rows);
	if (g->b)
		bias_backward(g->b, d_out, rows, l->out, d_row);
}

void linear_backward(const struct linear *l, struct linear *g, float *d_x,
	struct values d_out, struct values x, size_t rows, const float *add)
{
	map_backward(l, g, d_x, d_out, l->out, x, rows, add);
	if (l->lora)
		lora_backward(l, g, d_x, d_out.x, x.x, rows);
}

void linear_settle(struct linear *g)
{
	if (g->fresh)
		vec_zero(g->w, g->in * g->out);
	g->fresh = false;
}

/* ---- norms of queries and keys ---- */

void qk_norm_forward(const struct model_config *c,
	const struct block_weights *w, struct block_activations *k,
	size_t rows)
{
	size_t n = model_qkv_width(c), q = c->heads * c->head_size;

	if (!c->qk_norm)
		return;
	headnorm_forward(k->qkv, k->q_raw, k->q_rstd, w->q_norm, rows, n,
		c->heads, c->head_size, c->norm_eps);
	headnorm_forward(k->qkv + q, k->k_raw, k->k_rstd, w->k_norm, rows, n,
		c->kv_heads, c->head_size, c->norm_eps);
}

void qk_norm_backward(const struct model_config *c,
	const struct block_weights *w, struct block_weights *g,
	const struct block_activations *k, float *d_qkv, size_t rows)
{
	size_t n = model_qkv_width(c), q = c->heads * c->head_size;

	if (!c->qk_norm)
		return;
	headnorm_backward(d_qkv, g->q_norm, k->q_raw, w->q_norm, k->q_rstd,
		rows, n, c->heads, c->head_size);
	headnorm_backward(d_qkv + q, g->k_norm, k->k_raw, w->k_norm, k->k_rstd,
		rows, n, c->kv_heads, c->head_size);
}

/* ---- rotation ---- */

void model_reach(const struct model *m, const int32_t *pos, size_t rows)
{
	const struct model_config *c = &m->config;
	struct model_angles *a = m->angles;
	size_t end = 0, i;

	if (!a)
		return;
	for (i = 0; i < rows; i++)
		end = size_max(end, (size_t)pos[i] + 1);
	if (end <= a->n)
		return;
	end = size_min(size_max(end, 2 * a->n), c->context);
	rope_table(a->table, a->n, end, c->head_size, a->frequency);
	a->n = end;
}

void model_rotate(const struct model *m, float *qkv, const int32_t *pos,
	size_t rows)
{
	const struct model_config *c = &m->config;

	if (m->angles)
		rope_forward(qkv, rows, model_qkv_width(c),
			c->heads + c->kv_heads, c->head_size,
			m->angles->table, pos, 1);
}

void model_rotate_back(const struct model *m, float *d_qkv,
	const int32_t *pos, size_t rows)
{
	const struct model_config *c = &m->config;

	if (m->angles)
		rope_backward(d_qkv, rows, model_qkv_width(c),
			c->heads + c->kv_heads, c->head_size,
			m->angles->table, pos, 1);
}

/* ---- MLP ---- */

void mlp_activation(const struct model_config *c, struct values_out act,
	const float *up, size_t rows)
{
	if (c->mlp == MLP_SWIGLU)
		swiglu_forward(act, up, rows, c->ffn);
	else
		gelu_forward(act, up, rows * c->ffn);
}

void mlp_activation_backward(const struct model_config *c, struct values_out d_up,
	const float *d_act, const float *up, size_t rows)
{
	if (c->mlp == MLP_SWIGLU)
		swiglu_backward(d_up, d_act, up, rows, c->ffn);
	else
		gelu_backward(d_up, d_act, up, rows * c->ffn);
}

/* ---- head ---- */

void model_logits(const struct model *m, float *logits, size_t stride,
	const float *x, size_t rows)
{
	map(&m->weights.head, logits, stride, floats(x), rows, NULL);
	token_rows_logits(&m->weights.rows, logits, x, rows, stride,
		m->config.width);
}

void model_logits_backward(const struct model *m, struct weights *g, float *d_x,
	const float *d_logits, size_t stride, const float *x, size_t rows)
{
	map_backward(&m->weights.head, &g->head, d_x, floats(d_logits), stride, floats(x),
		rows, NULL);
	token_rows_logits_backward(&m->weights.rows, &g->rows, d_x, d_logits, x,
		rows, stride, m->config.width);
}
