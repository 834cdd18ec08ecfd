/* quant.c - blocks of 32 numbers that share a scale: see quant.h
 *
 * Those of 256 are in quant_k.c.
 */
#include "common/format/quant.h"

#include <math.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/format/half.h"

#define HALF (QUANT_BLOCK / 2)

static float scale(const unsigned char *p)
{
	float d;

	half_load_f16(&d, p, 1);
	return d;
}

/* ---- reading ---- */

void quant_load_q8_0(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	size_t i;

	for (; n; n -= QUANT_BLOCK, out += QUANT_BLOCK, b += QUANT_BYTES_Q8_0) {
		float d = scale(b);

		for (i = 0; i < QUANT_BLOCK; i++)
			out[i] = (float)(int8_t)b[2 + i] * d;
	}
}

/* Byte i of the 4-bit types holds number i, low, and number i + 16, high. */
void quant_load_q4_0(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	size_t i;

	for (; n; n -= QUANT_BLOCK, out += QUANT_BLOCK, b += QUANT_BYTES_Q4_0) {
		float d = scale(b);

		for (i = 0; i < HALF; i++) {
			out[i] = (float)((b[2 + i] & 15) - 8) * d;
			out[HALF + i] = (float)((b[2 + i] >> 4) - 8) * d;
		}
	}
}

void quant_load_q4_1(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	size_t i;

	for (; n; n -= QUANT_BLOCK, out += QUANT_BLOCK, b += QUANT_BYTES_Q4_1) {
		float d = scale(b), m = scale(b + 2);

		for (i = 0; i < HALF; i++) {
			out[i] = (float)(b[4 + i] & 15) * d + m;
			out[HALF + i] = (float)(b[4 + i] >> 4) * d + m;
		}
	}
}

/* The 5-bit types: bit i of `high` is the fifth bit of number i. */
static void load_5(float *out, const unsigned char *low, uint32_t high,
	int zero, float d, float m)
{
	size_t i;

	for (i = 0; i < HALF; i++) {
		int q = (low[i] & 15) | (int)(high >> i & 1) << 4;
		int r = low[i] >> 4 | (int)(high >> (i + HALF) & 1) << 4;

		out[i] = (float)(q - zero) * d + m;
		out[HALF + i] = (float)(r - zero) * d + m;
	}
}

void quant_load_q5_0(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (; n; n -= QUANT_BLOCK, out += QUANT_BLOCK, b += QUANT_BYTES_Q5_0)
		load_5(out, b + 6, get_le32(b + 2), 16, scale(b), 0);
}

void quant_load_q5_1(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (; n; n -= QUANT_BLOCK, out += QUANT_BLOCK, b += QUANT_BYTES_Q5_1)
		load_5(out, b + 8, get_le32(b + 4), 0, scale(b), scale(b + 2));
}

/* ---- writing ---- */

/* The reciprocal of the scale before that is rounded, by which numbers are
 * multiplied; 0 where it is infinite, since such a scale is stored as 0. */
static float inverse(float d)
{
	float id = d < 0 || d > 0 ? 1 / d : 0;

	return isfinite(id) ? id : 0;
}

void quant_store_q8_0(void *p, const float *x, size_t n)
{
	unsigned char *b = p;
	size_t i;

	for (; n; n -= QUANT_BLOCK, x += QUANT_BLOCK, b += QUANT_BYTES_Q8_0) {
		float most = 0, d, id;

		for (i = 0; i < QUANT_BLOCK; i++)
			most = fmaxf(most, fabsf(x[i]));
		d = most / 127;
		id = inverse(d);
		half_store_f16(b, &d, 1);
		for (i = 0; i < QUANT_BLOCK; i++)
			b[2 + i] = (unsigned char)(int8_t)roundf(x[i] * id);
	}
}

/* Rounds to 0 .. 15; x is not negative but for rounding. */
static unsigned char nibble(float x)
{
	int q = (int)x;

	return (unsigned char)(q < 15 ? q : 15);
}

/* The number of largest magnitude becomes 0, which stands for -8. */
void quant_store_q4_0(void *p, const float *x, size_t n)
{
	unsigned char *b = p;
	size_t i;

	for (; n; n -= QUANT_BLOCK, x += QUANT_BLOCK, b += QUANT_BYTES_Q4_0) {
		float most = 0, d, id;

		for (i = 0; i < QUANT_BLOCK; i++)
			if (fabsf(x[i]) > fabsf(most))
				most = x[i];
		d = most / -8;
		id = inverse(d);
		half_store_f16(b, &d, 1);
		for (i = 0; i < HALF; i++)
			b[2 + i] = (unsigned char)(nibble(x[i] * id + 8.5f) |
				nibble(x[HALF + i] * id + 8.5f) << 4);
	}
}

void quant_store_q4_1(void *p, const float *x, size_t n)
{
	unsigned char *b = p;
	size_t i;

	for (; n; n -= QUANT_BLOCK, x += QUANT_BLOCK, b += QUANT_BYTES_Q4_1) {
		float low = x[0], high = x[0], d, id;

		for (i = 1; i < QUANT_BLOCK; i++) {
			low = fminf(low, x[i]);
			high = fmaxf(high, x[i]);
		}
		d = (high - low) / 15;
		id = inverse(d);
		half_store_f16(b, &d, 1);
		half_store_f16(b + 2, &low, 1);
		for (i = 0; i < HALF; i++)
			b[4 + i] = (unsigned char)(
				nibble((x[i] - low) * id + .5f) |
				nibble((x[HALF + i] - low) * id + .5f) << 4);
	}
}

/* 65520 is the least number that binary16 rounds to infinity. */
const float *quant_beyond_q8_0(const float *x, size_t n)
{
	return half_beyond(x, n, 65520.f * 127);
}

const float *quant_beyond_q4_0(const float *x, size_t n)
{
	return half_beyond(x, n, 65520.f * 8);
}

const float *quant_beyond_q4_1(const float *x, size_t n)
{
	return half_beyond(x, n, 65520.f);
}
