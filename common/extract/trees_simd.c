/* trees_simd.c - the inner loop of trees.h, one row per lane
 *
 * The leaf sets of a vector of rows stay in a register while the splits are
 * applied. The index of the lowest bit is the exponent of that bit converted to
 * float.
 */
#include "common/extract/trees_kernel.h"

#include <immintrin.h>

#if ISA_WIDTH == 16

static inline __m512i after_split(__m512i left, const float *x,
	const struct tree_split *s)
{
	__mmask16 fails = _mm512_cmp_ps_mask(_mm512_loadu_ps(x),
		_mm512_set1_ps(s->value), _CMP_GT_OQ);

	return _mm512_mask_and_epi32(left, fails, left,
		_mm512_set1_epi32((int)s->keep));
}

static inline __m512 pick_leaf(const float *leaf, __m512i left)
{
	__m512i low = _mm512_and_si512(left,
		_mm512_sub_epi32(_mm512_setzero_si512(), left));
	__m512i number = _mm512_sub_epi32(_mm512_srli_epi32(
		_mm512_castps_si512(_mm512_cvtepu32_ps(low)), 23),
		_mm512_set1_epi32(127));

	return _mm512_permutex2var_ps(_mm512_loadu_ps(leaf), number,
		_mm512_loadu_ps(leaf + 16));
}

void trees_strip_avx512(const struct tree_split *split, size_t nsplit,
	const float *leaf, uint32_t reached, const float *x, size_t stride,
	size_t n, float *sum)
{
	size_t i, k;

	for (i = 0; i < n; i += 16) {
		__m512i left = _mm512_set1_epi32((int)reached);

		for (k = 0; k < nsplit; k++)
			left = after_split(left,
				x + split[k].feature * stride + i, &split[k]);
		_mm512_storeu_ps(sum + i, _mm512_add_ps(
			_mm512_loadu_ps(sum + i), pick_leaf(leaf, left)));
	}
}

#else

static inline __m256i after_split(__m256i left, const float *x,
	const struct tree_split *s)
{
	__m256i fails = _mm256_castps_si256(_mm256_cmp_ps(_mm256_loadu_ps(x),
		_mm256_set1_ps(s->value), _CMP_GT_OQ));

	return _mm256_andnot_si256(_mm256_andnot_si256(
		_mm256_set1_epi32((int)s->keep), fails), left);
}

/* Bit 31, the sign, converts to a negative float with exponent 31. */
static inline __m256 pick_leaf(const float *leaf, __m256i left)
{
	__m256i low = _mm256_and_si256(left,
		_mm256_sub_epi32(_mm256_setzero_si256(), left));
	__m256i number = _mm256_sub_epi32(_mm256_and_si256(
		_mm256_srli_epi32(_mm256_castps_si256(
			_mm256_cvtepi32_ps(low)), 23),
		_mm256_set1_epi32(255)), _mm256_set1_epi32(127));

	return _mm256_i32gather_ps(leaf, number, 4);
}

/* The same for a tree with at most 8 leaves. */
static inline __m256 pick_of_8(__m256 leaf, __m256i left)
{
	__m256i low = _mm256_and_si256(left,
		_mm256_sub_epi32(_mm256_setzero_si256(), left));
	__m256i number = _mm256_sub_epi32(_mm256_srli_epi32(
		_mm256_castps_si256(_mm256_cvtepi32_ps(low)), 23),
		_mm256_set1_epi32(127));

	return _mm256_permutevar8x32_ps(leaf, number);
}

void trees_strip_avx2(const struct tree_split *split, size_t nsplit,
	const float *leaf, uint32_t reached, const float *x, size_t stride,
	size_t n, float *sum)
{
	__m256 first = _mm256_loadu_ps(leaf);
	size_t i, k;

	for (i = 0; i < n; i += 8) {
		__m256i left = _mm256_set1_epi32((int)reached);

		for (k = 0; k < nsplit; k++)
			left = after_split(left,
				x + split[k].feature * stride + i, &split[k]);
		_mm256_storeu_ps(sum + i, _mm256_add_ps(
			_mm256_loadu_ps(sum + i), reached < 256 ?
			pick_of_8(first, left) : pick_leaf(leaf, left)));
	}
}

#endif
