/* panel.c - panels of packed weights, read by column: see panel.h */
#include "common/kernel/panel.h"

#include <string.h>

#include "common/format/half.h"

#define LINE 64
#define HALF (PANEL_BLOCK / 2)

size_t panel_bytes(enum dtype type, size_t cols, size_t k)
{
	return (panel_terms(panel_format(type), cols, k) + LINE - 1) / LINE *
		LINE;
}

/* ---- F16 and BF16 ---- */

bool panel_finite(const void *panel, size_t cols, size_t k)
{
	const uint32_t *words = panel;
	size_t n = (k + 1) / 2 * cols, i;
	bool bad = false;

	for (i = 0; i < n; i++)
		bad |= (words[i] & 0x7f80) == 0x7f80 ||
			(words[i] & 0x7f800000) == 0x7f800000;
	return !bad;
}

static void halves_column(float *out, enum dtype type, const void *panel,
	size_t cols, size_t j, size_t k)
{
	const uint16_t *x = panel;
	size_t l;

	for (l = 0; l < k; l++)
		dtype_row(type)->to_float(out + l,
			x + panel_half(type, cols, j, l), 1);
}

/* ---- blocks of integers ---- */

static float get_scale(struct panel_format f, const unsigned char *row,
	size_t j)
{
	float x;

	if (f.scale == 4)
		memcpy(&x, row + 4 * j, 4);
	else
		half_load_f16(&x, row + 2 * j, 1);
	return x;
}

/* Rows of a block: scales and minima, then numbers. */
static size_t scale_row(struct panel_format f, size_t cols, int row)
{
	return cols * (size_t)(f.scale * row);
}

static int get_number(struct panel_format f, const unsigned char *b,
	size_t cols, size_t j, size_t t)
{
	if (f.bits == 8)
		return b[4 * (t / 4 * cols + j) + t % 4] - f.zero;
	return (b[4 * (t / 8 * cols + j) + t % 4] >> t % 8 / 4 * 4 & 15) -
		f.zero;
}

void panel_part(struct quant_part *out, enum dtype type, const void *panel,
	size_t cols, size_t j, size_t i)
{
	const struct panel_format f = panel_format(type);
	const unsigned char *b = panel;
	size_t t;

	b += panel_terms(f, cols, i * PANEL_BLOCK);
	out->d[0] = get_scale(f, b, j);
	out->d[1] = get_scale(f, b + scale_row(f, cols, f.scales - 1), j);
	out->has_m = f.minimum;
	out->m = f.minimum ? get_scale(f, b + scale_row(f, cols, f.scales), j) :
		0;
	b += panel_scales(f, cols);
	for (t = 0; t < PANEL_BLOCK; t++)
		out->q[t] = (int8_t)get_number(f, b, cols, j, t);
}

static void blocks_column(float *out, enum dtype type, const void *panel,
	size_t cols, size_t j, size_t k)
{
	struct quant_part x;
	size_t l;

	for (l = 0; l < k; l++) {
		size_t t = l % PANEL_BLOCK;

		if (!t)
			panel_part(&x, type, panel, cols, j, l / PANEL_BLOCK);
		out[l] = x.d[t / HALF] * (float)x.q[t];
		if (x.has_m)
			out[l] += x.m;
	}
}

/* ---- both ---- */

void panel_column(float *out, enum dtype type, const void *panel, size_t cols,
	size_t j, size_t k)
{
	if (panel_format(type).bits == 16)
		halves_column(out, type, panel, cols, j, k);
	else
		blocks_column(out, type, panel, cols, j, k);
}
