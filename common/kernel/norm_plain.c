/* norm_plain.c - the definition of LayerNorm and RMSNorm: see norm.c */
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

#include <math.h>

static void layernorm_loop(struct values_out out, float *mean, float *rstd,
	const float *x, const float *w, const float *b, size_t rows, size_t n, float eps)
{
	size_t r, i;

	for (r = 0; r < rows; r++, x += n) {
		double m = 0, var = 0;
		float s;

		for (i = 0; i < n; i++)
			m += x[i];
		m /= (double)n;
		for (i = 0; i < n; i++)
			var += (x[i] - m) * (x[i] - m);
		s = (float)(1 / sqrt(var / (double)n + eps));
		for (i = 0; i < n; i++)
			put_number(out, r * n + i,
				(x[i] - (float)m) * s * w[i] + b[i]);
		if (mean)
			mean[r] = (float)m;
		if (rstd)
			rstd[r] = s;
	}
}

/* With y = (x - mean) rstd and g = w d_out:
 * d_x = rstd (g - mean(g) - y mean(g y)). */
static void layernorm_backward_loop(float *d_x, float *d_w, float *d_b,
	const float *d_out, const float *x, const float *w, const float *mean,
	const float *rstd, size_t rows, size_t n)
{
	size_t r, i;

	for (r = 0; r < rows; r++, x += n, d_x += n, d_out += n) {
		double g_mean = 0, gy_mean = 0;

		for (i = 0; i < n; i++) {
			float y = (x[i] - mean[r]) * rstd[r];

			g_mean += w[i] * d_out[i];
			gy_mean += w[i] * d_out[i] * y;
			d_w[i] += d_out[i] * y;
			d_b[i] += d_out[i];
		}
		g_mean /= (double)n, gy_mean /= (double)n;
		for (i = 0; i < n; i++) {
			float y = (x[i] - mean[r]) * rstd[r];

			d_x[i] += rstd[r] * (w[i] * d_out[i] - (float)g_mean -
				y * (float)gy_mean);
		}
	}
}

static void rmsnorm_loop(struct values_out out, float *rstd, const float *x,
	const float *w, size_t rows, size_t n, float eps)
{
	size_t r, i;

	for (r = 0; r < rows; r++, x += n) {
		double sum = 0;
		float s;

		for (i = 0; i < n; i++)
			sum += (double)x[i] * x[i];
		s = (float)(1 / sqrt(sum / (double)n + eps));
		for (i = 0; i < n; i++)
			put_number(out, r * n + i, x[i] * s * w[i]);
		if (rstd)
			rstd[r] = s;
	}
}

/* As above without the mean: d_x = rstd (g - y mean(g y)), y = x rstd. */
static void rmsnorm_backward_loop(float *d_x, float *d_w, const float *d_out,
	const float *x, const float *w, const float *rstd, size_t rows,
	size_t n)
{
	size_t r, i;

	for (r = 0; r < rows; r++, x += n, d_x += n, d_out += n) {
		double gy_mean = 0;

		for (i = 0; i < n; i++) {
			float y = x[i] * rstd[r];

			gy_mean += w[i] * d_out[i] * y;
			d_w[i] += d_out[i] * y;
		}
		gy_mean /= (double)n;
		for (i = 0; i < n; i++)
			d_x[i] += rstd[r] * (w[i] * d_out[i] -
				x[i] * rstd[r] * (float)gy_mean);
	}
}

const struct norm_set norm_c = {
	layernorm_loop,
	layernorm_backward_loop,
	rmsnorm_loop,
	rmsnorm_backward_loop,
};
