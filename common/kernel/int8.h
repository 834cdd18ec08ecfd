/* int8.h - products of quantized weights in integers
 *
 * Private to common/kernel. The weights are the panels of panel.h. A row of A is
 * rounded in blocks of PANEL_BLOCK terms, which share a scale, to integers of 15
 * bits: as exact as fp32 beside weights of 8 bits and fewer, where 8 bits would
 * double the error of 4-bit weights. An element of C is, over blocks in order,
 *
 *	x = fma(d * scale, sum of q_w * q_a, x)
 *	x = fma(m, scale * (sum of q_a), x)	with a minimum
 *
 * and then x + bias + add. d, m: of the block of weights; where halves of a block
 * have a d each, the first line is applied to each half. Sums of integers are
 * exact, so every form gives the same bits: plain C, vpdpbusd on 7 + 8 bits of a
 * number of A, vpmaddwd on all of them.
 */
#ifndef PIPELM_KERNEL_INT8_H
#define PIPELM_KERNEL_INT8_H

#include "common/kernel/packed.h"

enum {
	INT8_LARGEST = 127 * 128,	/* of the integers of A */
	INT8_ROWS = 4			/* of a tile */
};

/* Blocks whose numbers are all smaller become 0. */
#define INT8_SMALLEST 1e-30f

/* A block of a row of A, zero after the row's end. If a number is not finite,
 * scale and sum are NaN and the integers 0. */
struct int8_block {
	int32_t word[PANEL_BLOCK / 4][2];	/* four terms, in the order of
						 * the instructions */
	float scale;
	float sum;		/* scale * sum of the integers */
	int32_t start[2];	/* -zero times the sum of each half, or of all
				 * in start[0] */
};

/* Rounds a block, n <= PANEL_BLOCK terms, for weights of format f. */
typedef void int8_round_fn(struct int8_block *out, const float *a, size_t n,
	struct panel_format f);

struct int8_set {
	int8_round_fn *round;

	/* c (m,n) = a w [+ bias] [+ add]: m <= INT8_ROWS rows, whose blocks are
	 * a[r * blocks], n columns of a panel. */
	void (*tile)(enum dtype type, size_t m, size_t n, size_t blocks,
		const struct int8_block *a, const void *panel, float *c,
		size_t c_row, const float *bias, const float *add,
		size_t add_row);
};

/* C = A W [+ bias] [+ add]: see matmul_packed. */
void int8_matmul(const struct matmul *p, const struct packed_matrix *w);

#endif
