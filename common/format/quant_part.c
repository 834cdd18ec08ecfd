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

/* ---- eight numbers at once, a byte each ---- */

static uint64_t load_eight(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return x;
}

static uint64_t each(unsigned byte)
{
	return 0x0101010101010101 * (uint64_t)byte;
}

/* Stores x - zero; both are below 128. */
static void put_eight(int8_t *q, uint64_t x, unsigned zero)
{
	x = ((x | each(128)) - each(zero)) ^ each(128);
	memcpy(q, &x, sizeof x);
}

/* Bit i of b in byte i. */
static uint64_t spread(unsigned char b)
{
	uint64_t x = each(b) & 0x8040201008040201;

	return (x + each(127)) >> 7 & each(1);
}

/* ---- blocks of 32 ---- */

/* Low halves of the bytes, then high ones; with a fifth bit of each number in
 * order, if `high` is not NULL. */
static void nibbles(int8_t *q, const unsigned char *p,
	const unsigned char *high, unsigned zero)
{
	size_t i;

	for (i = 0; i < QUANT_BLOCK / 8; i++) {
		uint64_t x = load_eight(p + i % 2 * 8) >> i / 2 * 4 & each(15);

		if (high)
			x |= spread(high[i]) << 4;
		put_eight(q + 8 * i, x, zero);
	}
}

/* ---- blocks of 256 ---- */

/* Q4_K and Q5_K. Two parts share 32 bytes: low halves, then high ones; bit j of
 * `high` is the fifth bit of part j. */
static void part_k(int8_t *q, size_t j, const unsigned char *low,
	const unsigned char *high)
{
	size_t i;

	low += j / 2 * QUANT_BLOCK;
	for (i = 0; i < QUANT_BLOCK; i += 8) {
		uint64_t x = load_eight(low + i) >> j % 2 * 4 & each(15);

		if (high)
			x |= (load_eight(high + i) >> j & each(1)) << 4;
		put_eight(q + i, x, 0);
	}
}

/* Q6_K: 128 numbers share 64 bytes of 4 low bits and 32 of 2 high ones. */
static void part_6k(int8_t *q, size_t j, const unsigned char *b)
{
	const unsigned char *low = b + j / 4 * 64 + j % 2 * QUANT_BLOCK;
	const unsigned char *high = b + 128 + j / 4 * QUANT_BLOCK;
	size_t i;

	for (i = 0; i < QUANT_BLOCK; i += 8)
		put_eight(q + i, (load_eight(low + i) >> j % 4 / 2 * 4 & each(15)) |
			(load_eight(high + i) >> j % 4 * 2 & each(3)) << 4, 32);
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

/* Part i of a row is part *j of the block that is returned. */
static const unsigned char *block_of(enum dtype type, const void *row, size_t i,
	size_t *j)
{
	const struct dtype_row *t = dtype_row(type);
	const size_t parts = QUANT_BLOCK_K / QUANT_BLOCK;

	*j = 0;
	if (t->elements == QUANT_BLOCK_K) {
		*j = i % parts;
		i /= parts;
	}
	return (const unsigned char *)row + i * t->bytes;
}

/* Of part j of block b. */
static void integers(int8_t *q, enum dtype type, const unsigned char *b,
	size_t j)
{
	switch (type) {
	case DTYPE_Q8_0:
		memcpy(q, b + 2, QUANT_BLOCK);
		break;
	case DTYPE_Q4_0:
		nibbles(q, b + 2, NULL, 8);
		break;
	case DTYPE_Q4_1:
		nibbles(q, b + 4, NULL, 0);
		break;
	case DTYPE_Q5_0:
		nibbles(q, b + 6, b + 2, 16);
		break;
	case DTYPE_Q5_1:
		nibbles(q, b + 8, b + 4, 0);
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
}

const unsigned char *quant_integers(int8_t q[32], enum dtype type,
	const void *row, size_t i)
{
	size_t j;
	const unsigned char *b = block_of(type, row, i, &j);

	integers(q, type, b, j);
	return b;
}

void quant_part(struct quant_part *out, enum dtype type, const void *row,
	size_t i)
{
	size_t j;
	const unsigned char *b = block_of(type, row, i, &j);
	const int8_t *eight = (const int8_t *)b + 192 + 2 * j;
	int d, m;

	integers(out->q, type, b, j);
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
