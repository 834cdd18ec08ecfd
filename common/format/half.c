/* half.c - 16-bit floats in files: see half.h */
#include "common/format/half.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/size.h"

static uint32_t bits_of(float x)
{
	uint32_t u;

	memcpy(&u, &x, 4);
	return u;
}

static float float_of(uint32_t u)
{
	float x;

	memcpy(&x, &u, 4);
	return x;
}

static float from_f16(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16;
	uint32_t exponent = h >> 10 & 31, fraction = h & 1023;

	if (exponent == 31)
		return float_of(sign | 0x7f800000 | fraction << 13);
	if (exponent == 0)	/* zero, or a number below 2^-14 */
		return float_of(sign | bits_of((float)fraction * 0x1p-24f));
	return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

static uint16_t to_f16(float x)
{
	uint32_t u = bits_of(x), magnitude = u & 0x7fffffff;
	uint16_t sign = (uint16_t)(u >> 16 & 0x8000);

	if (magnitude > 0x7f800000)
		return sign | 0x7e00;
	if (magnitude >= 0x477ff000)	/* 65520 rounds to infinity */
		return sign | 0x7c00;
	if (magnitude < 0x38800000)	/* below 2^-14: units of 2^-24 */
		return sign | (uint16_t)lrintf(float_of(magnitude) * 0x1p24f);
	magnitude += 0xfff + (magnitude >> 13 & 1);
	return sign | (uint16_t)((magnitude - 0x38000000) >> 13);
}

void half_load_f16(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = from_f16((uint16_t)get_le16(b + 2 * i));
}

void half_load_bf16(float *out, const void *p, size_t n)
{
	const unsigned char *b = p;
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = float_of(get_le16(b + 2 * i) << 16);
}

void half_store_f16(void *p, const float *x, size_t n)
{
	unsigned char *b = p;
	size_t i;

	for (i = 0; i < n; i++)
		put_le16(b + 2 * i, to_f16(x[i]));
}

void half_store_bf16(void *p, const float *x, size_t n)
{
	unsigned char *b = p;
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t u = bits_of(x[i]);

		if ((u & 0x7fffffff) > 0x7f800000)
			put_le16(b + 2 * i, (uint16_t)(u >> 16 | 64));
		else
			put_le16(b + 2 * i, (uint16_t)((u + 0x7fff +
				(u >> 16 & 1)) >> 16));
	}
}

bool half_is_bf16(const void *p, size_t n)
{
	enum { AT_ONCE = 1024 };
	const unsigned char *b = p;
	uint32_t lower = 0;
	size_t i, end;

	for (i = 0; i < n && !(lower & 0xffff);)
		for (end = i + size_min(AT_ONCE, n - i); i < end; i++)
			lower |= get_le32(b + 4 * i);
	return !(lower & 0xffff);
}

const float *half_beyond(const float *x, size_t n, float limit)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (isfinite(x[i]) && fabsf(x[i]) >= limit)
			return x + i;
	return NULL;
}

/* The limits are where rounding to infinity starts, half a unit above the
 * largest number. */
const float *half_beyond_f16(const float *x, size_t n)
{
	return half_beyond(x, n, 65520);
}

const float *half_beyond_bf16(const float *x, size_t n)
{
	return half_beyond(x, n, 0x1.ffp127f);
}
