/* half_plain.c - the definition of the 16-bit formats: see half.c */
#include "common/kernel/set.h"

#include <math.h>
#include <string.h>

static uint32_t bits_of(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof u);
	return u;
}

static float float_of(uint32_t u)
{
	float x;

	memcpy(&x, &u, sizeof x);
	return x;
}

/* Both have 1 sign bit; binary16 has 5 exponent bits (bias 15) and 10 of
 * fraction, a float 8 (bias 127) and 23. Subnormals are fraction * 2^-24. */
static float widen_f16(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16;
	uint32_t exponent = h >> 10 & 31, fraction = h & 1023;

	if (exponent == 31) /* a NaN is made quiet, as the processor does */
		return float_of(sign | 0x7f800000 |
			(fraction ? fraction << 13 | 0x400000 : 0));
	if (exponent)
		return float_of(sign | (exponent + 112) << 23 | fraction << 13);
	return (sign ? -1.0f : 1.0f) * ldexpf((float)fraction, -24);
}

static uint16_t narrow_f16(float x)
{
	uint32_t u = bits_of(x), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;

	if (a > 0x7f800000)
		return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x1ff));
	if (a >= 0x477ff000) /* from 65520 on it rounds to infinity */
		return (uint16_t)(sign | 0x7c00);
	if (a < 0x38800000) /* below 2^-14: a multiple of 2^-24 */
		return (uint16_t)(sign |
			(uint32_t)lrintf(ldexpf(float_of(a), 24)));
	return (uint16_t)(sign |
		((a - (112u << 23) + 0xfff + (a >> 13 & 1)) >> 13));
}

static uint16_t narrow_bf16(float x)
{
	uint32_t u = bits_of(x);

	if ((u & 0x7fffffff) > 0x7f800000)
		return (uint16_t)(u >> 16 | 0x40);
	return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

static void from_f16(float *out, const uint16_t *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = widen_f16(x[i]);
}

static void to_f16(uint16_t *out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = narrow_f16(x[i]);
}

static void from_bf16(float *out, const uint16_t *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = float_of((uint32_t)x[i] << 16);
}

static void to_bf16(uint16_t *out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = narrow_bf16(x[i]);
}

const struct half_set half_c = {
	from_f16,
	to_f16,
	from_bf16,
	to_bf16,
};
