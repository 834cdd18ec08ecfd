/* tile_simd.c - the inner loop of matrix products: see tile_set in set.h
 *
 * 14 rows by 32 columns of C stay in 28 of AVX-512's 32 registers during one
 * pass over K: a step loads 2 vectors of B, broadcasts 14 numbers of A from
 * memory, and does 28 fused multiply-adds. AVX2, with 16 registers of 8
 * floats, does 6 rows by 16 columns. Both sum in the same order.
 */
#include "common/kernel/set.h"
#include "common/kernel/simd.h"

#define ROWS (W == 16 ? 14 : 6)
#define COLS (2 * W)

/* ---- packing ---- */

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

static void pack_a_rows(float *out, const float *a, size_t row, size_t m,
	size_t k)
{
	const float *end = out + m * k;
	vf r[W];
	size_t p, i;

	for (p = 0; p + W <= k; p += W) {
#pragma GCC unroll 16
		for (i = 0; i < W; i++)
			r[i] = i < m ? v_load(a + i * row + p) : v_set(0);
		store_columns(out + p * m, end, r, m);
	}
	for (; p < k; p++)
		for (i = 0; i < m; i++)
			out[p * m + i] = a[i * row + p];
}

static void pack_a_columns(float *out, const float *a, size_t col, size_t m,
	size_t k)
{
	size_t p;

	for (p = 0; p + 3 < k; p++)
		v_store(out + p * m, v_load_part(a + p * col, m));
	for (; p < k; p++)
		v_store_part(out + p * m, v_load_part(a + p * col, m), m);
}

static void pack_a(float *out, const float *a, size_t row, size_t col,
	size_t m, size_t k)
{
	size_t i, p;

	if (col == 1)
		pack_a_rows(out, a, row, m, k);
	else if (row == 1 && 3 * m >= W)
		pack_a_columns(out, a, col, m, k);
	else
		for (p = 0; p < k; p++)
			for (i = 0; i < m; i++)
				out[p * m + i] = a[i * row + p * col];
}

/* B's rows are contiguous. */
static void pack_b_rows(float *out, const float *b, size_t row, size_t n,
	size_t k)
{
	size_t p;

	for (p = 0; p < k; p++, out += COLS, b += row) {
		if (n >= COLS) {
			v_store(out, v_load(b));
			v_store(out + W, v_load(b + W));
		} else if (n >= W) {
			v_store(out, v_load(b));
			v_store(out + W, v_load_part(b + W, n - W));
		} else {
			v_store(out, v_load_part(b, n));
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

	for (p = 0; p + W <= k; p += W) {
#pragma GCC unroll 16
		for (j = 0; j < W; j++)
			r[j] = j < n ? v_load(b + j * col + p) : v_set(0);
		v_transpose(r);
#pragma GCC unroll 16
		for (j = 0; j < W; j++)
			v_store(out + (p + j) * COLS, r[j]);
	}
	for (; p < k; p++)
		for (j = 0; j < W; j++)
			out[p * COLS + j] = j < n ? b[j * col + p] : 0;
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
		for (p = 0; p < k; p++)
			for (j = 0; j < COLS; j++)
				out[p * COLS + j] =
					j < n ? b[p * row + j * col] : 0;
	}
}

/* ---- multiplying ---- */

/* x (m by two vectors) += the products of k terms; element a[i,p] is at
 * a[i*row + p*col]. m is a constant in every copy of this function. */
FORCE_INLINE void multiply(vf x[][2], size_t m, size_t k, const float *a,
	size_t row, size_t col, const float *b)
{
	size_t p, i;

	for (p = 0; p < k; p++, a += col, b += COLS) {
		vf b0 = v_load(b), b1 = v_load(b + W);

#pragma GCC unroll 14
		for (i = 0; i < m; i++) {
			vf q = v_set(a[i * row]);

			x[i][0] = v_fma(q, b0, x[i][0]);
			x[i][1] = v_fma(q, b1, x[i][1]);
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
	const float *add, size_t add_row)
{
	float part[14 * COLS];
	vf x[14][2];

	clear(x, m);
	multiply(x, m, k, a, 1, m, b);
	if (n == COLS) {
		finish(x, m, c, c_row, bias, add, add_row);
	} else {
		finish(x, m, part, COLS, NULL, NULL, 0);
		finish_part(part, m, n, c, c_row, bias, add, add_row);
	}
}

FORCE_INLINE void tile_panels_of(size_t m, size_t n, size_t k, const float *a,
	size_t a_panel, const float *b, float *c, size_t c_row)
{
	float part[14 * COLS];
	vf x[14][2];
	size_t p;

	clear(x, m);
	for (p = 0; p < k; p += COLS, a += a_panel, b += COLS * COLS)
		multiply(x, m, COLS, a, COLS, 1, b);
	if (n == COLS) {
		finish(x, m, c, c_row, NULL, c, c_row);
	} else {
		finish(x, m, part, COLS, NULL, NULL, 0);
		finish_part(part, m, n, c, c_row, NULL, c, c_row);
	}
}

/* A copy of each function for every number of rows. */
#if ISA_WIDTH == 16
#define EACH_ROWS(X) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#else
#define EACH_ROWS(X)
#endif

#define TILE(m_)                                                               \
	case m_:                                                               \
		tile_of(m_, n, k, a, b, c, c_row, bias, add, add_row);         \
		break;

static void tile(size_t m, size_t n, size_t k, const float *a, const float *b,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row)
{
	switch (m) {
		TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
		EACH_ROWS(TILE)
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
	ROWS, COLS, pack_a, pack_b, tile, tile_panels
};
