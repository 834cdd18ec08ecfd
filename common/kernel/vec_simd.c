/* vec_simd.c - the vector loops in AVX2 and AVX-512: see vec_plain.c */
#include "common/kernel/moments.h"
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

/* Floats summed in fp32 lanes before they are added to a double: few enough
 * that their rounding error is below that of one float. */
#define SUM_RUN 256

static double sum_squares(const float *x, size_t n)
{
	double sum = 0;
	size_t i, end;

	for (i = 0; i < n;) {
		vf a = v_set(0), b = v_set(0);

		end = n - i < SUM_RUN ? n : i + SUM_RUN;
		for (; i + 2 * W <= end; i += 2 * W) {
			vf p = v_load(x + i), q = v_load(x + i + W);

			a = v_fma(p, p, a);
			b = v_fma(q, q, b);
		}
		for (; i < end; i += W) {
			vf p = v_load_most(x + i, end - i);

			a = v_fma(p, p, a);
		}
		i = end;
		sum += v_sum_double(a) + v_sum_double(b);
	}
	return sum;
}

/* x - x is 0 for a finite number, NaN otherwise. */
static bool all_finite(const float *x, size_t n)
{
	vf bad = v_set(0);
	size_t i;

	for (i = 0; i < n; i += W) {
		vf p = v_load_most(x + i, n - i);

		bad = bad + (p - p);
	}
	return v_sum(bad) == 0;
}

static void scale(float *x, float a, size_t n)
{
	vf va = v_set(a);
	size_t i;

	for (i = 0; i + W <= n; i += W)
		v_store(x + i, v_load(x + i) * va);
	if (i < n)
		v_store_part(x + i, v_load_part(x + i, n - i) * va, n - i);
}

static void add(float *out, const float *x, const float *y, size_t n)
{
	size_t i;

	for (i = 0; i + W <= n; i += W)
		v_store(out + i, v_load(x + i) + v_load(y + i));
	if (i < n)
		v_store_part(out + i, v_load_part(x + i, n - i) +
			v_load_part(y + i, n - i), n - i);
}

static void axpby(float *y, float a, const float *x, float b, size_t n)
{
	vf va = v_set(a), vb = v_set(b);
	size_t i;

	for (i = 0; i < n; i += W) {
		vf p = v_load_most(x + i, n - i), q = v_load_most(y + i, n - i);

		v_store_most(y + i, v_fma(va, p, vb * q), n - i);
	}
}

static void column_sums(float *sum, struct values x, size_t rows, size_t n,
	size_t stride)
{
	size_t i, r;

	for (i = 0; i < n; i += W) {
		vf s = v_set(0);

		for (r = 0; r < rows; r++)
			s = s + load_most(x, r * stride + i, n - i);
		v_store_most(sum + i, v_load_most(sum + i, n - i) + s, n - i);
	}
}

static void adamw(const struct adamw *o, float *p, float *m, float *v,
	const float *g, size_t n)
{
	vf step = v_set((float)(o->lr / (1 - pow(o->beta1, (double)o->step))));
	vf unbias = v_set(
		(float)(1 / sqrt(1 - pow(o->beta2, (double)o->step))));
	vf decay = v_set(1 - o->lr * o->weight_decay), eps = v_set(o->eps);
	vf beta1 = v_set(o->beta1), rest1 = v_set(1 - o->beta1);
	vf beta2 = v_set(o->beta2), rest2 = v_set(1 - o->beta2);
	vf grad_scale = v_set(o->grad_scale);
	size_t i;

	for (i = 0; i < n; i += W) {
		vf x = v_load_most(g + i, n - i) * grad_scale;
		vf first = v_fma(beta1, v_load_most(m + i, n - i), rest1 * x);
		vf second = v_fma(beta2, v_load_most(v + i, n - i), rest2 * x * x);
		vf root = v_fma(v_sqrt(second), unbias, eps);
		vf was = v_load_most(p + i, n - i);

		v_store_most(m + i, first, n - i);
		v_store_most(v + i, second, n - i);
		v_store_most(p + i, v_fma(decay, was, -(step * first / root)),
			n - i);
	}
}

static void widen(float *out, const uint16_t *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t u = (uint32_t)x[i] << 16;

		memcpy(out + i, &u, sizeof u);
	}
}

static void narrow(uint16_t *out, const float *x, size_t n, uint32_t seed,
	uint32_t index, int upper)
{
	moments_narrow_loop(out, x, n, seed, index, upper);
}

const struct vec_set ISA_TABLE(vec) = {
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
