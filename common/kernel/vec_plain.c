/* vec_plain.c - the definition of the vector loops: see vec.c and optim.c */
#include "common/format/half.h"
#include "common/kernel/moments.h"
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

#include <math.h>

static double sum_squares(const float *x, size_t n)
{
	double s = 0;
	size_t i;

	for (i = 0; i < n; i++)
		s += (double)x[i] * x[i];
	return s;
}

static bool all_finite(const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n && isfinite(x[i]); i++)
		;
	return i == n;
}

static void scale(float *x, float a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] *= a;
}

static void add(float *out, const float *x, const float *y, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = x[i] + y[i];
}

static void axpby(float *y, float a, const float *x, float b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = a * x[i] + b * y[i];
}

static void column_sums(float *sum, struct values x, size_t rows, size_t n,
	size_t stride)
{
	size_t r, i;

	for (i = 0; i < n; i++) {
		double s = 0;

		for (r = 0; r < rows; r++)
			s += number(x, r * stride + i);
		sum[i] += (float)s;
	}
}

static void adamw(const struct adamw *o, float *p, float *m, float *v,
	const float *g, size_t n)
{
	float step = (float)(o->lr / (1 - pow(o->beta1, (double)o->step)));
	float unbias = (float)(1 / sqrt(1 - pow(o->beta2, (double)o->step)));
	float decay = 1 - o->lr * o->weight_decay;
	size_t i;

	for (i = 0; i < n; i++) {
		float x = g[i] * o->grad_scale;

		m[i] = o->beta1 * m[i] + (1 - o->beta1) * x;
		v[i] = o->beta2 * v[i] + (1 - o->beta2) * x * x;
		p[i] = decay * p[i] -
			step * m[i] / (sqrtf(v[i]) * unbias + o->eps);
	}
}

static void widen(float *out, const uint16_t *x, size_t n)
{
	half_load_bf16(out, x, n);
}

static void narrow(uint16_t *out, const float *x, size_t n, uint32_t seed,
	uint32_t index, int upper)
{
	moments_narrow_loop(out, x, n, seed, index, upper);
}

const struct vec_set vec_c = {
	sum_squares,
	all_finite,
	scale,
	add,
	axpby,
	column_sums,
	adamw,
	widen,
	narrow,
};
