/* tile.h - matrices as packed tiles and panels, for matmul.c and attention.c
 *
 * Private to common/kernel. A is packed into tiles of tile_set.rows rows (the last
 * one may have fewer), tile i at rows*i*k floats; B into panels of tile_set.cols
 * columns, the last one padded with zeros, panel j at cols*j*k.
 */
#ifndef PIPELM_KERNEL_TILE_H
#define PIPELM_KERNEL_TILE_H

#include "common/kernel/set.h"

/* out (m*k floats) from a[i*row + p*col], m rows, k terms. */
void tile_pack_a(float *out, const float *a, size_t row, size_t col, size_t m,
	size_t k);

/* out (tile_columns(n) * k floats) from b[p*row + j*col], n columns. */
void tile_pack_b(float *out, const float *b, size_t row, size_t col, size_t n,
	size_t k);

/* n rounded up to whole panels. */
size_t tile_columns(size_t n);

/* c (m,n) = a b [+ bias] [+ add] for packed a and b, in the calling thread. */
void tile_block(size_t m, size_t n, size_t k, const float *a, const float *b,
	float *c, size_t c_row, const float *bias, const float *add,
	size_t add_row);

#endif
