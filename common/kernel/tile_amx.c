/* tile_amx.c - the inner loop of products in bf16 on AMX: see tile_set in set.h,
 * and bf16.h
 *
 * 32 rows by 32 columns of C are four of the eight registers, of 16 rows by 16
 * floats. A step multiplies 32 terms: it loads two squares of A, 16 rows by 16
 * words, and two of B, 16 words by 16 columns, from a panel as all sets have it, and
 * multiplies four times. Four loads take 32 cycles, four multiplications 64 (Intel,
 * Optimization Reference Manual).
 */
#include "common/base/size.h"
#include "common/kernel/amx.h"
#include "common/kernel/bf16.h"
#include "common/kernel/set.h"
#include "common/kernel/words.h"

#define SIDE AMX_SIDE
#define SQUARE (SIDE * SIDE)

/* ---- packing A ---- */

/* A square of m rows and k terms, or less, from number `at` on. */
FORCE_INLINE void square_along(float *out, struct values a, size_t at, size_t row,
	size_t col, size_t m, size_t k)
{
	float part[BF16_STEP] = { 0 };
	size_t i, p;

	for (i = 0; i < m; i++, at += row, out += SIDE) {
		if (col == 1 && k == BF16_STEP) {
			v_store(out, load_along(a, at));
			continue;
		}
		for (p = 0; p < k; p++)
			v_store_part(part + p, load_most(a, at + p * col, 1), 1);
		v_store(out, load_along(floats(part), 0));
	}
	for (; i < SIDE; i++, out += SIDE)
		v_store(out, v_set(0));
}

/* The same from adjacent rows. */
FORCE_INLINE void square_across(float *out, struct values a, size_t at, size_t col,
	size_t m, size_t k)
{
	vf r[SIDE];
	size_t i;

#pragma GCC unroll 16
	for (i = 0; i < SIDE; i++)
		r[i] = i * TERMS < k ? load_across(a, at + i * TERMS * col, col,
			k - i * TERMS, m) : v_set(0);
	v_transpose(r);
#pragma GCC unroll 16
	for (i = 0; i < SIDE; i++)
		v_store(out + i * SIDE, r[i]);
}

FORCE_INLINE void pack_a_of(float *out, struct values a, size_t row, size_t col,
	size_t m, size_t k)
{
	size_t i, p;

	for (p = 0; p < k; p += BF16_STEP)
		for (i = 0; i < m; i += SIDE, out += SQUARE) {
			size_t at = i * row + p * col;
			size_t rows = size_min(SIDE, m - i);
			size_t terms = size_min(BF16_STEP, k - p);

			if (row == 1 && col != 1)
				square_across(out, a, at, col, rows, terms);
			else
				square_along(out, a, at, row, col, rows, terms);
		}
}

PACK(pack_a, pack_a_of)

/* ---- multiplying ---- */

/* C += a square of A, or two for both halves of its rows, times 16 words of B. */
FORCE_INLINE void step(const float *a, const float *b, bool both)
{
	amx_load(4, a, SIDE * sizeof *a);
	amx_load(6, b, COLS * sizeof *b);
	amx_dot_bf16(0, 4, 6);
	amx_load(7, b + SIDE, COLS * sizeof *b);
	amx_dot_bf16(1, 4, 7);
	if (!both)
		return;
	amx_load(5, a + SQUARE, SIDE * sizeof *a);
	amx_dot_bf16(2, 5, 6);
	amx_dot_bf16(3, 5, 7);
}

/* C += the products of n words. The last ones of B are padded here. */
FORCE_INLINE void multiply(size_t n, const float *a, const float *b, bool both)
{
	size_t p;

	for (p = 0; p + SIDE <= n; p += SIDE) {
		step(a, b, both);
		a += both ? 2 * SQUARE : SQUARE;
		b += SIDE * COLS;
	}
	if (p < n) {
		float last[SIDE * COLS] = { 0 };

		memcpy(last, b, (n - p) * COLS * sizeof *b);
		step(a, last, both);
	}
}

/* C = whole panels of 16 rows, or 32; NULL: zeros. */
FORCE_INLINE void load_c(const float *from, size_t row, bool both)
{
	size_t bytes = row * sizeof *from;

	if (!from) {
		amx_zero(0);
		amx_zero(1);
		amx_zero(2);
		amx_zero(3);
		return;
	}
	amx_load(0, from, bytes);
	amx_load(1, from + SIDE, bytes);
	if (both) {
		amx_load(2, from + SIDE * row, bytes);
		amx_load(3, from + SIDE * row + SIDE, bytes);
	}
}

FORCE_INLINE void store_c(float *to, size_t row, bool both)
{
	size_t bytes = row * sizeof *to;

	amx_store(0, to, bytes);
	amx_store(1, to + SIDE, bytes);
	if (both) {
		amx_store(2, to + SIDE * row, bytes);
		amx_store(3, to + SIDE * row + SIDE, bytes);
	}
}

/* c = x [+ bias] [+ add] for m rows of a whole panel. */
FORCE_INLINE void finish(float x[][COLS], size_t m, float *c, size_t c_row,
	const float *bias, const float *add, size_t add_row)
{
	size_t i, h;

	for (i = 0; i < m; i++)
#pragma GCC unroll 2
		for (h = 0; h < 2; h++) {
			vf y = v_load(x[i] + h * W);

			if (bias)
				y = y + v_load(bias + h * W);
			if (add)
				y = y + v_load(add + i * add_row + h * W);
			v_store(c + i * c_row + h * W, y);
		}
}

/* Sums continue what add has, which is read and written by whole registers; of a part,
 * what is beside it in x is computed with and dropped. What they do not continue is rarely
 * in a cache, where vectors store faster. */
static void tile(size_t m, size_t n, size_t k, const float *a, const float *b,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row, struct fetch fetch)
{
	bool both = m > SIDE, whole = n == COLS && m % SIDE == 0;
	const float *from = bias ? NULL : add;
	_Alignas(64) float x[2 * SIDE][COLS];
	size_t i;

	if (from && !whole) {
		for (i = 0; i < m; i++)
			memcpy(x[i], from + i * add_row, n * sizeof *from);
		from = x[0];
		add_row = COLS;
	}
	load_c(from, add_row, both);
	if (both)
		multiply(words(k), a, b, true);
	else
		multiply(words(k), a, b, false);
	if (from && whole) {
		store_c(c, c_row, both);
		return;
	}
	store_c(x[0], COLS, both);
	if (from)
		add = NULL;
	if (n == COLS)
		finish(x, m, c, c_row, bias, add, add_row);
	for (i = 0; n < COLS && i < m; i++) {
		const vf y[2] = { v_load(x[i]), v_load(x[i] + W) };

		v_finish(y, n, c + i * c_row, bias, add ? add + i * add_row : NULL);
	}
}

static void begin(void)
{
	static const struct amx_config all = {
		.palette = 1,
		.bytes = { 64, 64, 64, 64, 64, 64, 64, 64 },
		.rows = { SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE, SIDE },
	};

	amx_configure(&all);
}

static void end(void)
{
	amx_release();
}

const struct tile_set ISA_TABLE(bf16) = {
	.rows = 2 * SIDE, .cols = COLS, .terms = TERMS, .square = SIDE,
	.block = BF16_AMX_BLOCK, .part = 128,
	.wide = { 1024, BF16_AMX_BLOCK }, .deep = { 512, 4 * BF16_AMX_BLOCK },
	.pack_a = pack_a, .pack_b = pack_b, .tile = tile,
	.begin = begin, .end = end,
};
