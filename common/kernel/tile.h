/* tile.h - matrices as packed tiles and panels, for matmul.c and attention.c
 *
 * Private to common/kernel. In words of t->terms terms, of which k terms need
 * tile_words(t, k): A is packed into tiles of t->rows rows (the last one may have
 * fewer), tile i at rows*i*words, with rows and words rounded up by tile_whole; B
 * into panels of t->cols columns, the last one padded with zeros, panel j at
 * cols*j*words.
 */
#ifndef PIPELM_KERNEL_TILE_H
#define PIPELM_KERNEL_TILE_H

#include "common/kernel/set.h"

static inline size_t tile_words(const struct tile_set *t, size_t k)
{
	return (k + t->terms - 1) / t->terms;
}

/* n rows or words of A rounded up to whole squares. */
static inline size_t tile_whole(const struct tile_set *t, size_t n)
{
	return (n + t->square - 1) / t->square * t->square;
}

/* What a thread does before its first product in bf16, and after the last one with the
 * value that tile_begin returned: see tile_set, and bf16_begin. */
unsigned tile_begin(const struct tile_set *t);
void tile_end(const struct tile_set *t, unsigned was);

/* out (m*words, both rounded up to whole squares) from a[i*row + p*col], m rows, k
 * terms. */
void tile_pack_a(const struct tile_set *t, float *out, struct values a,
	size_t row, size_t col, size_t m, size_t k);

/* out (tile_columns(n) * words) from b[p*row + j*col], n columns. */
void tile_pack_b(const struct tile_set *t, float *out, struct values b,
	size_t row, size_t col, size_t n, size_t k);

/* n rounded up to whole panels, of any tile_set of kernel_set(). */
size_t tile_columns(size_t n);

/* What a block of panels fetches while it multiplies: panel j fetches the `bytes`
 * bytes from at + j*stride on, which are read soon. NULL: the next panel. `far`: C is
 * in no cache, and fetched too. */
struct panels_ahead {
	const char *at;
	size_t stride, bytes;
	bool far;
};

/* c (m,n) = a b [+ bias] [+ add] for packed a and b, in the calling thread. The
 * panels of b are `stride` words apart. */
void tile_block(const struct tile_set *t, size_t m, size_t n, size_t k,
	const float *a, const float *b, size_t stride, struct panels_ahead ahead,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row);

#endif
