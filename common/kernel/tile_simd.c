/* tile_simd.c - the inner loop of matrix products: see tile_set in set.h
 *
 * 14 rows by 32 columns of C stay in 28 of AVX-512's 32 registers during one
 * pass over K: a step loads 2 vectors of B, broadcasts 14 numbers of A from
 * memory, and does 28 fused multiply-adds. AVX2, with 16 registers of 8
 * floats, does 6 rows by 16 columns. Both sum in the same order. AVX512-BF16 does
 * the same with words of two terms (bf16.h): twice the terms in a step, at 97% of
 * the peak of vdpbf16ps on Zen 4.
 */
#include "common/kernel/bf16.h"
#include "common/kernel/set.h"
#include "common/kernel/words.h"

#define ROWS (W == 16 ? 14 : 6)

/* ---- packing A ---- */

/* Stores W columns of m <= W rows: out[p*m + i] = r[i][p]. Stores whole
 * vectors, each overwriting the excess of the one before, but not beyond
 * end. */
FORCE_INLINE void store_columns(float *out, const float *end, vf *r, size_t m)
{
	size_t p;

	v_transpose(r);
#pragma GCC unroll 16
	for (p = 0; p < W; p++, out += m)
		if (out + W <= end)
			v_store(out, r[p]);
		else
			v_store_part(out, r[p], m);
}

FORCE_INLINE void pack_a_rows(float *out, struct values a, size_t row, size_t m,
	size_t k)
{
	const float *end = out + m * words(k);
	vf r[W];
	size_t p, i;

	for (p = 0; m == 1 && p + TERMS * W <= k; p += TERMS * W, out += W)
		v_store(out, load_along(a, p));
	for (; p + TERMS * W <= k; p += TERMS * W, out += W * m) {
#pragma GCC unroll 16
		for (i = 0; i < W; i++)
			r[i] = i < m ? load_along(a, i * row + p) : v_set(0);
		store_columns(out, end, r, m);
	}
	for (; p < k; p += TERMS)
		for (i = 0; i < m; i++)
			*out++ = load_word(a, i * row + p, 1, k - p);
}

FORCE_INLINE void pack_a_columns(float *out, struct values a, size_t col, size_t m,
	size_t k)
{
	size_t p;

	for (p = 0; p + 3 * TERMS < k; p += TERMS, out += m)
		v_store(out, load_across(a, p * col, col, TERMS, m));
	for (; p < k; p += TERMS, out += m)
		v_store_part(out, load_across(a, p * col, col, k - p, m), m);
}

FORCE_INLINE void pack_a_of(float *out, struct values a, size_t row, size_t col,
	size_t m, size_t k)
{
	size_t i, p;

	if (col == 1)
		pack_a_rows(out, a, row, m, k);
	else if (row == 1 && 3 * m >= W)
		pack_a_columns(out, a, col, m, k);
	else
		for (p = 0; p < k; p += TERMS)
			for (i = 0; i < m; i++)
				*out++ = load_word(a, i * row + p * col, col,
					k - p);
}

PACK(pack_a, pack_a_of)

/* ---- multiplying ---- */

/* x += the products of the terms in a word of A, a, and words of B. */
FORCE_INLINE vf multiply_words(float a, vf b, vf x)
{
#ifdef __AVX512BF16__
	return _mm512_dpbf16_ps(x, (__m512bh)b, (__m512bh)v_set(a));
#else
	return v_fma(v_set(a), b, x);
#endif
}

/* x (m by two vectors) += the products of n words; word a[i,p] is at
 * a[i*row + p*col]. m is a constant in every copy of this function. */
FORCE_INLINE void multiply(vf x[][2], size_t m, size_t n, const float *a,
	size_t row, size_t col, const float *b, struct fetch fetch)
{
	size_t p, i;

	for (p = 0; p < n; p++, a += col, b += COLS, fetch.at += fetch.step) {
		vf b0 = v_load(b), b1 = v_load(b + W);

		__builtin_prefetch(fetch.at);
		if (W == 16)	/* two cache lines */
			__builtin_prefetch(fetch.at + FETCH_LINE);
#pragma GCC unroll 14
		for (i = 0; i < m; i++) {
			float q = a[i * row];

			x[i][0] = multiply_words(q, b0, x[i][0]);
			x[i][1] = multiply_words(q, b1, x[i][1]);
		}
	}
}

FORCE_INLINE void clear(vf x[][2], size_t m)
{
	size_t i;

#pragma GCC unroll 14
	for (i = 0; i < m; i++)
		x[i][0] = x[i][1] = v_set(0);
}

/* Whole panels: c = x [+ bias] [+ add]. */
FORCE_INLINE void finish(vf x[][2], size_t m, float *c, size_t c_row,
	const float *bias, const float *add, size_t add_row)
{
	size_t i;

	if (bias) {
		vf b0 = v_load(bias), b1 = v_load(bias + W);

#pragma GCC unroll 14
		for (i = 0; i < m; i++)
			x[i][0] = x[i][0] + b0, x[i][1] = x[i][1] + b1;
	}
	if (add) {
#pragma GCC unroll 14
		for (i = 0; i < m; i++) {
			const float *from = add + i * add_row;

			x[i][0] = x[i][0] + v_load(from);
			x[i][1] = x[i][1] + v_load(from + W);
		}
	}
#pragma GCC unroll 14
	for (i = 0; i < m; i++) {
		v_store(c + i * c_row, x[i][0]);
		v_store(c + i * c_row + W, x[i][1]);
	}
}

