/* vec.c - loops over vectors on all threads: see kernel.h */
#include "common/base/size.h"
#include "common/format/half.h"
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/set.h"

#include <string.h>

struct vec {
	float *out;
	const float *x;
	double *sums;
	size_t n;
	float a, b;
};

static void sum_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;

	p->sums[part] = kernel_set()->vec->sum_squares(p->x + begin,
		end - begin);
}

double vec_sum_squares(const float *x, size_t n)
{
	size_t i, parts = (n + PART_FLOATS - 1) / PART_FLOATS;
	struct vec p = { .x = x, .sums = (double *)scratch_shared(2 * parts) };
	double sum = 0;

	rows_each(n, PART_FLOATS, sum_part, &p);
	for (i = 0; i < parts; i++)
		sum += p.sums[i];
	return sum;
}

static void row_sum_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;
	size_t r;

	for (r = begin; r < end; r++)
		p->sums[r] = kernel_set()->vec->sum_squares(p->x + r * p->n,
			p->n);
}

void vec_row_sum_squares(double *out, const float *x, size_t rows, size_t n)
{
	struct vec p = { .sums = out, .x = x, .n = n };

	rows_each(rows, rows_step(n), row_sum_part, &p);
}

static void finite_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;

	p->sums[part] = kernel_set()->vec->finite(p->x + begin, end - begin);
}

bool vec_finite(const float *x, size_t n)
{
	size_t i, parts = (n + PART_FLOATS - 1) / PART_FLOATS;
	struct vec p = { .x = x, .sums = (double *)scratch_shared(2 * parts) };

	rows_each(n, PART_FLOATS, finite_part, &p);
	for (i = 0; i < parts && p.sums[i] > 0; i++)
		;
	return i == parts;
}

static void zero_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;

	memset(p->out + begin, 0, (end - begin) * sizeof *p->out);
}

void vec_zero(float *x, size_t n)
{
	struct vec p = { .out = x };

	rows_each(n, PART_FLOATS, zero_part, &p);
}

static void copy_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;

	memcpy(p->out + begin, p->x + begin, (end - begin) * sizeof *p->out);
}

void vec_copy(float *out, const float *x, size_t n)
{
	struct vec p = { .out = out, .x = x };

	rows_each(n, PART_FLOATS, copy_part, &p);
}

static void scale_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;

	kernel_set()->vec->scale(p->out + begin, p->a, end - begin);
}

void vec_scale(float *x, float a, size_t n)
{
	struct vec p = { .out = x, .a = a };

	rows_each(n, PART_FLOATS, scale_part, &p);
}

static void round_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;
	uint16_t words[256];
	size_t n;

	for (; begin < end; begin += n) {
		n = size_min(end - begin, sizeof words / sizeof *words);
		half_store_bf16(words, p->out + begin, n);
		half_load_bf16(p->out + begin, words, n);
	}
}

void vec_round_bf16(float *x, size_t n)
{
	struct vec p = { .out = x };

	rows_each(n, PART_FLOATS, round_part, &p);
}

static void axpby_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct vec *p = ctx;

	kernel_set()->vec->axpby(p->out + begin, p->a, p->x + begin, p->b,
		end - begin);
}

void vec_axpby(float *y, float a, const float *x, float b, size_t n)
{
	struct vec p = { .out = y, .a = a, .x = x, .b = b };

	rows_each(n, PART_FLOATS, axpby_part, &p);
}
