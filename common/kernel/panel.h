/* panel.h - panels of packed weights that keep the type of their file
 *
 * Private to common/kernel. A product of few rows waits for memory, and such
 * weights take a half to a seventh of fp32's. Every number is converted to fp32
 * before it is multiplied, so that products have the same bits as with fp32.
 *
 * A panel holds all k terms of `cols` columns. A row of F16 or BF16 numbers for
 * each term; the panel begins at a multiple of 64 bytes.
 */
#ifndef PIPELM_KERNEL_PANEL_H
#define PIPELM_KERNEL_PANEL_H

#include "common/kernel/set.h"

/* Bytes of k terms of a panel. */
size_t panel_bytes(enum dtype type, size_t cols, size_t k);

/* Fills terms l .. l+n-1 of column j from `from`, numbers as in the file.
 * Returns false if one is not finite. */
bool panel_put_column(enum dtype type, void *panel, size_t cols, size_t j,
	size_t l, size_t n, const void *from);

/* Fills term l of the first n columns, for types with a number per element. */
bool panel_put_term(enum dtype type, void *panel, size_t cols, size_t n,
	size_t l, const void *from);

/* out (k) = column j. */
void panel_column(float *out, enum dtype type, const void *panel, size_t cols,
	size_t j, size_t k);

#endif
