/* tile.c - matrices as packed tiles and panels: see tile.h */
#include "common/kernel/tile.h"

#include "common/base/size.h"

/* If the terms of a sum are rows in memory, all tiles or panels take their part
 * of this many rows before the next rows are read, so that cache lines and
 * pages are used completely while they are cached. Whole squares of words. */
#define ROWS_AT_ONCE 32

void tile_pack_a(const struct tile_set *t, float *out, const float *a,
	size_t row, size_t col, size_t m, size_t k)
{
	size_t words = tile_whole(t, tile_words(t, k));
	size_t step = row == 1 ? ROWS_AT_ONCE : k, i, p;

	for (p = 0; p < k; p += step)
		for (i = 0; i < m; i += t->rows) {
			size_t rows = size_min(t->rows, m - i);

			t->pack_a(out + i * words +
				p / t->terms * tile_whole(t, rows),
				a + i * row + p * col, row, col, rows,
				size_min(step, k - p));
		}
}

void tile_pack_b(const struct tile_set *t, float *out, const float *b,
	size_t row, size_t col, size_t n, size_t k)
{
	size_t words = tile_words(t, k);
	size_t step = col == 1 ? ROWS_AT_ONCE : k, j, p;

	for (p = 0; p < k; p += step)
		for (j = 0; j < n; j += t->cols)
			t->pack_b(out + j * words + p / t->terms * t->cols,
				b + j * col + p * row, row, col,
				size_min(t->cols, n - j), size_min(step, k - p));
}

size_t tile_columns(size_t n)
{
	size_t cols = kernel_set()->tile->cols;

	return (n + cols - 1) / cols * cols;
}

static void row_block(const struct tile_set *t, size_t n, size_t k,
	const float *a, const float *b, size_t stride, float *c,
	const float *bias, const float *add)
{
	size_t j;

	for (j = 0; j < n; j += 2 * t->cols)
		t->row(size_min(2 * t->cols, n - j), k, a,
			b + j / t->cols * stride,
			n - j > t->cols ? stride : 0, c + j,
			bias ? bias + j : NULL, add ? add + j : NULL);
}

/* What tile i of `all` fetches while it multiplies a panel b of `words` words: with
 * several, its share of the next panel, so that memory and multiplying take their
 * time together. NULL: the first fetches b. */
static struct fetch fetch_share(size_t i, size_t all, size_t cols, size_t words,
	const float *b, const float *next)
{
	size_t step = cols * sizeof *b;

	if (all == 1 || (!next && !i))
		return fetch_ahead(b, step);
	if (!next)
		return (struct fetch){ (const char *)b, 0 };
	step = (step + all - 1) / all;
	return (struct fetch){ (const char *)next + i * words * step, step };
}

/* All tiles of a use a panel of b before the next panel: the panel stays in the
 * level 1 or 2 cache, the tiles in the level 2 cache. */
void tile_block(const struct tile_set *t, size_t m, size_t n, size_t k,
	const float *a, const float *b, size_t stride, const float *next,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row)
{
	size_t words = tile_words(t, k), row = tile_whole(t, words);
	size_t tiles = (m + t->rows - 1) / t->rows, i, j;

	if (m == 1 && t->row) {
		row_block(t, n, k, a, b, stride, c, bias, add);
		return;
	}
	for (j = 0; j < n; j += t->cols, b += stride) {
		const float *after = j + t->cols < n ? b + stride : next;

		for (i = 0; i < m; i += t->rows)
			t->tile(size_min(t->rows, m - i), size_min(t->cols, n - j),
				k, a + i * row, b, c + i * c_row + j, c_row,
				bias ? bias + j : NULL,
				add ? add + i * add_row + j : NULL, add_row,
				fetch_share(i / t->rows, tiles, t->cols, words,
					b, after));
	}
}
