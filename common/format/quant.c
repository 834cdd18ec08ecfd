/* quant.c - numbers that share a scale, as fp32 and from it: see quant.h */
#include "common/format/quant.h"

#include <math.h>
#include <stdint.h>

#include "common/format/half.h"
#include "common/format/quant_part.h"

#define HALF (QUANT_BLOCK / 2)

/* ---- reading ---- */

static void load(float *out, const void *p, size_t n, enum dtype type)
{
	size_t i, j;

	for (i = 0; i < n / QUANT_BLOCK; i++, out += QUANT_BLOCK) {
		struct quant_part q;

		quant_part(&q, type, p, i);
		for (j = 0; j < QUANT_BLOCK; j++)
			out[j] = (float)q.q[j] * q.d[j / HALF];
		for (j = 0; q.has_m && j < QUANT_BLOCK; j++)
			out[j] += q.m;
	}
}

#define LOAD(name, type)                                                       \
	void quant_load_##name(float *out, const void *p, size_t n)            \
	{                                                                      \
		load(out, p, n, type);                                         \
	}
LOAD(q8_0, DTYPE_Q8_0)
LOAD(q4_0, DTYPE_Q4_0)
LOAD(q4_1, DTYPE_Q4_1)
LOAD(q5_0, DTYPE_Q5_0)
LOAD(q5_1, DTYPE_Q5_1)
LOAD(q4_k, DTYPE_Q4_K)
LOAD(q5_k, DTYPE_Q5_K)
LOAD(q6_k, DTYPE_Q6_K)

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
