/* headnorm.c - RMSNorm of heads within wider rows, in place: see kernel.h
 *
 * The heads of a token are adjacent, so the inner loops of norm.c treat them as
 * rows.
 */
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/set.h"

#include <string.h>

/* As in norm.c. */
#define BACKWARD_PARTS 64

struct headnorm {
	float *x;			/* or d_x */
	float *raw, *rstd;
	float *d_w, *d_out;		/* per part */
	const float *raw_was, *rstd_was, *w;
	size_t stride, heads, head_size;
	float eps;
};

static void forward_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct headnorm *p = ctx;
	size_t r, n = p->heads * p->head_size;

	for (r = begin; r < end; r++) {
		float *x = p->x + r * p->stride;

		if (p->raw)
			memcpy(p->raw + r * n, x, n * sizeof *x);
		kernel_set()->norm->rmsnorm(to_floats(x),
			p->rstd ? p->rstd + r * p->heads : NULL, x, p->w,
			p->heads, p->head_size, p->eps);
	}
}

void headnorm_forward(float *x, float *raw, float *rstd, const float *w,
	size_t rows, size_t stride, size_t heads, size_t head_size, float eps)
{
	struct headnorm p = { .x = x, .raw = raw, .rstd = rstd, .w = w,
		.stride = stride, .heads = heads, .head_size = head_size,
		.eps = eps };

	rows_each(rows, rows_step(heads * head_size), forward_part, &p);
}

static void backward_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct headnorm *p = ctx;
	size_t r, n = p->heads * p->head_size;
	float *d_w = p->d_w + part * p->head_size, *d_out = p->d_out + part * n;

	memset(d_w, 0, p->head_size * sizeof *d_w);
	for (r = begin; r < end; r++) {
		float *d_x = p->x + r * p->stride;

		memcpy(d_out, d_x, n * sizeof *d_x);
		memset(d_x, 0, n * sizeof *d_x);
		kernel_set()->norm->rmsnorm_backward(d_x, d_w, d_out,
			p->raw_was + r * n, p->w, p->rstd_was + r * p->heads,
			p->heads, p->head_size);
	}
}

void headnorm_backward(float *d_x, float *d_w, const float *raw,
	const float *w, const float *rstd, size_t rows, size_t stride,
	size_t heads, size_t head_size)
{
	size_t step = rows / BACKWARD_PARTS + 1;
	size_t parts = (rows + step - 1) / step, n = heads * head_size;
	float *sums = scratch_shared(parts * (head_size + n));
	struct headnorm p = { .x = d_x, .d_w = sums,
		.d_out = sums + parts * head_size, .raw_was = raw,
		.rstd_was = rstd, .w = w, .stride = stride, .heads = heads,
		.head_size = head_size };

	rows_each(rows, step, backward_part, &p);
	if (d_w)
		bias_backward(d_w, floats(p.d_w), parts, head_size, head_size);
}
