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

/* A square of m rows and k terms, or less. */
static void square_along(float *out, const float *a, size_t row, size_t col,
	size_t m, size_t k)
{
	float part[BF16_STEP] = { 0 };
	size_t i, p;

	for (i = 0; i < m; i++, a += row, out += SIDE) {
		if (col == 1 && k == BF16_STEP) {
			v_store(out, load_along(a));
			continue;
		}
		for (p = 0; p < k; p++)
			part[p] = a[p * col];
		v_store(out, load_along(part));
	}
	for (; i < SIDE; i++, out += SIDE)
		v_store(out, v_set(0));
}

/* The same from adjacent rows. */
static void square_across(float *out, const float *a, size_t col, size_t m,
	size_t k)
{
	vf r[SIDE];
	size_t i;

#pragma GCC unroll 16
	for (i = 0; i < SIDE; i++)
		r[i] = i * TERMS < k ? load_across(a + i * TERMS * col, col,
			k - i * TERMS, m) : v_set(0);
	v_transpose(r);
#pragma GCC unroll 16
	for (i = 0; i < SIDE; i++)
		v_store(out + i * SIDE, r[i]);
}

static void pack_a(float *out, const float *a, size_t row, size_t col,
	size_t m, size_t k)
{
	size_t i, p;

	for (p = 0; p < k; p += BF16_STEP)
		for (i = 0; i < m; i += SIDE, out += SQUARE) {
			const float *from = a + i * row + p * col;
			size_t rows = size_min(SIDE, m - i);
			size_t terms = size_min(BF16_STEP, k - p);

			if (row == 1 && col != 1)
				square_across(out, from, col, rows, terms);
			else
				square_along(out, from, row, col, rows, terms);
		}
}

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

/* C = the products of n words. The last ones of B are padded here. */
FORCE_INLINE void multiply(size_t n, const float *a, const float *b, bool both)
{
	size_t p;

	amx_zero(0);
	amx_zero(1);
	amx_zero(2);
	amx_zero(3);
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

/* c = x [+ bias] [+ add] for m rows of a whole panel. */
FORCE_INLINE void finish(vf x[][2], size_t m, float *c, size_t c_row,
	const float *bias, const float *add, size_t add_row)
{
	size_t i, h;

	for (i = 0; i < m; i++)
#pragma GCC unroll 2
		for (h = 0; h < 2; h++) {
			vf y = x[i][h];

			if (bias)
				y = y + v_load(bias + h * W);
			if (add)
				y = y + v_load(add + i * add_row + h * W);
			v_store(c + i * c_row + h * W, y);
		}
}

static void tile(size_t m, size_t n, size_t k, const float *a, const float *b,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row, struct fetch fetch)
{
	vf x[2 * SIDE][2];
	size_t i;

	if (m > SIDE) {
		multiply(words(k), a, b, true);
		amx_store(2, &x[SIDE][0], sizeof *x);
		amx_store(3, &x[SIDE][1], sizeof *x);
	} else {
		multiply(words(k), a, b, false);
	}
	amx_store(0, &x[0][0], sizeof *x);
	amx_store(1, &x[0][1], sizeof *x);
	if (n == COLS)
		finish(x, m, c, c_row, bias, add, add_row);
	for (i = 0; n < COLS && i < m; i++)
		v_finish(x[i], n, c + i * c_row, bias,
			add ? add + i * add_row : NULL);
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
	.pack_a = pack_a, .pack_b = pack_b, .tile = tile,
	.begin = begin, .end = end,
};
