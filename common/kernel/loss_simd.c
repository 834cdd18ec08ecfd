/* loss_simd.c - softmax and cross-entropy in AVX2 and AVX-512: see
 * loss_plain.c
 *
 * Three passes over a row of logits, which fits in the level 2 cache: the
 * maximum, the sums, the result. Sums of exp are kept in fp32 lanes within a
 * block of logits and in double across blocks.
 */
#include "common/base/size.h"
#include "common/kernel/set.h"
#include "common/kernel/simd.h"

#define SUM_RUN 1024

static float largest(const float *x, size_t n)
{
	vf a = v_set(-INFINITY), b = a;
	size_t i;

	for (i = 0; i + 2 * W <= n; i += 2 * W) {
		a = v_max(a, v_load(x + i));
		b = v_max(b, v_load(x + i + W));
	}
	for (; i + W <= n; i += W)
		a = v_max(a, v_load(x + i));
	if (i < n)
		a = v_max(a, v_first(n - i, v_load_part(x + i, n - i), a));
	return v_largest(v_max(a, b));
}

/* e = exp(x - max) for n <= W floats; 0 in the other lanes. */
FORCE_INLINE vf exp_of(const float *x, size_t n, vf max)
{
	if (n >= W)
		return v_exp(v_load(x) - max);
	return v_first(n, v_exp(v_load_part(x, n) - max), v_set(0));
}

/* LANES weights, or n if that is less. */
FORCE_INLINE void weigh_lanes(struct lanes *sum, float *w, const float *x, size_t n,
	vf max, vf inverse)
{
	size_t k;

#pragma GCC unroll 2
	for (k = 0; k < LANES && k < n; k += W) {
		vf e = v_exp((v_load_most(x + k, n - k) - max) * inverse);

		if (n - k < W)
			e = v_first(n - k, e, v_set(0));
		sum->v[k / W] = sum->v[k / W] + e;
		if (w)
			v_store_most(w + k, e, n - k);
	}
}

static double weigh(float *w, const float *x, size_t n, float max, float inverse)
{
	vf m = v_set(max), by = v_set(inverse);
	struct lanes sum = lanes_zero();
	size_t i;

	for (i = 0; i + LANES <= n; i += LANES)
		weigh_lanes(&sum, w ? w + i : NULL, x + i, LANES, m, by);
	weigh_lanes(&sum, w ? w + i : NULL, x + i, n - i, m, by);
	return lanes_sum(sum);
}

/* The sum of all weights at temperature 1; stores them in out unless it is NULL. */
static double weigh_all(float *out, const float *x, size_t n, float max)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i += LOGITS_BLOCK)
		sum += weigh(out ? out + i : NULL, x + i,
			size_min(LOGITS_BLOCK, n - i), max, 1);
	return sum;
}

/* The sum of exp(x - max) (x - max); minus infinity contributes nothing. */
static double sum_exp_x(const float *x, size_t n, float max)
{
	vf m = v_set(max);
	double sum = 0;
	size_t i = 0, end;

	while (i < n) {
		vf s = v_set(0);

		end = n - i < SUM_RUN ? n : i + SUM_RUN;
		for (; i < end; i += W) {
			vf d = v_load_most(x + i, n - i) - m;
			vf e = exp_of(x + i, n - i, m);

			s = s + v_if_less(v_set(0), e, e * d, v_set(0));
		}
		sum += v_sum_double(s);
	}
	return sum;
}

static float cross_entropy_loop(float *x, size_t vocab, size_t target,
	const float *weight, float *entropy)
{
	float max = largest(x, vocab), at_target = x[target];
	double sum, sum_x = 0;
	vf by;
	size_t i;

	if (entropy)
		sum_x = sum_exp_x(x, vocab, max);
	sum = weigh_all(weight ? x : NULL, x, vocab, max);
	if (entropy)
		*entropy = (float)(log(sum) - sum_x / sum);
	by = v_set(weight ? (float)(*weight / sum) : 0);
	for (i = 0; weight && i < vocab; i += W)
		v_store_most(x + i, v_load_most(x + i, vocab - i) * by,
			vocab - i);
	if (weight)
		x[target] -= *weight;
	return logits_logprob(at_target, logits_norm(max, sum));
}

static void log_softmax_loop(float *x, size_t n)
{
	float max = largest(x, n);
	vf m = v_set(max), lse = v_set((float)log(weigh_all(NULL, x, n, max)));
	size_t i;

	for (i = 0; i < n; i += W)
		v_store_most(x + i, v_load_most(x + i, n - i) - m - lse,
			n - i);
}

const struct loss_set ISA_TABLE(loss) = {
	cross_entropy_loop,
	log_softmax_loop,
	weigh,
};
