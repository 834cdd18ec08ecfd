/* simd.h - vectors of ISA_WIDTH floats, for the files named *_simd.c
 *
 * Here, in numbers.h and in words.h are the only vectors in headers: each *_simd.c is
 * compiled for AVX2 and AVX-512, with +, -, *, / of the compiler's vector types and the
 * functions below. exp follows Cephes (Moshier), within 2e-7 of the exact value.
 */
#ifndef PIPELM_KERNEL_SIMD_H
#define PIPELM_KERNEL_SIMD_H

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/kernel/fetch.h"

#define W ISA_WIDTH

/* The table of this file: ISA_TABLE(norm) is norm_avx2 or norm_avx512. */
#define ISA_JOIN(name, isa) name##_##isa
#define ISA_JOIN2(name, isa) ISA_JOIN(name, isa)
#define ISA_TABLE(name) ISA_JOIN2(name, ISA)

#define FORCE_INLINE static inline __attribute__((always_inline))

/* Fetches ahead of p, from where n bytes are read now. */
FORCE_INLINE void v_fetch(const void *p, size_t n)
{
	size_t i;

#pragma GCC unroll 32
	for (i = 0; i < n; i += FETCH_LINE)
		__builtin_prefetch((const char *)p + FETCH_AHEAD + i);
}

#if ISA_WIDTH == 16

typedef __m512 vf;
typedef __m512i vi;

FORCE_INLINE vf v_set(float x)
{
	return _mm512_set1_ps(x);
}

FORCE_INLINE vf v_load(const float *p)
{
	return _mm512_loadu_ps(p);
}

FORCE_INLINE void v_store(float *p, vf x)
{
	_mm512_storeu_ps(p, x);
}

FORCE_INLINE __mmask16 v_mask(size_t n)
{
	return (__mmask16)((1u << n) - 1);
}

/* The first n < W lanes; the others are 0. */
FORCE_INLINE vf v_load_part(const float *p, size_t n)
{
	return _mm512_maskz_loadu_ps(v_mask(n), p);
}

FORCE_INLINE void v_store_part(float *p, vf x, size_t n)
{
	_mm512_mask_storeu_ps(p, v_mask(n), x);
}

/* x in the first n lanes, y in the others. */
FORCE_INLINE vf v_first(size_t n, vf x, vf y)
{
	return _mm512_mask_blend_ps(v_mask(n), y, x);
}

/* a*b + c and c - a*b */
FORCE_INLINE vf v_fma(vf a, vf b, vf c)
{
	return _mm512_fmadd_ps(a, b, c);
}

FORCE_INLINE vf v_fnma(vf a, vf b, vf c)
{
	return _mm512_fnmadd_ps(a, b, c);
}

FORCE_INLINE vf v_max(vf a, vf b)
{
	return _mm512_max_ps(a, b);
}

FORCE_INLINE vf v_sqrt(vf x)
{
	return _mm512_sqrt_ps(x);
}

FORCE_INLINE vf v_round(vf x)
{
	return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT);
}

/* a < b ? x : y; false for NaN. */
FORCE_INLINE vf v_if_less(vf a, vf b, vf x, vf y)
{
	return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y,
		x);
}

FORCE_INLINE vf v_bits(vi x)
{
	return _mm512_castsi512_ps(x);
}

FORCE_INLINE vi v_as_int(vf x)
{
	return _mm512_castps_si512(x);
}

FORCE_INLINE vi v_to_int(vf x)
{
	return _mm512_cvtps_epi32(x);
}

FORCE_INLINE vi v_add_int(vi a, vi b)
{
	return _mm512_add_epi32(a, b);
}

FORCE_INLINE vi v_shift_left_23(vi x)
{
	return _mm512_slli_epi32(x, 23);
}

FORCE_INLINE vi v_set_int(int32_t x)
{
	return _mm512_set1_epi32(x);
}

/* Of each 64 bits. */
FORCE_INLINE vi v_add_64(vi a, vi b)
{
	return _mm512_add_epi64(a, b);
}

FORCE_INLINE vi v_shift_right_64(vi x, int n)
{
	return _mm512_srli_epi64(x, (unsigned)n);
}

FORCE_INLINE void v_store_int(void *p, vi x)
{
	_mm512_storeu_si512(p, x);
}

FORCE_INLINE vi v_load_int(const void *p)
{
	return _mm512_loadu_si512(p);
}

FORCE_INLINE vi v_and(vi a, vi b)
{
	return _mm512_and_si512(a, b);
}

FORCE_INLINE vi v_shift_left(vi x, int n)
{
	return _mm512_slli_epi32(x, (unsigned)n);
}

