/* words.h - words of one or two terms, and panels of B made of them: see tile_set
 * in set.h
 *
 * For the files that multiply them, tile_simd.c and tile_amx.c. A word is two terms
 * in a set whose processor rounds to bf16, otherwise a float; where t/unit emulates
 * AMX, rounded and load_along are its own.
 */
#ifndef PIPELM_KERNEL_WORDS_H
#define PIPELM_KERNEL_WORDS_H

#include "common/kernel/simd.h"

#define COLS (2 * W)

/* ---- words of terms ---- */

#ifdef __AVX512BF16__

/* In the lower halves. */
FORCE_INLINE vi rounded(vf x)
{
	return _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(x));
}

/* W words of terms that are adjacent in memory. */
FORCE_INLINE vf load_along(const float *p)
{
	vi x = (vi)_mm512_cvtne2ps_pbh(v_load(p + W), v_load(p));

	return v_bits(_mm512_rol_epi32(x, 16));
}

#endif

#if defined __AVX512BF16__ || defined AMX_EMULATED

#define TERMS 2

FORCE_INLINE vf in_words(vi upper, vi lower)
{
	return v_bits(v_shift_left(upper, 16) | lower);
}

/* A word of each of n <= W adjacent columns, whose terms, of which `left` remain,
 * are `step` apart. */
FORCE_INLINE vf load_across(const float *p, size_t step, size_t left, size_t n)
{
	vf first = v_load_most(p, n);

	return in_words(rounded(first), left < 2 ? v_set_int(0) :
		rounded(v_load_most(p + step, n)));
}

FORCE_INLINE float load_word(const float *p, size_t step, size_t left)
{
	return _mm512_cvtss_f32(load_across(p, step, left, 1));
}

#else

#define TERMS 1

FORCE_INLINE vf load_along(const float *p)
{
	return v_load(p);
}

FORCE_INLINE vf load_across(const float *p, size_t step, size_t left, size_t n)
{
	return v_load_most(p, n);
}

FORCE_INLINE float load_word(const float *p, size_t step, size_t left)
{
	return *p;
}

#endif

FORCE_INLINE size_t words(size_t k)
{
	return (k + TERMS - 1) / TERMS;
}

/* ---- panels of B ---- */

/* B's rows are contiguous. */
static void pack_b_rows(float *out, const float *b, size_t row, size_t n,
	size_t k)
{
	size_t p;

	for (p = 0; p < k; p += TERMS, out += COLS, b += TERMS * row) {
		if (n >= COLS) {
			v_store(out, load_across(b, row, k - p, W));
			v_store(out + W, load_across(b + W, row, k - p, W));
		} else if (n >= W) {
			v_store(out, load_across(b, row, k - p, W));
			v_store(out + W, load_across(b + W, row, k - p, n - W));
		} else {
			v_store(out, load_across(b, row, k - p, n));
			v_store(out + W, v_set(0));
		}
	}
}

/* B's columns are contiguous; packs n <= W of them. */
static void pack_b_columns(float *out, const float *b, size_t col, size_t n,
	size_t k)
{
	vf r[W];
	size_t p, j;

	for (p = 0; p + TERMS * W <= k; p += TERMS * W, out += W * COLS) {
#pragma GCC unroll 16
		for (j = 0; j < W; j++)
			r[j] = j < n ? load_along(b + j * col + p) : v_set(0);
		v_transpose(r);
#pragma GCC unroll 16
		for (j = 0; j < W; j++)
			v_store(out + j * COLS, r[j]);
	}
	for (; p < k; p += TERMS, out += COLS)
		for (j = 0; j < W; j++)
			out[j] = j < n ? load_word(b + j * col + p, 1, k - p) :
				0;
}

static void pack_b(float *out, const float *b, size_t row, size_t col,
	size_t n, size_t k)
{
	size_t p, j;

	if (col == 1) {
		pack_b_rows(out, b, row, n, k);
	} else if (row == 1) {
		pack_b_columns(out, b, col, n, k);
		pack_b_columns(out + W, b + W * col, col, n > W ? n - W : 0,
			k);
	} else {
		for (p = 0; p < k; p += TERMS)
			for (j = 0; j < COLS; j++)
				*out++ = j < n ? load_word(b + p * row + j * col,
					row, k - p) : 0;
	}
}

#endif
