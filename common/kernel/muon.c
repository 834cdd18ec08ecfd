/* muon.c - the parts of Muon other than matrix products: see kernel.h */
#include "common/base/parallel.h"
#include "common/kernel/kernel.h"

#include <math.h>

#define BETA2 .9f		/* decay of NorMuon's second moment */

struct part {
	const struct muon_step *s;
	float *p, *m, *x;
	const float *g;
};

static void momentum_row(void *ctx, size_t r, int thread)
{
	const struct part *k = ctx;
	const struct muon_step *s = k->s;
	size_t c;

	for (c = 0; c < s->in; c++) {
		size_t at = r * s->row + c * s->col;
		float g = s->gain * k->g[at];

		k->m[at] = s->mu * k->m[at] + g;
		k->x[r * s->in + c] = s->mu * k->m[at] + g;
	}
}

void muon_momentum(const struct muon_step *s, float *m, float *x,
	const float *g)
{
	struct part k = { .s = s, .m = m, .x = x, .g = g };

	parallel_for(s->out, momentum_row, &k);
}

static void apply_row(void *ctx, size_t r, int thread)
{
	const struct part *k = ctx;
	const struct muon_step *s = k->s;
	size_t c;

	for (c = 0; c < s->in; c++) {
		float *w = &k->p[r * s->row + c * s->col];
		float x = k->x[r * s->in + c];

		*w -= s->lr * x + (x * *w > 0 ? s->decay * *w : 0);
	}
}

void muon_apply(const struct muon_step *s, float *p, float *x)
{
	struct part k = { .s = s, .p = p, .x = x };

	parallel_for(s->out, apply_row, &k);
}

void matrix_add_diagonal(float *x, float a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i * n + i] += a;
}

void muon_equilibrate(float *x, double *length, size_t rows, size_t cols)
{
	double mean = 0;
	size_t r, j;

	vec_row_sum_squares(length, x, rows, cols);
	for (r = 0; r < rows; r++)
		mean += sqrt(length[r]) / (double)rows;
	for (r = 0; r < rows; r++) {
		float scale = length[r] > 0 ?
			(float)(mean / sqrt(length[r])) : 0;

		for (j = 0; j < cols; j++)
			x[r * cols + j] *= scale;
	}
}

void muon_even_out(float *x, float *v, double *sum, size_t rows, size_t cols)
{
	bool tall = rows >= cols;
	size_t i, j, n = tall ? rows : cols, over = tall ? cols : rows;

	for (i = 0; i < n; i++)
		sum[i] = 0;
	for (i = 0; i < rows; i++)
		for (j = 0; j < cols; j++)
			sum[tall ? i : j] += (double)x[i * cols + j] *
				(double)x[i * cols + j];
	for (i = 0; i < n; i++) {
		v[i] = BETA2 * v[i] + (1 - BETA2) *
			(float)(sum[i] / (double)over);
		sum[i] = 1 / sqrt((double)v[i] + 1e-10);
	}
	for (i = 0; i < rows; i++)
		for (j = 0; j < cols; j++)
			x[i * cols + j] *= (float)sum[tall ? i : j];
}
