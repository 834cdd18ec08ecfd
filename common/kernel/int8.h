/* int8.h - products of quantized weights in integers
 *
 * Private to common/kernel. The weights are the panels of panel.h. A row of A is
 * rounded in blocks of PANEL_BLOCK terms to integers that share a scale: with
 * COMPUTE_INT16 of 15 bits, as exact as fp32 beside weights of 8 bits and fewer;
 * with COMPUTE_INT8 of 8 bits. Blocks that are large for their row would then carry
 * most of the error, and have a second part, the remainder, whose unit is 128 times
 * as small, so that both parts have 15 bits. On average, 8 bits move the logits of a
 * model of 135M parameters by .24, with the remainders by .09, 15 bits by .003. An
 * element of C is, over the blocks in order and then over the remainders in order,
 *
 *	x = fma(d * scale, sum of q_w * q_a, x)
 *	x = fma(m, scale * (sum of q_a), x)	with a minimum
 *
 * and then x + bias + add. d, m: of the block of weights; where halves of a block
 * have a d each, the first line is applied to each half. Sums of integers are
 * exact, so every form gives the same bits: plain C, vpdpbusd, on the upper 8 and
 * the lower 7 of 15 bits, vpmaddubsw, vpmaddwd or tdpbssd.
 */
#ifndef PIPELM_KERNEL_INT8_H
#define PIPELM_KERNEL_INT8_H

#include "common/kernel/packed.h"

enum {
	INT8_LARGEST = 127 * 128,	/* of both parts of a number together */
	INT8_ROWS = 4			/* of a tile in vectors */
};

/* Blocks whose numbers are all smaller become 0. */
#define INT8_SMALLEST 1e-30f

/* A block is large whose largest number is more than this times their mean. */
#define INT8_LARGE 1.5f

/* A block of a row of A, or the remainder of one, zero after the row's end. If a
 * number is not finite, scale and sum are NaN and the integers 0. */
struct int8_part {
	int32_t word[PANEL_BLOCK / 4][2];	/* four terms, in one word or
						 * two, as the instructions
						 * of the set need them */
	uint32_t block;		/* of the row */
	float scale;
	float sum;		/* scale * sum of the integers */
	int32_t start[2];	/* -zero times the sum of each half, or of all
				 * in start[0] */
};

/* Row r: its blocks from part[2 * r * blocks] on, then its remainders, more[r] of
 * them. */
struct int8_rows {
	bool fine;		/* integers of 15 bits */
	size_t blocks;
	struct int8_part *part;
	uint32_t *more;
};

struct int8_set {
	size_t rows;		/* of a tile at most */
	size_t group;		/* a has whole groups of rows, the last zero */
	size_t least;		/* for products of fewer rows, `few` is faster */
	const struct int8_set *few;

	/* The largest magnitude of n <= PANEL_BLOCK terms, NaN if one is NaN. */
	float (*largest)(const float *a, size_t n);

	/* Rounds them for weights of format f: to 15 bits if fine, otherwise to 8
	 * with the remainder in rest, unless it is NULL. */
	void (*round)(struct int8_part *out, struct int8_part *rest,
		const float *a, size_t n, float largest, struct panel_format f,
		bool fine);

	/* c (m,n) = a w [+ bias] [+ add]: m <= rows rows of a from i on, n
	 * columns of a panel. */
	void (*tile)(enum dtype type, size_t m, size_t n,
		const struct int8_rows *a, size_t i, const void *panel,
		float *c, size_t c_row, const float *bias, const float *add,
		size_t add_row);

	/* x (a panel's columns) += the products of the remainders of row i, as
	 * tile adds them after the blocks. NULL in plain C. */
	void (*remainders)(enum dtype type, float *x,
		const struct int8_rows *a, size_t i, const void *panel);

	/* What a thread does before its first tile and after its last one of a
	 * part; NULL: nothing. */
	void (*begin)(void);
	void (*end)(void);
};

/* C = A W [+ bias] [+ add]: see matmul_packed. */
void int8_matmul(const struct matmul *p, const struct packed_matrix *w);

#endif
