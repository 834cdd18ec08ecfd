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

/* ---- blocks of 256 ---- */

/* Q4_K and Q5_K. Two parts share 32 bytes: low halves, then high ones; bit j of
 * `high` is the fifth bit of part j. */
static void part_k(int8_t *q, size_t j, const unsigned char *low,
	const unsigned char *high)
{
	int shift = j % 2 ? 4 : 0;
	size_t i;

	for (i = 0; i < QUANT_BLOCK; i++)
		q[i] = (int8_t)((low[j / 2 * QUANT_BLOCK + i] >> shift & 15) |
			(high ? (high[i] >> j & 1) << 4 : 0));
}

/* Q6_K: 128 numbers share 64 bytes of 4 low bits and 32 of 2 high ones. */
static void part_6k(int8_t *q, size_t j, const unsigned char *b)
{
	const unsigned char *low = b + j / 4 * 64 + j % 2 * QUANT_BLOCK;
	const unsigned char *high = b + 128 + j / 4 * QUANT_BLOCK;
	int shift = j % 4 / 2 * 4;
	size_t i;

	for (i = 0; i < QUANT_BLOCK; i++)
		q[i] = (int8_t)(((low[i] >> shift & 15) |
			(high[i] >> j % 4 * 2 & 3) << 4) - 32);
}

/* Scale and minimum j of 8, of 6 bits each, packed in 12 bytes: p holds the low 6
 * bits of scales and minima 0 to 3, above them the upper 2 bits of scales and
 * minima 4 to 7, whose low 4 bits are in the last four bytes. */
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

/* ---- both ---- */

static size_t parts_of_block(enum dtype type)
{
	return dtype_row(type)->elements / QUANT_BLOCK;
}

const unsigned char *quant_integers(int8_t q[32], enum dtype type,
	const void *row, size_t i)
{
	size_t parts = parts_of_block(type), j = i % parts;
	const unsigned char *b = (const unsigned char *)row +
		i / parts * dtype_row(type)->bytes;

	switch (type) {
	case DTYPE_Q8_0:
		memcpy(q, b + 2, QUANT_BLOCK);
		break;
	case DTYPE_Q4_0:
		nibbles(q, b + 2, 8);
		break;
	case DTYPE_Q4_1:
		nibbles(q, b + 4, 0);
		break;
	case DTYPE_Q5_0:
		five_bits(q, b + 6, b + 2, 16);
		break;
	case DTYPE_Q5_1:
		five_bits(q, b + 8, b + 4, 0);
		break;
	case DTYPE_Q4_K:
		part_k(q, j, b + 16, NULL);
		break;
	case DTYPE_Q5_K:
		part_k(q, j, b + 48, b + 16);
		break;
	default:
		part_6k(q, j, b);
	}
	return b;
}

void quant_part(struct quant_part *out, enum dtype type, const void *row,
	size_t i)
{
	const unsigned char *b = quant_integers(out->q, type, row, i);
	size_t j = i % parts_of_block(type);
	const int8_t *eight = (const int8_t *)b + 192 + 2 * j;
	int d, m;

	out->has_m = false;
	out->m = 0;
	if (type == DTYPE_Q6_K) {
		out->d[0] = scale(b + 208) * (float)eight[0];
		out->d[1] = scale(b + 208) * (float)eight[1];
		return;
	}
	out->d[0] = scale(b);
	out->has_m = type != DTYPE_Q8_0 && type != DTYPE_Q4_0 &&
		type != DTYPE_Q5_0;
	if (out->has_m)
		out->m = scale(b + 2);
	if (type == DTYPE_Q4_K || type == DTYPE_Q5_K) {
		six_bits(b + 4, j, &d, &m);
		out->d[0] *= (float)d;
		out->m *= -(float)m;
	}
	out->d[1] = out->d[0];
}
