/* norm_simd.c - LayerNorm and RMSNorm in AVX2 and AVX-512: see norm_plain.c
 *
 * Each step rereads the row, a few KiB, from the level 1 cache.
 */
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

/* Adds x (n), or (x - mean)^2, to the lanes in order; n <= LANES. */
FORCE_INLINE void add_row(struct lanes *s, const float *x, size_t n)
{
	size_t k;

#pragma GCC unroll 2
	for (k = 0; k < LANES && k < n; k += W)
		s->v[k / W] = s->v[k / W] + v_load_most(x + k, n - k);
}

FORCE_INLINE void add_squares(struct lanes *s, const float *x, vf mean, size_t n)
{
	size_t k;

#pragma GCC unroll 2
	for (k = 0; k < LANES && k < n; k += W) {
		vf p = v_load_most(x + k, n - k) - mean;

		if (n - k < W)
			p = v_first(n - k, p, v_set(0));
		s->v[k / W] = v_fma(p, p, s->v[k / W]);
	}
}

/* The sum of x, or of (x - mean)^2, in two independent chains. */
static double row_sum(const float *x, size_t n)
{
	struct lanes a = lanes_zero(), b = a;
	size_t i;

	for (i = 0; i + 2 * LANES <= n; i += 2 * LANES) {
		add_row(&a, x + i, LANES);
		add_row(&b, x + i + LANES, LANES);
	}
	for (; i + LANES <= n; i += LANES)
		add_row(&a, x + i, LANES);
	add_row(&a, x + i, n - i);
	return lanes_sum(a) + lanes_sum(b);
}

static double row_squares(const float *x, float mean, size_t n)
{
	struct lanes a = lanes_zero(), b = a;
	vf m = v_set(mean);
	size_t i;

	for (i = 0; i + 2 * LANES <= n; i += 2 * LANES) {
		add_squares(&a, x + i, m, LANES);
		add_squares(&b, x + i + LANES, m, LANES);
	}
	for (; i + LANES <= n; i += LANES)
		add_squares(&a, x + i, m, LANES);
	add_squares(&a, x + i, m, n - i);
	return lanes_sum(a) + lanes_sum(b);
}

static void layernorm_loop(struct values_out out, float *mean, float *rstd,
	const float *x, const float *w, const float *b, size_t rows, size_t n,
	float eps)
{
	size_t r, i;

	for (r = 0; r < rows; r++, x += n) {
		float m = (float)(row_sum(x, n) / (double)n);
		double var = row_squares(x, m, n) / (double)n;
		float s = (float)(1 / sqrt(var + eps));
		vf vm = v_set(m), vs = v_set(s);

		for (i = 0; i < n; i += W) {
			vf y = (v_load_most(x + i, n - i) - vm) * vs;

			store_most(out, r * n + i, v_fma(y,
				v_load_most(w + i, n - i),
				v_load_most(b + i, n - i)), n - i);
		}
		if (mean)
			mean[r] = m;
		if (rstd)
			rstd[r] = s;
	}
}

static void layernorm_backward_row(float *d_x, float *d_w, float *d_b,
	const float *d_out, const float *x, const float *w, float mean,
	float rstd, size_t n)
{
	vf g_sum = v_set(0), gy_sum = v_set(0);
	vf vm = v_set(mean), vs = v_set(rstd), g_mean, gy_mean;
	size_t i;

	for (i = 0; i < n; i += W) {
		vf d = v_load_most(d_out + i, n - i);
		vf y = (v_load_most(x + i, n - i) - vm) * vs;
		vf g = v_load_most(w + i, n - i) * d;

		g_sum = g_sum + g;
		gy_sum = v_fma(g, y, gy_sum);
		v_store_most(d_w + i,
			v_fma(d, y, v_load_most(d_w + i, n - i)), n - i);
		v_store_most(d_b + i, v_load_most(d_b + i, n - i) + d, n - i);
	}
	g_mean = v_set((float)(v_sum_double(g_sum) / (double)n));
	gy_mean = v_set((float)(v_sum_double(gy_sum) / (double)n));
	for (i = 0; i < n; i += W) {
		vf d = v_load_most(d_out + i, n - i);
		vf y = (v_load_most(x + i, n - i) - vm) * vs;
		vf g = v_load_most(w + i, n - i) * d - g_mean;
		vf was = v_load_most(d_x + i, n - i);

		v_store_most(d_x + i,
			v_fma(vs, v_fnma(y, gy_mean, g), was), n - i);
	}
}

static void layernorm_backward_loop(float *d_x, float *d_w, float *d_b,
	const float *d_out, const float *x, const float *w, const float *mean,
	const float *rstd, size_t rows, size_t n)
{
	size_t r;

	for (r = 0; r < rows; r++)
		layernorm_backward_row(d_x + r * n, d_w, d_b, d_out + r * n,
			x + r * n, w, mean[r], rstd[r], n);
}

static void rmsnorm_loop(struct values_out out, float *rstd, const float *x,
	const float *w, size_t rows, size_t n, float eps)
{
	size_t r, i;

	for (r = 0; r < rows; r++, x += n) {
		double mean = row_squares(x, 0, n) / (double)n;
		float s = (float)(1 / sqrt(mean + eps));
		vf vs = v_set(s);

		for (i = 0; i < n; i += W)
			store_most(out, r * n + i, v_load_most(x + i, n - i) * vs *
				v_load_most(w + i, n - i), n - i);
		if (rstd)
			rstd[r] = s;
	}
}

static void rmsnorm_backward_row(float *d_x, float *d_w, const float *d_out,
	const float *x, const float *w, float rstd, size_t n)
{
	vf gy_sum = v_set(0), vs = v_set(rstd), gy_mean;
	size_t i;

	for (i = 0; i < n; i += W) {
		vf d = v_load_most(d_out + i, n - i);
		vf y = v_load_most(x + i, n - i) * vs;

		gy_sum = v_fma(v_load_most(w + i, n - i) * d, y, gy_sum);
		v_store_most(d_w + i,
			v_fma(d, y, v_load_most(d_w + i, n - i)), n - i);
	}
	gy_mean = v_set((float)(v_sum_double(gy_sum) / (double)n));
	for (i = 0; i < n; i += W) {
		vf g = v_load_most(w + i, n - i) *
			v_load_most(d_out + i, n - i);
		vf y = v_load_most(x + i, n - i) * vs;
		vf was = v_load_most(d_x + i, n - i);

		v_store_most(d_x + i,
			v_fma(vs, v_fnma(y, gy_mean, g), was), n - i);
	}
}

static void rmsnorm_backward_loop(float *d_x, float *d_w, const float *d_out,
	const float *x, const float *w, const float *rstd, size_t rows,
	size_t n)
{
	size_t r;

	for (r = 0; r < rows; r++)
		rmsnorm_backward_row(d_x + r * n, d_w, d_out + r * n,
			x + r * n, w, rstd[r], n);
}

const struct norm_set ISA_TABLE(norm) = {
	layernorm_loop,
	layernorm_backward_loop,
	rmsnorm_loop,
	rmsnorm_backward_loop,
};
