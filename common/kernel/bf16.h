/* bf16.h - products of numbers rounded to bf16, with sums in fp32
 *
 * Private to common/kernel. Both inputs of a product are rounded to bf16, to
 * nearest, ties to even; weights once, when they are packed, and those that a
 * file has in bf16 keep their values. A product of two such numbers is exact
 * before it is added. An element of C is, over blocks of K_BLOCK terms in order,
 *
 *	x = 0;  x = fma(a, b, x) over the terms of the block in order
 *	c = x [+ bias] [+ add] in the first block, then c = c + x
 *
 * where everything smaller than 2^-126, inputs and results, is 0 with its sign
 * (packed_columns may still return such weights).
 * This is the order of matmul in fp32, and what vdpbf16ps does with pairs of
 * terms: it adds the product of the upper halves of two words, then that of the
 * lower halves, each rounded to nearest, denormals as 0, and MXCSR does not
 * count (Intel, Software Developer's Manual; Zen 4 was compared with it). So the
 * first of two terms is in the upper half. Processors without it multiply the
 * rounded numbers in fp32, with denormals off. All sets but one compute the same
 * bits, except those of a NaN.
 *
 * That one is AMX, whose tdpbf16ps sums BF16_STEP terms apart from the others, and
 * of them those with even and those with odd numbers (the same manual):
 *
 *	c = add if there is one and no bias, otherwise 0
 *	over each BF16_STEP terms in order:
 *		even = fma(a, b, even) over terms 0, 2, ...; even is 0 before
 *		odd = fma(a, b, odd) over terms 1, 3, ...; odd is 0 before
 *		c = c + (even + odd)
 *	after the first BF16_AMX_BLOCK terms, if there is a bias: c = c + bias [+ add]
 *
 * where missing terms are products of zeros. So its results are those of the other
 * sets to the order of sums, and have the same bits for one row as for many: one
 * row is multiplied on tiles too, since vdpbf16ps has no way to sum in this order.
 * Padding it to 16 rows costs little: 1 KiB of weights is multiplied in 16 cycles
 * (Intel, Optimization Reference Manual), and memory takes longer to deliver it.
 *
 * Training has three products: forward x W^T, the gradient of x, d W, and that of
 * W, d^T x. All are a struct matmul with other strides, and tile_set packs, and
 * rounds, from any strides: along terms or across them. matmul rounds both of its
 * factors if p->compute asks for it, unless it is given what is rounded already
 * (a16, b16); weights and sums of gradients (add) stay in fp32. What only products
 * read is written rounded (numbers.h); the gradient of a bias is then a sum of that.
 */
#ifndef PIPELM_KERNEL_BF16_H
#define PIPELM_KERNEL_BF16_H

#include <stdint.h>
#include <string.h>

#include "common/kernel/packed.h"

/* The bits of a float whose bits are u, rounded to bf16; NaN stays NaN. Inline, so
 * that loops over it become vector code. */
static inline uint32_t bf16_round(uint32_t u)
{
	uint32_t nearest = u + 0x7fff + (u >> 16 & 1);

	if ((u & 0x7fffffff) > 0x7f800000)
		nearest = u | 1u << 22;
	if (!(u & 0x7f800000))
		nearest = u & 0x80000000;
	return nearest & 0xffff0000;
}

static inline float bf16_rounded(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof u);
	u = bf16_round(u);
	memcpy(&x, &u, sizeof x);
	return x;
}

/* out = x rounded. */
static inline void bf16_round_loop(uint16_t *out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t u;

		memcpy(&u, x + i, sizeof u);
		out[i] = (uint16_t)(bf16_round(u) >> 16);
	}
}

enum {
	BF16_STEP = 32,
	BF16_AMX_BLOCK = 256	/* terms of which A's and B's tiles fit the level 1 cache */
};

/* The definition, in the calling thread: w is a matrix of BF16, or NULL for the
 * b of p; k > 0. Only tests ask for the order of AMX. */
void bf16_plain(const struct matmul *p, const struct packed_matrix *w, bool amx);

/* Turns denormals off in the calling thread, as operands and as results; ends it
 * with the value that begin returned. */
unsigned bf16_begin(void);
void bf16_end(unsigned was);

#endif
