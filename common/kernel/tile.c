/* tile.c - matrices as packed tiles and panels: see tile.h */
#include "common/kernel/tile.h"

#include "common/base/size.h"
#include "common/kernel/bf16.h"
#include "common/kernel/numbers.h"
#include "common/kernel/packed.h"

/* If the terms of a sum are rows in memory, all tiles or panels take their part
 * of this many rows before the next rows are read, so that cache lines and
 * pages are used completely while they are cached. Whole squares of words. */
#define ROWS_AT_ONCE 32

unsigned tile_begin(const struct tile_set *t)
{
	unsigned was = bf16_begin();

	if (t->begin)
		t->begin();
	return was;
}

void tile_end(const struct tile_set *t, unsigned was)
{
	if (t->end)
		t->end();
	bf16_end(was);
}

void tile_pack_a(const struct tile_set *t, float *out, struct values a,
	size_t row, size_t col, size_t m, size_t k)
{
	size_t words = tile_whole(t, tile_words(t, k));
	size_t step = row == 1 ? ROWS_AT_ONCE : k, i, p;

	for (p = 0; p < k; p += step)
		for (i = 0; i < m; i += t->rows) {
			size_t rows = size_min(t->rows, m - i);

			t->pack_a(out + i * words +
				p / t->terms * tile_whole(t, rows),
				values_at(a, i * row + p * col), row, col, rows,
				size_min(step, k - p));
		}
}

void tile_pack_b(const struct tile_set *t, float *out, struct values b,
	size_t row, size_t col, size_t n, size_t k)
{
	size_t words = tile_words(t, k);
	size_t step = col == 1 ? ROWS_AT_ONCE : k, j, p;

	for (p = 0; p < k; p += step)
		for (j = 0; j < n; j += t->cols)
			t->pack_b(out + j * words + p / t->terms * t->cols,
				values_at(b, j * col + p * row), row, col,
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

/* The share of tile i of `tiles`, of `words` rounds each, in what panel j fetches, so
 * that memory and multiplying take their time together; where that is nothing, the
 * first tile fetches what it reads, b. */
static struct fetch fetch_share(struct panels_ahead ahead, size_t j, size_t i,
	size_t tiles, size_t words, const float *b, size_t cols)
{
	size_t rounds = tiles * words, step;

	if (!ahead.at)
		return i ? (struct fetch){ (const char *)b, 0 } :
			fetch_ahead(b, cols * sizeof *b);
	step = size_min((ahead.bytes + rounds - 1) / rounds, 2 * FETCH_LINE);
	return (struct fetch){ ahead.at + j * ahead.stride + i * words * step,
		step };
}

/* Begins to load m rows of n columns, which are written soon. */
static void fetch_c(const float *c, size_t c_row, size_t m, size_t n)
{
	size_t i, j;

	for (i = 0; i < m; i++)
		for (j = 0; j < n; j += FETCH_LINE / sizeof *c)
			__builtin_prefetch(c + i * c_row + j, 1);
}

/* All tiles of a use a panel of b before the next panel: the panel stays in the
 * level 1 or 2 cache, the tiles in the level 2 cache. */
void tile_block(const struct tile_set *t, size_t m, size_t n, size_t k,
	const float *a, const float *b, size_t stride, struct panels_ahead ahead,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row)
{
	size_t words = tile_words(t, k), row = tile_whole(t, words);
	size_t tiles = (m + t->rows - 1) / t->rows, i, j;
	bool own = !ahead.at && tiles > 1;

	if (m == 1 && t->row) {
		row_block(t, n, k, a, b, stride, c, bias, add);
		return;
	}
	for (j = 0; j < n; j += t->cols, b += stride) {
		if (own)
			ahead = (struct panels_ahead){ j + t->cols < n ?
				(const char *)(b + stride) : NULL,
				0, words * t->cols * sizeof *b, ahead.far };
		for (i = 0; i < m; i += t->rows) {
			size_t rows = size_min(t->rows, m - i);
			size_t cols = size_min(t->cols, n - j);

			if (ahead.far)
				fetch_c(c + i * c_row + j, c_row, rows, cols);
			t->tile(rows, cols, k, a + i * row, b, c + i * c_row + j,
				c_row, bias ? bias + j : NULL,
				add ? add + i * add_row + j : NULL, add_row,
				fetch_share(ahead, j / t->cols, i / t->rows,
					tiles, words, b, t->cols));
		}
	}
}
