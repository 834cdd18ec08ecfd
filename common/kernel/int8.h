/* int8.h - products of quantized weights in integers
 *
 * Private to common/kernel. The weights are the panels of panel.h. A row of A is
 * rounded in blocks of PANEL_BLOCK terms to integers of 8 bits that share a scale.
 * Some blocks have a second part, the remainder, in integers of 7 bits whose unit
 * is 128 times as small, so that both have 15 bits, as exact as fp32 beside weights
 * of 8 bits and fewer. With COMPUTE_INT16, all blocks have one; with COMPUTE_INT8,
 * those that are large for their row, which would carry most of the error: on
 * average, 8 bits move the logits of a model of 135M parameters by .24, this by
 * .1, 15 bits by .003. An element of C is, over the first parts of the blocks in
 * order and then over the remainders in order,
 *
 *	x = fma(d * scale, sum of q_w * q_a, x)
 *	x = fma(m, scale * (sum of q_a), x)	with a minimum
 *
 * and then x + bias + add. d, m: of the block of weights; where halves of a block
 * have a d each, the first line is applied to each half. Sums of integers are
 * exact, so every form gives the same bits: plain C, vpdpbusd, vpmaddwd.
 */
#ifndef PIPELM_KERNEL_INT8_H
#define PIPELM_KERNEL_INT8_H

#include "common/kernel/packed.h"

enum {
	INT8_LARGEST = 127 * 128,	/* of both parts of a number together */
	INT8_ROWS = 4			/* of a tile */
};

/* Blocks whose numbers are all smaller become 0. */
#define INT8_SMALLEST 1e-30f

/* A block is large whose largest number is more than this times their mean. */
#define INT8_LARGE 1.5f

/* A part of a block of a row of A, zero after the row's end. If a number is not
 * finite, scale and sum are NaN and the integers 0. */
struct int8_part {
	int32_t word[PANEL_BLOCK / 4][2];	/* four terms, in the order of
						 * the instructions, which may
						 * need only one of two */
	uint32_t block;		/* of the row */
	float scale;
	float sum;		/* scale * sum of the integers */
	int32_t start[2];	/* -zero times the sum of each half, or of all
				 * in start[0] */
};

/* Row r: its first parts at part[2 * r * blocks], `blocks` of them, then its
 * remainders, more[r] of them. */
struct int8_rows {
	size_t blocks;
	struct int8_part *part;
	uint32_t *more;
};

struct int8_set {
	/* The largest magnitude of n <= PANEL_BLOCK terms, NaN if one is NaN. */
	float (*largest)(const float *a, size_t n);

	/* Rounds them for weights of format f; rest: the remainder, or NULL. */
	void (*round)(struct int8_part *out, struct int8_part *rest,
		const float *a, size_t n, float largest, struct panel_format f);

	/* c (m,n) = a w [+ bias] [+ add]: m <= INT8_ROWS rows of a from i on, n
	 * columns of a panel. */
	void (*tile)(enum dtype type, size_t m, size_t n,
		const struct int8_rows *a, size_t i, const void *panel,
		float *c, size_t c_row, const float *bias, const float *add,
		size_t add_row);
};

/* C = A W [+ bias] [+ add]: see matmul_packed. */
void int8_matmul(const struct matmul *p, const struct packed_matrix *w);

#endif