/* Of each 16 bits. */
FORCE_INLINE vi v_shift_right_16(vi x, int n)
{
	return _mm512_srli_epi16(x, (unsigned)n);
}

/* Products of 16 bits with sign, and the sums of two adjacent ones. */
FORCE_INLINE vi v_pairs(vi a, vi b)
{
	return _mm512_madd_epi16(a, b);
}

/* Products of 8 bits without sign by 8 with sign, and the sums of two adjacent
 * ones, of 16 bits. */
FORCE_INLINE vi v_byte_pairs(vi a, vi b)
{
	return _mm512_maddubs_epi16(a, b);
}

/* Of each 16 bits. */
FORCE_INLINE vi v_add_16(vi a, vi b)
{
	return _mm512_add_epi16(a, b);
}

FORCE_INLINE vf v_to_float(vi x)
{
	return _mm512_cvtepi32_ps(x);
}

/* W numbers in binary16 or bfloat16. */
FORCE_INLINE vf v_load_f16(const void *p)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256(p));
}

FORCE_INLINE vf v_load_bf16(const void *p)
{
	return v_bits(_mm512_slli_epi32(
		_mm512_cvtepu16_epi32(_mm256_loadu_si256(p)), 16));
}

/* The sum of the lanes, by adding halves. */
FORCE_INLINE float v_sum(vf x)
{
	return _mm512_reduce_add_ps(x);
}

FORCE_INLINE float v_largest(vf x)
{
	return _mm512_reduce_max_ps(x);
}

/* The sum of the lanes in double precision. */
FORCE_INLINE double v_sum_double(vf x)
{
	__m512d lo = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
	__m512d hi = _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1));

	return _mm512_reduce_add_pd(lo + hi);
}

/* Transposes r, so that r[i][j] becomes r[j][i]: swaps lanes, then pairs, then
 * quarters. */
