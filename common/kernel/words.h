/* words.h - words of one or two terms, and panels of B made of them: see tile_set
 * in set.h
 *
 * For the files that multiply them, tile_simd.c and tile_amx.c. A word is two terms
 * in a set whose processor rounds to bf16, otherwise a float; where t/unit emulates
 * AMX, rounded and rounded_along are its own.
 */
#ifndef PIPELM_KERNEL_WORDS_H
#define PIPELM_KERNEL_WORDS_H

#include "common/kernel/numbers.h"

#define COLS (2 * W)

/* A function of a tile_set that packs: a copy of the loops for either kind of numbers. */
#define PACK(name, loops)                                                      \
	static void name(float *out, struct values x, size_t row, size_t col,  \
		size_t n, size_t k)                                            \
	{                                                                      \
		if (x.half)                                                    \
			loops(out, (struct values){ NULL, x.half }, row, col,  \
				n, k);                                         \
		else                                                           \
			loops(out, floats(x.x), row, col, n, k);               \
	}

/* ---- words of terms ---- */

#ifdef __AVX512BF16__

/* In the lower halves. */
FORCE_INLINE vi rounded(vf x)
{
	return _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(x));
}

/* 2 W terms that are adjacent in memory, the first in the lower halves. */
FORCE_INLINE vi rounded_along(const float *p)
{
	return (vi)_mm512_cvtne2ps_pbh(v_load(p + W), v_load(p));
}

#endif

#if defined __AVX512BF16__ || defined AMX_EMULATED

#define TERMS 2

/* W words of terms that are adjacent in memory. */
FORCE_INLINE vf load_along(struct values x, size_t at)
{
	vi pairs = x.half ? v_load_int(x.half + at) : rounded_along(x.x + at);

	return v_bits(_mm512_rol_epi32(pairs, 16));
}

/* n <= W numbers in bf16, in the lower halves. */
FORCE_INLINE vi load_rounded(struct values x, size_t at, size_t n)
{
	vf numbers = load_most(x, at, n);

	return x.half ? _mm512_srli_epi32((vi)numbers, 16) : rounded(numbers);
}

/* A word of each of n <= W adjacent columns, whose terms, of which `left` remain,
 * are `step` apart. */
FORCE_INLINE vf load_across(struct values x, size_t at, size_t step, size_t left,
	size_t n)
{
	vi first = load_rounded(x, at, n);
	vi second = left < 2 ? v_set_int(0) : load_rounded(x, at + step, n);

	return v_bits(v_shift_left(first, 16) | second);
}

FORCE_INLINE float load_word(struct values x, size_t at, size_t step, size_t left)
{
	return _mm512_cvtss_f32(load_across(x, at, step, left, 1));
}

#else

#define TERMS 1

FORCE_INLINE vf load_along(struct values x, size_t at)
{
	return load_most(x, at, W);
}

FORCE_INLINE vf load_across(struct values x, size_t at, size_t step, size_t left,
	size_t n)
{
	return load_most(x, at, n);
}

FORCE_INLINE float load_word(struct values x, size_t at, size_t step, size_t left)
{
	float number;

	if (!x.half)
		return x.x[at];
	v_store_part(&number, load_most(x, at, 1), 1);
	return number;
}

#endif

FORCE_INLINE size_t words(size_t k)
{
	return (k + TERMS - 1) / TERMS;
}

/* ---- panels of B ---- */

/* B's rows are contiguous. */
FORCE_INLINE void pack_b_rows(float *out, struct values b, size_t row, size_t n,
	size_t k)
{
	size_t p, at = 0;

	for (p = 0; p < k; p += TERMS, out += COLS, at += TERMS * row) {
		if (n >= COLS) {
			v_store(out, load_across(b, at, row, k - p, W));
			v_store(out + W, load_across(b, at + W, row, k - p, W));
		} else if (n >= W) {
			v_store(out, load_across(b, at, row, k - p, W));
			v_store(out + W, load_across(b, at + W, row, k - p,
				n - W));
		} else {
			v_store(out, load_across(b, at, row, k - p, n));
			v_store(out + W, v_set(0));
		}
	}
}

/* B's columns are contiguous; packs n <= W of them, from number `at` on. */
FORCE_INLINE void pack_b_columns(float *out, struct values b, size_t at, size_t col,
	size_t n, size_t k)
{
	vf r[W];
	size_t p, j;

	for (p = 0; p + TERMS * W <= k; p += TERMS * W, out += W * COLS) {
#pragma GCC unroll 16
		for (j = 0; j < W; j++)
			r[j] = j < n ? load_along(b, at + j * col + p) : v_set(0);
		v_transpose(r);
#pragma GCC unroll 16
		for (j = 0; j < W; j++)
			v_store(out + j * COLS, r[j]);
	}
	for (; p < k; p += TERMS, out += COLS)
		for (j = 0; j < W; j++)
			out[j] = j < n ? load_word(b, at + j * col + p, 1, k - p) :
				0;
}

FORCE_INLINE void pack_b_of(float *out, struct values b, size_t row, size_t col,
	size_t n, size_t k)
{
	size_t p, j;

	if (col == 1) {
		pack_b_rows(out, b, row, n, k);
	} else if (row == 1) {
		pack_b_columns(out, b, 0, col, n, k);
		pack_b_columns(out + W, b, W * col, col, n > W ? n - W : 0, k);
	} else {
		for (p = 0; p < k; p += TERMS)
			for (j = 0; j < COLS; j++)
				*out++ = j < n ? load_word(b, p * row + j * col,
					row, k - p) : 0;
	}
}

PACK(pack_b, pack_b_of)

#endif
