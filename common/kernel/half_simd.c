/* half_simd.c - 16-bit floats in AVX2 (F16C) and AVX-512: see half_plain.c
 *
 * Eight at a time in both: memory, not the processor, is what they wait for.
 */
#include "common/kernel/set.h"
#include "common/kernel/simd.h"

#define LANES 8

/* The first n < LANES of p, the rest 0. */
FORCE_INLINE __m128i load_narrow(const uint16_t *p, size_t n)
{
	uint16_t v[LANES] = { 0 };

	if (n >= LANES)
		return _mm_loadu_si128((const __m128i *)p);
	memcpy(v, p, n * sizeof *v);
	return _mm_loadu_si128((const __m128i *)v);
}

FORCE_INLINE void store_narrow(uint16_t *p, __m128i x, size_t n)
{
	uint16_t v[LANES];

	_mm_storeu_si128((__m128i *)v, x);
	memcpy(p, v, (n < LANES ? n : LANES) * sizeof *v);
}

FORCE_INLINE __m256 load_wide(const float *p, size_t n)
{
	float v[LANES] = { 0 };

	if (n >= LANES)
		return _mm256_loadu_ps(p);
	memcpy(v, p, n * sizeof *v);
	return _mm256_loadu_ps(v);
}

FORCE_INLINE void store_wide(float *p, __m256 x, size_t n)
{
	float v[LANES];

	_mm256_storeu_ps(v, x);
	memcpy(p, v, (n < LANES ? n : LANES) * sizeof *v);
}

static void from_f16(float *out, const uint16_t *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += LANES)
		store_wide(out + i, _mm256_cvtph_ps(load_narrow(x + i, n - i)),
			n - i);
}

static void to_f16(uint16_t *out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += LANES)
		store_narrow(out + i,
			_mm256_cvtps_ph(load_wide(x + i, n - i),
				_MM_FROUND_TO_NEAREST_INT), n - i);
}

static void from_bf16(float *out, const uint16_t *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += LANES) {
		__m256i wide = _mm256_cvtepu16_epi32(load_narrow(x + i,
			n - i));

		store_wide(out + i,
			_mm256_castsi256_ps(_mm256_slli_epi32(wide, 16)),
			n - i);
	}
}

/* Adds 0x7fff and the last kept bit, then cuts; a NaN is made quiet. */
FORCE_INLINE __m128i narrow_bf16(__m256 x)
{
	__m256i u = _mm256_castps_si256(x);
	__m256i odd = _mm256_and_si256(_mm256_srli_epi32(u, 16),
		_mm256_set1_epi32(1));
	__m256i even = _mm256_add_epi32(_mm256_add_epi32(u, odd),
		_mm256_set1_epi32(0x7fff));
	__m256i nan = _mm256_or_si256(u, _mm256_set1_epi32(0x400000));
	__m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(x, x,
		_CMP_UNORD_Q));
	__m256i r = _mm256_srli_epi32(_mm256_blendv_epi8(even, nan, is_nan),
		16);

	/* Packing works within halves of a register. */
	return _mm_packus_epi32(_mm256_castsi256_si128(r),
		_mm256_extracti128_si256(r, 1));
}

static void to_bf16(uint16_t *out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += LANES)
		store_narrow(out + i, narrow_bf16(load_wide(x + i, n - i)),
			n - i);
}

const struct half_set ISA_TABLE(half) = {
	from_f16,
	to_f16,
	from_bf16,
	to_bf16,
};