/* Only the first n columns of a panel. */
static void finish_part(const float *x, size_t m, size_t n, float *c,
	size_t c_row, const float *bias, const float *add, size_t add_row)
{
	size_t i, j;

	for (i = 0; i < m; i++, x += COLS)
		for (j = 0; j < n; j++) {
			float y = bias ? x[j] + bias[j] : x[j];

			c[i * c_row + j] =
				add ? y + add[i * add_row + j] : y;
		}
}

FORCE_INLINE void tile_of(size_t m, size_t n, size_t k, const float *a,
	const float *b, float *c, size_t c_row, const float *bias,
	const float *add, size_t add_row, struct fetch fetch)
{
	float part[14 * COLS];
	vf x[14][2];

	clear(x, m);
	multiply(x, m, words(k), a, 1, m, b, fetch);
	if (n == COLS) {
		finish(x, m, c, c_row, bias, add, add_row);
	} else {
		finish(x, m, part, COLS, NULL, NULL, 0);
		finish_part(part, m, n, c, c_row, bias, add, add_row);
	}
}

/* A copy of a function for every number of rows. */
#if ISA_WIDTH == 16
#define EACH_ROWS(X) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#else
#define EACH_ROWS(X)
#endif

#define TILE(m_)                                                               \
	case m_:                                                               \
		tile_of(m_, n, k, a, b, c, c_row, bias, add, add_row, fetch);  \
		break;

static void tile(size_t m, size_t n, size_t k, const float *a, const float *b,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row, struct fetch fetch)
{
	switch (m) {
		TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
		EACH_ROWS(TILE)
	}
}

/* Two panels: four chains of dependent sums, which catch up with memory sooner
 * than two. */
static void row(size_t n, size_t k, const float *a, const float *b,
	size_t stride, float *c, const float *bias, const float *add)
{
	vf x[4];
	size_t p, h;

#pragma GCC unroll 4
	for (h = 0; h < 4; h++)
		x[h] = v_set(0);
	for (p = 0; p < words(k); p++, b += COLS) {
		v_fetch(b, COLS * sizeof *b);
		v_fetch(b + stride, COLS * sizeof *b);
#pragma GCC unroll 4
		for (h = 0; h < 4; h++)
			x[h] = multiply_words(a[p], v_load(b + h / 2 * stride +
				h % 2 * W), x[h]);
	}
	v_finish(x, n, c, bias, add);
}

/* A panel of a block, 48 KiB of fp32, is streamed from the level 2 cache, and a part's
 * rows, 344 KiB, stay there; 2.4 MiB of B are shared by the threads. C takes its time
 * only where multiplying is faster than here. */
#define SIZES .rows = ROWS, .cols = COLS, .terms = TERMS, .square = 1, \
	.block = K_BLOCK, .part = 224, .wide = { 1536, K_BLOCK }, \
	.deep = { 1536, K_BLOCK }

#ifdef __AVX512BF16__

const struct tile_set ISA_TABLE(bf16) = {
	SIZES, .pack_a = pack_a, .pack_b = pack_b, .tile = tile, .row = row
};

#else

FORCE_INLINE void tile_panels_of(size_t m, size_t n, size_t k, const float *a,
	size_t a_panel, const float *b, float *c, size_t c_row)
{
	float part[14 * COLS];
	vf x[14][2];
	size_t p;

	clear(x, m);
	for (p = 0; p < k; p += COLS, a += a_panel, b += COLS * COLS)
		multiply(x, m, COLS, a, COLS, 1, b,
			fetch_ahead(b, COLS * sizeof *b));
	if (n == COLS) {
		finish(x, m, c, c_row, NULL, c, c_row);
	} else {
		finish(x, m, part, COLS, NULL, NULL, 0);
		finish_part(part, m, n, c, c_row, NULL, c, c_row);
	}
}

#define TILE_PANELS(m_)                                                        \
	case m_:                                                               \
		tile_panels_of(m_, n, k, a, a_panel, b, c, c_row);             \
		break;

static void tile_panels(size_t m, size_t n, size_t k, const float *a,
	size_t a_panel, const float *b, float *c, size_t c_row)
{
	switch (m) {
		TILE_PANELS(1) TILE_PANELS(2) TILE_PANELS(3) TILE_PANELS(4)
		TILE_PANELS(5) TILE_PANELS(6) EACH_ROWS(TILE_PANELS)
	}
}

const struct tile_set ISA_TABLE(tile) = {
	SIZES, .pack_a = pack_a, .pack_b = pack_b, .tile = tile, .row = row,
	.tile_panels = tile_panels
};

/* ---- numbers rounded to bf16, in fp32 ---- */

static void round_all(float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t u;

		memcpy(&u, x + i, sizeof u);
		u = bf16_round(u);
		memcpy(x + i, &u, sizeof u);
	}
}

static void pack_a_rounded(float *out, struct values a, size_t row, size_t col,
	size_t m, size_t k)
{
	pack_a(out, a, row, col, m, k);
	round_all(out, m * k);
}

static void pack_b_rounded(float *out, struct values b, size_t row, size_t col,
	size_t n, size_t k)
{
	pack_b(out, b, row, col, n, k);
	round_all(out, COLS * k);
}

const struct tile_set ISA_TABLE(bf16) = {
	SIZES, .pack_a = pack_a_rounded, .pack_b = pack_b_rounded, .tile = tile,
	.row = row
};

#endif
