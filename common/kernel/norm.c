/* norm.c - LayerNorm and RMSNorm on all threads: see kernel.h
 *
 * The gradients of the weights are sums over all rows: each part of the rows
 * sums into its own row, and these are added in order at the end.
 */
#include "common/kernel/numbers.h"
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/set.h"

#include <string.h>

/* Parts of a backward pass: enough for several threads, few enough that adding
 * them costs almost nothing. */
#define BACKWARD_PARTS 64

struct norm {
	struct values_out out;		/* forward */
	float *mean, *rstd;
	float *d_x, *d_w, *d_b;		/* backward; d_w, d_b: per part */
	const float *d_out, *x, *w, *b, *mean_was, *rstd_was;
	size_t n;
	float eps;
};

static float *at(float *p, size_t i)
{
	return p ? p + i : NULL;
}

static void layernorm_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct norm *p = ctx;
	size_t i = begin * p->n;

	kernel_set()->norm->layernorm(values_out_at(p->out, i), at(p->mean, begin),
		at(p->rstd, begin), p->x + i, p->w, p->b, end - begin, p->n,
		p->eps);
}

void layernorm_forward(struct values_out out, float *mean, float *rstd, const float *x,
	const float *w, const float *b, size_t rows, size_t n, float eps)
{
	struct norm p = { .out = out, .mean = mean, .rstd = rstd, .x = x,
		.w = w, .b = b, .n = n, .eps = eps };

	rows_each(rows, rows_step(n), layernorm_part, &p);
}

static void rmsnorm_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct norm *p = ctx;
	size_t i = begin * p->n;

	kernel_set()->norm->rmsnorm(values_out_at(p->out, i), at(p->rstd, begin), p->x + i,
		p->w, end - begin, p->n, p->eps);
}

void rmsnorm_forward(struct values_out out, float *rstd, const float *x,
	const float *w, size_t rows, size_t n, float eps)
{
	struct norm p = { .out = out, .rstd = rstd, .x = x, .w = w, .n = n,
		.eps = eps };

	rows_each(rows, rows_step(n), rmsnorm_part, &p);
}

/* The weights of a frozen norm have no gradient. */
static void add_sums(float *d_w, const float *sums, size_t parts, size_t n)
{
	if (d_w)
		bias_backward(d_w, floats(sums), parts, n, n);
}

static void layernorm_backward_part(void *ctx, size_t begin, size_t end,
	size_t part)
{
	const struct norm *p = ctx;
	size_t i = begin * p->n, w = part * p->n;

	memset(p->d_w + w, 0, p->n * sizeof(float));
	memset(p->d_b + w, 0, p->n * sizeof(float));
	kernel_set()->norm->layernorm_backward(p->d_x + i, p->d_w + w,
		p->d_b + w, p->d_out + i, p->x + i, p->w, p->mean_was + begin,
		p->rstd_was + begin, end - begin, p->n);
}

void layernorm_backward(float *d_x, float *d_w, float *d_b,
	const float *d_out, const float *x, const float *w, const float *mean,
	const float *rstd, size_t rows, size_t n)
{
	size_t step = rows / BACKWARD_PARTS + 1;
	size_t parts = (rows + step - 1) / step;
	float *sums = scratch_shared(2 * parts * n);
	struct norm p = { .d_x = d_x, .d_w = sums, .d_b = sums + parts * n,
		.d_out = d_out, .x = x, .w = w, .mean_was = mean,
		.rstd_was = rstd, .n = n };

	rows_each(rows, step, layernorm_backward_part, &p);
	add_sums(d_w, p.d_w, parts, n);
	add_sums(d_b, p.d_b, parts, n);
}

static void rmsnorm_backward_part(void *ctx, size_t begin, size_t end,
	size_t part)
{
	const struct norm *p = ctx;
	size_t i = begin * p->n, w = part * p->n;

	memset(p->d_w + w, 0, p->n * sizeof(float));
	kernel_set()->norm->rmsnorm_backward(p->d_x + i, p->d_w + w,
		p->d_out + i, p->x + i, p->w, p->rstd_was + begin, end - begin,
		p->n);
}

void rmsnorm_backward(float *d_x, float *d_w, const float *d_out,
	const float *x, const float *w, const float *rstd, size_t rows,
	size_t n)
{
	size_t step = rows / BACKWARD_PARTS + 1;
	size_t parts = (rows + step - 1) / step;
	struct norm p = { .d_x = d_x, .d_w = scratch_shared(parts * n),
		.d_out = d_out, .x = x, .w = w, .rstd_was = rstd, .n = n };

	rows_each(rows, step, rmsnorm_backward_part, &p);
	add_sums(d_w, p.d_w, parts, n);
}