FORCE_INLINE void v_transpose(vf *r)
{
	vf t[16];
	int i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
		t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		__m512d a = _mm512_castps_pd(t[4 * i]);
		__m512d b = _mm512_castps_pd(t[4 * i + 1]);
		__m512d c = _mm512_castps_pd(t[4 * i + 2]);
		__m512d d = _mm512_castps_pd(t[4 * i + 3]);

		r[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
		r[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
		r[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
		r[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		t[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
		t[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
		t[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
		t[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
	}
#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
		r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
	}
}

/* The sum of the lanes of each of W vectors. */
FORCE_INLINE vf v_sum_each(const vf *r)
{
	vf t[4], u, w;
	int i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		const vf *q = r + 4 * i;
		__m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(q[0], q[1]) +
			_mm512_unpackhi_ps(q[0], q[1]));
		__m512d b = _mm512_castps_pd(_mm512_unpacklo_ps(q[2], q[3]) +
			_mm512_unpackhi_ps(q[2], q[3]));

		t[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b)) +
			_mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
	}
	u = _mm512_shuffle_f32x4(t[0], t[1], 0x88) +
		_mm512_shuffle_f32x4(t[0], t[1], 0xdd);
	w = _mm512_shuffle_f32x4(t[2], t[3], 0x88) +
		_mm512_shuffle_f32x4(t[2], t[3], 0xdd);
	return _mm512_shuffle_f32x4(u, w, 0x88) +
		_mm512_shuffle_f32x4(u, w, 0xdd);
}

#else /* 8 floats */

typedef __m256 vf;
typedef __m256i vi;

FORCE_INLINE vf v_set(float x)
{
	return _mm256_set1_ps(x);
}

FORCE_INLINE vf v_load(const float *p)
{
	return _mm256_loadu_ps(p);
}

FORCE_INLINE void v_store(float *p, vf x)
{
	_mm256_storeu_ps(p, x);
}

FORCE_INLINE vi v_mask(size_t n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n),
		_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

FORCE_INLINE vf v_load_part(const float *p, size_t n)
{
	return _mm256_maskload_ps(p, v_mask(n));
}

FORCE_INLINE void v_store_part(float *p, vf x, size_t n)
{
	_mm256_maskstore_ps(p, v_mask(n), x);
}

FORCE_INLINE vf v_first(size_t n, vf x, vf y)
{
	return _mm256_blendv_ps(y, x, _mm256_castsi256_ps(v_mask(n)));
}

FORCE_INLINE vf v_fma(vf a, vf b, vf c)
{
	return _mm256_fmadd_ps(a, b, c);
}

FORCE_INLINE vf v_fnma(vf a, vf b, vf c)
{
	return _mm256_fnmadd_ps(a, b, c);
}

FORCE_INLINE vf v_max(vf a, vf b)
{
	return _mm256_max_ps(a, b);
}

FORCE_INLINE vf v_sqrt(vf x)
{
	return _mm256_sqrt_ps(x);
}

FORCE_INLINE vf v_round(vf x)
{
	return _mm256_round_ps(x,
		_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

FORCE_INLINE vf v_if_less(vf a, vf b, vf x, vf y)
{
	return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

FORCE_INLINE vf v_bits(vi x)
{
	return _mm256_castsi256_ps(x);
}

FORCE_INLINE vi v_as_int(vf x)
{
	return _mm256_castps_si256(x);
}

FORCE_INLINE vi v_to_int(vf x)
{
	return _mm256_cvtps_epi32(x);
}

FORCE_INLINE vi v_add_int(vi a, vi b)
{
	return _mm256_add_epi32(a, b);
}

FORCE_INLINE vi v_shift_left_23(vi x)
{
	return _mm256_slli_epi32(x, 23);
}

FORCE_INLINE vi v_set_int(int32_t x)
{
	return _mm256_set1_epi32(x);
}

FORCE_INLINE vi v_add_64(vi a, vi b)
{
	return _mm256_add_epi64(a, b);
}

FORCE_INLINE vi v_shift_right_64(vi x, int n)
{
	return _mm256_srli_epi64(x, n);
}

FORCE_INLINE void v_store_int(void *p, vi x)
{
	_mm256_storeu_si256(p, x);
}

FORCE_INLINE vi v_load_int(const void *p)
{
	return _mm256_loadu_si256(p);
}

FORCE_INLINE vi v_and(vi a, vi b)
{
	return _mm256_and_si256(a, b);
}

FORCE_INLINE vi v_shift_left(vi x, int n)
{
	return _mm256_slli_epi32(x, n);
}

FORCE_INLINE vi v_shift_right_16(vi x, int n)
{
	return _mm256_srli_epi16(x, n);
}

FORCE_INLINE vi v_pairs(vi a, vi b)
{
	return _mm256_madd_epi16(a, b);
}

FORCE_INLINE vi v_byte_pairs(vi a, vi b)
{
	return _mm256_maddubs_epi16(a, b);
}

FORCE_INLINE vi v_add_16(vi a, vi b)
{
	return _mm256_add_epi16(a, b);
}

FORCE_INLINE vf v_to_float(vi x)
{
	return _mm256_cvtepi32_ps(x);
}

FORCE_INLINE vf v_load_f16(const void *p)
{
	return _mm256_cvtph_ps(_mm_loadu_si128(p));
}

FORCE_INLINE vf v_load_bf16(const void *p)
{
	return v_bits(_mm256_slli_epi32(
		_mm256_cvtepu16_epi32(_mm_loadu_si128(p)), 16));
}

FORCE_INLINE float v_sum(vf x)
{
	__m128 s = _mm256_castps256_ps128(x) + _mm256_extractf128_ps(x, 1);

	s = s + _mm_movehl_ps(s, s);
	return _mm_cvtss_f32(s) + _mm_cvtss_f32(_mm_movehdup_ps(s));
}

FORCE_INLINE float v_largest(vf x)
{
	__m128 s = _mm_max_ps(_mm256_castps256_ps128(x),
		_mm256_extractf128_ps(x, 1));

	s = _mm_max_ps(s, _mm_movehl_ps(s, s));
	return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

FORCE_INLINE double v_sum_double(vf x)
{
	__m256d s = _mm256_cvtps_pd(_mm256_castps256_ps128(x)) +
		_mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
	__m128d t = _mm256_castpd256_pd128(s) + _mm256_extractf128_pd(s, 1);

	return _mm_cvtsd_f64(t) + _mm_cvtsd_f64(_mm_unpackhi_pd(t, t));
}

FORCE_INLINE void v_transpose(vf *r)
{
	vf t[8];
	int i;

#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
		t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
	}
#pragma GCC unroll 2
	for (i = 0; i < 2; i++) {
		r[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
		r[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0xee);
		r[4 * i + 2] =
			_mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
		r[4 * i + 3] =
			_mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xee);
	}
#pragma GCC unroll 4
	for (i = 0; i < 4; i++) {
		t[i] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x20);
		t[i + 4] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x31);
	}
#pragma GCC unroll 8
	for (i = 0; i < 8; i++)
		r[i] = t[i];
}

FORCE_INLINE vf v_sum_each(const vf *r)
{
	vf t[2];
	int i;

#pragma GCC unroll 2
	for (i = 0; i < 2; i++) {
		const vf *q = r + 4 * i;
		__m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(q[0], q[1]) +
			_mm256_unpackhi_ps(q[0], q[1]));
		__m256d b = _mm256_castps_pd(_mm256_unpacklo_ps(q[2], q[3]) +
			_mm256_unpackhi_ps(q[2], q[3]));

		t[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, b)) +
			_mm256_castpd_ps(_mm256_unpackhi_pd(a, b));
	}
	return _mm256_permute2f128_ps(t[0], t[1], 0x20) +
		_mm256_permute2f128_ps(t[0], t[1], 0x31);
}

#endif

/* Sums of a row that decide what a model computes are kept in LANES lanes, one vector
 * or two, and added up in double precision: the same bits in every set. */
#define LANES 16
struct lanes {
	vf v[LANES / W];
};

FORCE_INLINE struct lanes lanes_zero(void)
{
	struct lanes s;
	size_t k;

	for (k = 0; k < LANES / W; k++)
		s.v[k] = v_set(0);
	return s;
}

FORCE_INLINE double lanes_sum(struct lanes s)
{
#if ISA_WIDTH == 16
	return v_sum_double(s.v[0]);
#else
	/* Pairs of lanes that are 8 apart, as v_sum_double of 16. */
	__m256d lo = _mm256_cvtps_pd(_mm256_castps256_ps128(s.v[0])) +
		_mm256_cvtps_pd(_mm256_castps256_ps128(s.v[1]));
	__m256d hi = _mm256_cvtps_pd(_mm256_extractf128_ps(s.v[0], 1)) +
		_mm256_cvtps_pd(_mm256_extractf128_ps(s.v[1], 1));
	__m256d all = lo + hi;
	__m128d t = _mm256_castpd256_pd128(all) + _mm256_extractf128_pd(all, 1);

	return _mm_cvtsd_f64(t) + _mm_cvtsd_f64(_mm_unpackhi_pd(t, t));
#endif
}

/* x in a register: used more than once, it is otherwise loaded each time. */
FORCE_INLINE vf v_keep(vf x)
{
	__asm__("" : "+v"(x));
	return x;
}

/* The lanes of p[0..n), at most W; the others are 0. */
FORCE_INLINE vf v_load_most(const float *p, size_t n)
{
	return n < W ? v_load_part(p, n) : v_load(p);
}

FORCE_INLINE void v_store_most(float *p, vf x, size_t n)
{
	if (n < W)
		v_store_part(p, x, n);
	else
		v_store(p, x);
}

/* W numbers of a row of a block's scales, 2 * W of `bytes` each, in fp32 or binary16;
 * at: the first of these columns in row 0. */
FORCE_INLINE vf v_load_scales(int bytes, const char *at, int row)
{
	at += 2 * W * bytes * row;
	return bytes == 4 ? v_load((const float *)(const void *)at) :
		v_load_f16(at);
}

/* c (n) = x [+ bias] [+ add], for the end of a product. */
FORCE_INLINE void v_finish(const vf *x, size_t n, float *c, const float *bias,
	const float *add)
{
	size_t j;

	for (j = 0; j < n; j += W, x++) {
		size_t part = n - j < W ? n - j : W;
		vf y = *x;

		if (bias)
			y = y + v_load_most(bias + j, part);
		if (add)
			y = y + v_load_most(add + j, part);
		v_store_most(c + j, y, part);
	}
}

/* e^x = 2^n e^r with integer n and |r| <= ln(2)/2, for x <= 0. 0 when the result
 * would be less than the smallest normal number. n is added to the exponent bits of
 * e^r. */
FORCE_INLINE vf v_exp_below(vf x)
{
	vf n = v_round(x * v_set(1.44269504088896341f));
	vf r = v_fnma(n, v_set(-2.12194440e-4f),
		v_fnma(n, v_set(0.693359375f), x));
	vf p = v_set(1.9875691500e-4f);

	p = v_fma(p, r, v_set(1.3981999507e-3f));
	p = v_fma(p, r, v_set(8.3334519073e-3f));
	p = v_fma(p, r, v_set(4.1665795894e-2f));
	p = v_fma(p, r, v_set(1.6666665459e-1f));
	p = v_fma(p, r, v_set(5.0000001201e-1f));
	p = v_fma(p, r * r, r) + v_set(1);
	p = v_bits(v_add_int(v_as_int(p), v_shift_left_23(v_to_int(n))));
	return v_if_less(x, v_set(-87.33654f), v_set(0), p);
}

/* The same for any x; infinity when the result is too large. */
FORCE_INLINE vf v_exp(vf x)
{
	return v_if_less(v_set(88.72283f), x, v_set(INFINITY), v_exp_below(x));
}

#endif
