/* lora_linear.c - products with adapters, forward and backward: see lora.h
 *
 * z = s x A^T, (rows, parts * rank), is small beside x and is computed again in
 * backward.
 */
#include "common/base/size.h"
#include "common/model/lora.h"

/* Room for n floats, kept from call to call. */
static float *scratch(struct lora *l, size_t n)
{
	if (n > l->scratch_size) {
		kernel_free(l->scratch);
		l->scratch = kernel_alloc_raw(n);
		l->scratch_size = n;
	}
	return l->scratch;
}

static size_t width(const struct lora_linear *v)
{
	return v->parts * v->of->config.rank;
}

static void inner(const struct linear *l, float *z, const float *x, size_t rows)
{
	const struct lora_linear *v = l->lora;
	size_t n = width(v);

	matmul_nt(z, x, v->a, rows, n, l->in, NULL, NULL);
	vec_scale(z, v->of->scale, rows * n);
}

void lora_forward(const struct linear *l, float *out, const float *x,
	size_t rows)
{
	const struct lora_linear *v = l->lora;
	size_t rank = v->of->config.rank, n = width(v), i;
	float *z = scratch(v->of, rows * n);

	inner(l, z, x, rows);
	for (i = 0; i < v->parts; i++)
		matmul(&(struct matmul){ .m = rows, .n = v->part[i].n,
			.k = rank, .a = z + i * rank, .a_row = n, .a_col = 1,
			.b = v->part[i].b, .b_row = 1, .b_col = rank,
			.c = out + v->part[i].first, .c_row = l->out,
			.add = out + v->part[i].first, .add_row = l->out });
}

/* d_b (out,rank) += d_out^T z; d_z (rows,rank) = d_out B, which is still to be
 * scaled. */
static void part_backward(const struct lora_linear *v,
	const struct lora_linear *g, size_t i, size_t stride, const float *d_out,
	const float *z, float *d_z, size_t rows)
{
	const struct lora_part *p = &v->part[i];
	size_t rank = v->of->config.rank, n = width(v);

	matmul(&(struct matmul){ .m = p->n, .n = rank, .k = rows,
		.a = d_out + p->first, .a_row = 1, .a_col = stride,
		.b = z + i * rank, .b_row = n, .b_col = 1, .c = g->part[i].b,
		.c_row = rank, .add = g->part[i].b, .add_row = rank });
	matmul(&(struct matmul){ .m = rows, .n = rank, .k = p->n,
		.a = d_out + p->first, .a_row = stride, .a_col = 1, .b = p->b,
		.b_row = rank, .b_col = 1, .c = d_z + i * rank, .c_row = n });
}

void lora_backward(const struct linear *l, const struct linear *g, float *d_x,
	const float *d_out, const float *x, size_t rows)
{
	const struct lora_linear *v = l->lora;
	size_t n = width(v), i;
	float *z = scratch(v->of, 2 * rows * n), *d_z = z + rows * n;

	inner(l, z, x, rows);
	for (i = 0; i < v->parts; i++)
		part_backward(v, g->lora, i, l->out, d_out, z, d_z, rows);
	vec_scale(d_z, v->of->scale, rows * n);
	matmul_tn(g->lora->a, d_z, x, n, l->in, rows, g->lora->a);
	matmul_nn(d_x, d_z, v->a, rows, l->in, n, NULL, d_x);
}
