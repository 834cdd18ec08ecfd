/* quant_part.h - the integers and scales of quantized numbers
 *
 * For programs that keep quantized weights in a layout of their own.
 */
#ifndef PIPELM_QUANT_PART_H
#define PIPELM_QUANT_PART_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/weight.h"

/* 32 consecutive numbers of a row: number i is d[i / 16] * q[i] + m. The product
 * is exact, but for the last bit of Q6_K's, so that a fused multiply-add gives the
 * same number. */
struct quant_part {
	int8_t q[32];
	float d[2], m;
	bool has_m;		/* else m is 0 */
};

/* Numbers 32*i and up of a row in any of the types of quant.h. */
void quant_part(struct quant_part *out, enum dtype type, const void *row,
	size_t i);

/* Only their integers, and the address of their block. */
const unsigned char *quant_integers(int8_t q[32], enum dtype type,
	const void *row, size_t i);

#endif
