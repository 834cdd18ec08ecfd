/* quant_part.c - the integers and scales of quantized numbers: quant_part.h */
#include "common/format/quant_part.h"

#include <string.h>

#include "common/format/half.h"
#include "common/format/quant.h"

#define HALF (QUANT_BLOCK / 2)

static float scale(const unsigned char *p)
{
	float d;

	half_load_f16(&d, p, 1);
	return d;
}

static void set_scale(struct quant_part *out, float d)
{
	out->d[0] = out->d[1] = d;
	out->m = 0;
	out->has_m = false;
}

static void set_minimum(struct quant_part *out, float m)
{
	out->m = m;
	out->has_m = true;
}

/* ---- blocks of 32 ---- */

/* Low halves of the bytes, then high ones. */
static void nibbles(int8_t *q, const unsigned char *p, int zero)
{
	size_t i;

	for (i = 0; i < HALF; i++) {
		q[i] = (int8_t)((p[i] & 15) - zero);
		q[HALF + i] = (int8_t)((p[i] >> 4) - zero);
	}
}

/* The same with a fifth bit: bit i of `high` is of number i. */
static void five_bits(int8_t *q, const unsigned char *p,
	const unsigned char *high, int zero)
{
	size_t i;

	nibbles(q, p, zero);
	for (i = 0; i < QUANT_BLOCK; i++)
		q[i] = (int8_t)(q[i] + (high[i / 8] >> i % 8 & 1) * 16);
}

static void part_of_32(struct quant_part *out, enum dtype type,
	const unsigned char *b)
{
	bool minimum = type == DTYPE_Q4_1 || type == DTYPE_Q5_1;

	set_scale(out, scale(b));
	if (minimum)
		set_minimum(out, scale(b + 2));
	b += minimum ? 4 : 2;
	switch (type) {
	case DTYPE_Q8_0:
		memcpy(out->q, b, QUANT_BLOCK);
		break;
	case DTYPE_Q5_0:
	case DTYPE_Q5_1:
		five_bits(out->q, b + 4, b, minimum ? 0 : 16);
		break;
	default:
		nibbles(out->q, b, minimum ? 0 : 8);
	}
}

/* ---- blocks of 256 ---- */

/* Scale and minimum j of 8, of 6 bits each, packed in 12 bytes. */
static void six_bits(const unsigned char *p, size_t j, int *d, int *m)
{
	if (j < 4) {
		*d = p[j] & 63;
		*m = p[j + 4] & 63;
	} else {
		*d = (p[j + 4] & 15) | p[j - 4] >> 6 << 4;
		*m = p[j + 4] >> 4 | p[j] >> 6 << 4;
	}
}

/* Q4_K and Q5_K. Two parts share 32 bytes: low halves, then high ones. */
static void part_k(struct quant_part *out, const unsigned char *b, size_t j,
	const unsigned char *low, const unsigned char *high)
{
	int d, m, shift = j % 2 ? 4 : 0;
	size_t i;

	six_bits(b + 4, j, &d, &m);
	set_scale(out, scale(b) * (float)d);
	set_minimum(out, -(scale(b + 2) * (float)m));
	for (i = 0; i < QUANT_BLOCK; i++) {
		int q = low[j / 2 * QUANT_BLOCK + i] >> shift & 15;

		out->q[i] = (int8_t)(q |
			(high ? (high[i] >> j & 1) << 4 : 0));
	}
}

/* Q6_K: 128 numbers share 64 bytes of 4 low bits and 32 of 2 high ones. */
static void part_6k(struct quant_part *out, const unsigned char *b, size_t j)
{
	const unsigned char *low = b + j / 4 * 64 + j % 2 * QUANT_BLOCK;
	const unsigned char *high = b + 128 + j / 4 * QUANT_BLOCK;
	const int8_t *scales = (const int8_t *)b + 192;
	int shift = j % 4 / 2 * 4;
	size_t i;

	set_scale(out, scale(b + 208));
	for (i = 0; i < QUANT_BLOCK; i++)
		out->q[i] = (int8_t)(((low[i] >> shift & 15) |
			(high[i] >> j % 4 * 2 & 3) << 4) - 32);
	out->d[0] *= (float)scales[2 * j];
	out->d[1] *= (float)scales[2 * j + 1];
}

void quant_part(struct quant_part *out, enum dtype type, const void *row,
	size_t i)
{
	const struct dtype_row *t = dtype_row(type);
	size_t parts = t->elements / QUANT_BLOCK, j = i % parts;
	const unsigned char *b = (const unsigned char *)row +
		i / parts * t->bytes;

	switch (type) {
	case DTYPE_Q4_K:
		part_k(out, b, j, b + 16, NULL);
		break;
	case DTYPE_Q5_K:
		part_k(out, b, j, b + 48, b + 16);
		break;
	case DTYPE_Q6_K:
		part_6k(out, b, j);
		break;
	default:
		part_of_32(out, type, b);
	}
}
