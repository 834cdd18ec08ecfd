/* int8_plain.c - the definition of products in integers: see int8.h */
#include <math.h>
#include <string.h>

#include "common/kernel/int8.h"

#define HALF (PANEL_BLOCK / 2)

/* The largest magnitude; NaN if a number is NaN. */
static float largest(const float *a, size_t n)
{
	float most = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (isnan(a[i]))
			return a[i];
		if (fabsf(a[i]) > most)
			most = fabsf(a[i]);
	}
	return most;
}

/* Four terms in order are two words. */
static void round_block(struct int8_block *out, const float *a, size_t n,
	struct panel_format f)
{
	float most = largest(a, n);
	int16_t q[PANEL_BLOCK] = { 0 };
	int32_t sum[2] = { 0, 0 };
	size_t i;

	out->scale = isfinite(most) ? most / INT8_LARGEST : NAN;
	if (most < INT8_SMALLEST)
		out->scale = 0;
	for (i = 0; i < n && out->scale > 0; i++) {
		q[i] = (int16_t)lrintf(a[i] * (INT8_LARGEST / most));
		sum[f.scales == 1 ? 0 : i / HALF] += q[i];
	}
	memcpy(out->word, q, sizeof q);
	out->sum = out->scale * (float)(sum[0] + sum[1]);
	out->start[0] = -f.zero * sum[0];
	out->start[1] = -f.zero * sum[1];
}

static int32_t dot(const int8_t *w, const int16_t *a, size_t n)
{
	int32_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += w[i] * a[i];
	return sum;
}

/* The sum so far and that of a block, with weights w. */
static float add_block(float x, const struct int8_block *a,
	const struct quant_part *w, int scales)
{
	int16_t q[PANEL_BLOCK];
	size_t n = PANEL_BLOCK / (size_t)scales, i;

	memcpy(q, a->word, sizeof q);
	for (i = 0; i < PANEL_BLOCK; i += n)
		x = fmaf(w->d[i / HALF] * a->scale, (float)dot(w->q + i, q + i,
			n), x);
	return w->has_m ? fmaf(w->m, a->sum, x) : x;
}

static void tile(enum dtype type, size_t m, size_t n, size_t blocks,
	const struct int8_block *a, const void *panel, float *c, size_t c_row,
	const float *bias, const float *add, size_t add_row)
{
	const int scales = panel_format(type).scales;
	size_t i, j, l;

	for (j = 0; j < n; j++) {
		float x[INT8_ROWS] = { 0 };

		for (l = 0; l < blocks; l++) {
			struct quant_part w;

			panel_part(&w, type, panel, PANEL_PLAIN, j, l);
			for (i = 0; i < m; i++)
				x[i] = add_block(x[i], a + i * blocks + l, &w,
					scales);
		}
		for (i = 0; i < m; i++) {
			if (bias)
				x[i] += bias[j];
			if (add)
				x[i] += add[i * add_row + j];
			c[i * c_row + j] = x[i];
		}
	}
}

const struct int8_set int8_c = { round_block, tile };
