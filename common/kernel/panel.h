/* panel.h - panels of packed weights that keep the type of their file
 *
 * Private to common/kernel. A product of few rows waits for memory, and such
 * weights take a half to a seventh of fp32's. In fp32 every number is converted
 * before it is multiplied, so that products have the same bits as with fp32;
 * int8.h and bf16.h multiply the numbers themselves.
 *
 * A panel holds all k terms of `cols` columns, in blocks of PANEL_BLOCK terms,
 * from a multiple of 64 bytes on. A block of F16 is a row of cols numbers for
 * each term, one of BF16 a row of cols 32-bit words for each 2 terms, the first
 * in the upper half; the last block may be shorter. A block of another type is
 * described by panel_format: rows of cols scales, perhaps one of minima, then
 * - integers of 8 bits, a row of cols 32-bit words for each 4 terms, term t in
 *   byte t; or
 * - of 4 bits, a row of cols words for each 8 terms: term t in the lower half of
 *   byte t, term 4 + t in its upper half.
 * They are stored without sign, as q + zero, for int8.h.
 */
#ifndef PIPELM_KERNEL_PANEL_H
#define PIPELM_KERNEL_PANEL_H

#include "common/format/quant_part.h"
#include "common/kernel/set.h"

enum { PANEL_BLOCK = 32 };	/* as QUANT_BLOCK */

/* Number i of a block is scale * q + minimum. */
struct panel_format {
	int bits;		/* of a q: 4, 8; 16: F16 or BF16; 0: no layout */
	int scale;		/* bytes of a scale or minimum: 2 (F16) or 4 */
	int scales;		/* 1, or 2: of each half of the block */
	bool minimum;
	int zero;		/* q = stored number - zero */
	bool pairs;		/* words of two numbers of 16 bits */
};

/* Inline, so that the loops of panel_simd.c have it as constants. */
static inline struct panel_format panel_format(enum dtype type)
{
	switch (type) {
	case DTYPE_F16:
		return (struct panel_format){ 16, 0, 0, false, 0, false };
	case DTYPE_BF16:
		return (struct panel_format){ 16, 0, 0, false, 0, true };
	case DTYPE_Q8_0:
	case DTYPE_Q5_0:
		return (struct panel_format){ 8, 2, 1, false, 128, false };
	case DTYPE_Q5_1:
		return (struct panel_format){ 8, 2, 1, true, 0, false };
	case DTYPE_Q4_0:
		return (struct panel_format){ 4, 2, 1, false, 8, false };
	case DTYPE_Q4_1:
		return (struct panel_format){ 4, 2, 1, true, 0, false };
	case DTYPE_Q4_K:
		return (struct panel_format){ 4, 4, 1, true, 0, false };
	case DTYPE_Q5_K:
		return (struct panel_format){ 8, 4, 1, true, 0, false };
	case DTYPE_Q6_K:
		return (struct panel_format){ 8, 4, 2, false, 128, false };
	default:
		return (struct panel_format){ 0, 0, 0, false, 0, false };
	}
}

/* Bytes of the scales and minima of a block. */
static inline size_t panel_scales(struct panel_format f, size_t cols)
{
	return cols * (size_t)(f.scale * (f.scales + f.minimum));
}

/* Bytes of k terms of a panel, whole blocks unless they are F16 or BF16. */
static inline size_t panel_terms(struct panel_format f, size_t cols, size_t k)
{
	k += f.pairs && k % 2;
	return k / PANEL_BLOCK * panel_scales(f, cols) +
		k * cols * (size_t)f.bits / 8;
}

/* F16 and BF16: the number of term l of column j; the upper half of a word is its
 * second one (little-endian). */
static inline size_t panel_half(enum dtype type, size_t cols, size_t j, size_t l)
{
	return type == DTYPE_F16 ? l * cols + j :
		l / 2 * 2 * cols + 2 * j + (l % 2 ? 0 : 1);
}

/* Bytes of a panel of k terms. */
size_t panel_bytes(enum dtype type, size_t cols, size_t k);

/* Fills column j, k terms, from a row of the file's blocks. Returns false if a
 * number is not finite. */
bool panel_put_column(enum dtype type, void *panel, size_t cols, size_t j,
	size_t k, const void *from);

/* The same for columns j .. j+n-1, from rows that are row_bytes apart. */
bool panel_put_columns(enum dtype type, void *panel, size_t cols, size_t j,
	size_t n, size_t k, const void *from, size_t row_bytes);

/* F16 and BF16: fills term l of the first n columns, in order of l. */
bool panel_put_term(enum dtype type, void *panel, size_t cols, size_t n,
	size_t l, const void *from);

/* BF16: whether all numbers are finite. */
bool panel_finite(const void *panel, size_t cols, size_t k);

/* Block i of column j of integers. */
void panel_part(struct quant_part *out, enum dtype type, const void *panel,
	size_t cols, size_t j, size_t i);

/* out (k) = column j. */
void panel_column(float *out, enum dtype type, const void *panel, size_t cols,
	size_t j, size_t k);

#endif
