/* int8_plain.c - the definition of products in integers: see int8.h */
#include <math.h>
#include <string.h>

#include "common/kernel/int8.h"

#define HALF (PANEL_BLOCK / 2)

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
static void finish(struct int8_part *out, const int16_t *q, float scale,
	struct panel_format f)
{
	int32_t sum[2] = { 0, 0 };
	size_t i;

	for (i = 0; i < PANEL_BLOCK; i++)
		sum[f.scales == 1 ? 0 : i / HALF] += q[i];
	memcpy(out->word, q, PANEL_BLOCK * sizeof *q);
	out->scale = scale;
	out->sum = scale * (float)(sum[0] + sum[1]);
	out->start[0] = -f.zero * sum[0];
	out->start[1] = -f.zero * sum[1];
}

static void round_block(struct int8_part *out, struct int8_part *rest,
	const float *a, size_t n, float most, struct panel_format f, bool fine)
{
	int16_t q[PANEL_BLOCK] = { 0 }, upper[PANEL_BLOCK] = { 0 };
	float scale = isfinite(most) ? most / INT8_LARGEST : NAN;
	size_t i;

	if (most < INT8_SMALLEST)
		scale = 0;
	for (i = 0; i < n && scale > 0; i++) {
		q[i] = (int16_t)lrintf(a[i] * (INT8_LARGEST / most));
		if (fine)
			continue;
		/* The nearest, upwards from half way. */
		upper[i] = (int16_t)((q[i] + 64 + 256 * 128) / 128 - 256);
		q[i] = (int16_t)(q[i] - 128 * upper[i]);
	}
	if (!fine)
		finish(out, upper, 128 * scale, f);
	if (fine || rest)
		finish(fine ? out : rest, q, scale, f);
}

static int32_t dot(const int8_t *w, const int16_t *a, size_t n)
{
	int32_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += w[i] * a[i];
	return sum;
}

/* The sum so far and that of a part of a block, with weights w. */
static float add_part(float x, const struct int8_part *a,
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

static void tile(enum dtype type, size_t m, size_t n,
	const struct int8_rows *a, size_t i, const void *panel, float *c,
	size_t c_row, const float *bias, const float *add, size_t add_row)
{
	const int scales = panel_format(type).scales;
	size_t r, j, l;

	for (r = 0; r < m; r++) {
		const struct int8_part *part = a->part +
			2 * (i + r) * a->blocks;

		for (j = 0; j < n; j++) {
			float x = 0;

			for (l = 0; l < a->blocks + a->more[i + r]; l++) {
				struct quant_part w;

				panel_part(&w, type, panel, PANEL_PLAIN, j,
					part[l].block);
				x = add_part(x, &part[l], &w, scales);
			}
			if (bias)
				x += bias[j];
			if (add)
				x += add[r * add_row + j];
			c[r * c_row + j] = x;
		}
	}
}

const struct int8_set int8_c = {
	.rows = INT8_ROWS, .group = 1, .largest = largest, .round = round_block,
	.tile = tile
};
