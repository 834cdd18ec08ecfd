/* quant_k.c - blocks of 256 numbers with scales of sub-blocks: see quant.h */
#include <stdint.h>

#include "common/format/half.h"
#include "common/format/quant.h"

#define SUB 32			/* numbers of a sub-block of Q4_K and Q5_K */

/* The scale and the minimum of sub-block j, 6 bits each: s holds the low 6 bits
 * of the scales 0 to 3 and of the minima 0 to 3, above them the upper 2 bits of
 * scales and minima 4 to 7, whose low 4 bits are in the last four bytes. */
static void unpack_scale(const unsigned char *s, size_t j, int *d, int *m)
{
	if (j < 4) {
		*d = s[j] & 63;
		*m = s[j + 4] & 63;
	} else {
		*d = (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
		*m = s[j + 4] >> 4 | (s[j] >> 6) << 4;
	}
}

/* Sub-block j of a block of Q4_K or Q5_K, whose scales are at s and whose low
 * four bits at q; high, if not NULL, has the fifth bit of number i of sub-block
 * j in bit j of byte i. */
static void load_sub(float *out, const unsigned char *s,
	const unsigned char *q, const unsigned char *high, size_t j,
	const float scale[2])
{
	int d, m, shift = j % 2 ? 4 : 0;
	float by, less;
	size_t i;

	unpack_scale(s, j, &d, &m);
	by = scale[0] * (float)d;
	less = scale[1] * (float)m;
	q += j / 2 * SUB;
	for (i = 0; i < SUB; i++) {
		int x = q[i] >> shift & 15;

		if (high)
			x |= (high[i] >> j & 1) << 4;
		out[i] = by * (float)x - less;
	}
}

void quant_load_q4_k(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	float scale[2];
	size_t j;

	for (; n; n -= QUANT_BLOCK_K, b += QUANT_BYTES_Q4_K) {
		half_load_f16(scale, b, 2);
		for (j = 0; j < QUANT_BLOCK_K / SUB; j++, out += SUB)
			load_sub(out, b + 4, b + 16, NULL, j, scale);
	}
}

void quant_load_q5_k(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	float scale[2];
	size_t j;

	for (; n; n -= QUANT_BLOCK_K, b += QUANT_BYTES_Q5_K) {
		half_load_f16(scale, b, 2);
		for (j = 0; j < QUANT_BLOCK_K / SUB; j++, out += SUB)
			load_sub(out, b + 4, b + 48, b + 16, j, scale);
	}
}

/* Half a block of Q6_K: 128 numbers in four groups of 32, of which groups 0 and
 * 2 share the bytes low[0..32), 1 and 3 low[32..64); the upper two bits of number
 * i of group g are bits 2g and 2g + 1 of high[i]. A scale is for 16 numbers. */
static void load_half_6(float *out, const unsigned char *low,
	const unsigned char *high, const unsigned char *scales, float d)
{
	size_t g, i;

	for (g = 0; g < 4; g++)
		for (i = 0; i < 32; i++) {
			int q = low[g % 2 * 32 + i] >> g / 2 * 4 & 15;

			q |= (high[i] >> 2 * g & 3) << 4;
			out[32 * g + i] = d * (float)(int8_t)
				scales[2 * g + i / 16] * (float)(q - 32);
		}
}

void quant_load_q6_k(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;

	for (; n; n -= QUANT_BLOCK_K, b += QUANT_BYTES_Q6_K) {
		float d;

		half_load_f16(&d, b + 208, 1);
		load_half_6(out, b, b + 128, b + 192, d);
		load_half_6(out + 128, b + 64, b + 160, b + 200, d);
		out += QUANT_BLOCK_K;
	}
}
