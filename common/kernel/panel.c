/* panel.c - panels of packed weights, filled and read by column: see panel.h */
#include "common/kernel/panel.h"

#include <math.h>
#include <stdint.h>
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

/* Column 0 of term l of a panel, and how far apart those of the columns are. The
 * upper half of a word is its second one (little-endian). */
static uint16_t *halves(enum dtype type, const void *panel, size_t cols,
	size_t l)
{
	uint16_t *x = (uint16_t *)panel;

	return type == DTYPE_F16 ? x + l * cols :
		x + l / 2 * 2 * cols + (l % 2 ? 0 : 1);
}

static size_t apart(enum dtype type)
{
	return type == DTYPE_F16 ? 1 : 2;
}

/* out[i*stride] = number i*step of `from`, n of them; false if one is not finite:
 * all bits of its exponent are set. */
static bool put_halves(uint16_t *out, size_t stride, const void *from,
	size_t step, size_t n, enum dtype type)
{
	const unsigned exponent = type == DTYPE_F16 ? 0x7c00 : 0x7f80;
	const char *p = from;
	bool finite = true;
	size_t i;

	for (i = 0; i < n; i++) {
		uint16_t x;

		memcpy(&x, p + i * step * sizeof x, sizeof x);
		out[i * stride] = x;
		finite &= (x & exponent) != exponent;
	}
	return finite;
}

bool panel_put_term(enum dtype type, void *panel, size_t cols, size_t n,
	size_t l, const void *from)
{
	if (panel_format(type).pairs && l % 2 == 0)	/* perhaps the last */
		memset((uint16_t *)panel + l * cols, 0, n * sizeof(uint32_t));
	return put_halves(halves(type, panel, cols, l), apart(type), from, 1, n,
		type);
}

static bool put_halves_column(enum dtype type, void *panel, size_t cols,
	size_t j, size_t k, const void *from)
{
	uint16_t *even = halves(type, panel, cols, 0) + j * apart(type);
	uint16_t *odd = halves(type, panel, cols, 1) + j * apart(type);
	bool finite = put_halves(even, 2 * cols, from, 2, (k + 1) / 2, type);

	if (k % 2 && panel_format(type).pairs)
		odd[k / 2 * 2 * cols] = 0;
	return put_halves(odd, 2 * cols, (const char *)from + sizeof *odd, 2,
		k / 2, type) && finite;
}

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
	size_t l;

	for (l = 0; l < k; l++)
		dtype_row(type)->to_float(out + l, halves(type, panel, cols, l) +
			j * apart(type), 1);
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

/* The words of 4 bytes; bytes of 4 bits only are pairs of terms. zero is 0 or the
 * highest bit, so that adding it is flipping that bit. */
static void put_numbers(struct panel_format f, unsigned char *b, size_t cols,
	size_t j, const int8_t *q)
{
	const uint64_t flip = 0x0101010101010101 * (uint64_t)f.zero;
	uint32_t *to = (uint32_t *)(void *)b + j;
	size_t g;

	for (g = 0; g < PANEL_BLOCK / 8; g++) {
		uint64_t words;

		memcpy(&words, q + 8 * g, sizeof words);
		words ^= flip;
		if (f.bits == 8) {
			to[0] = (uint32_t)words;
			to[cols] = (uint32_t)(words >> 32);
			to += 2 * cols;
			continue;
		}
		words &= 0x0f0f0f0f0f0f0f0f;
		*to = (uint32_t)(words | words >> 28);
		to += cols;
	}
}

static int get_number(struct panel_format f, const unsigned char *b,
	size_t cols, size_t j, size_t t)
{
	if (f.bits == 8)
		return b[4 * (t / 4 * cols + j) + t % 4] - f.zero;
	return (b[4 * (t / 8 * cols + j) + t % 4] >> t % 8 / 4 * 4 & 15) -
		f.zero;
}

/* Types of 32 numbers: the scale and the minimum begin the file's block. */
static bool put_half_scales(struct panel_format f, unsigned char *b,
	size_t cols, size_t j, const unsigned char *from)
{
	uint16_t *to = (uint16_t *)b + j;

	return put_halves(to, cols, from, 1, f.minimum ? 2 : 1, DTYPE_F16);
}

static bool put_float_scales(struct panel_format f, unsigned char *b,
	size_t cols, size_t j, const struct quant_part *p)
{
	float *to = (float *)b + j;
	int s;

	for (s = 0; s < f.scales; s++)
		to[(size_t)s * cols] = p->d[s];
	if (f.minimum)
		to[(size_t)s * cols] = p->m;
	return isfinite(p->d[0]) && isfinite(p->d[1]) && isfinite(p->m);
}

static bool put_blocks(enum dtype type, unsigned char *b, size_t cols, size_t j,
	size_t k, const void *from)
{
	const struct panel_format f = panel_format(type);
	bool finite = true;
	size_t i;

	for (i = 0; i < k / PANEL_BLOCK; i++) {
		struct quant_part p;

		if (f.scale == 2) {
			finite &= put_half_scales(f, b, cols, j,
				quant_integers(p.q, type, from, i));
		} else {
			quant_part(&p, type, from, i);
			finite &= put_float_scales(f, b, cols, j, &p);
		}
		put_numbers(f, b + panel_scales(f, cols), cols, j, p.q);
		b += panel_terms(f, cols, PANEL_BLOCK);
	}
	return finite;
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

bool panel_put_column(enum dtype type, void *panel, size_t cols, size_t j,
	size_t k, const void *from)
{
	if (panel_format(type).bits == 16)
		return put_halves_column(type, panel, cols, j, k, from);
	return put_blocks(type, panel, cols, j, k, from);
}

void panel_column(float *out, enum dtype type, const void *panel, size_t cols,
	size_t j, size_t k)
{
	if (panel_format(type).bits == 16)
		halves_column(out, type, panel, cols, j, k);
	else
		blocks_column(out, type, panel, cols, j, k);
}
