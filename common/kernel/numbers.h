/* numbers.h - loops over numbers that are in fp32 or in bf16: struct values
 *
 * Private to common/kernel: single numbers, and, in files that are compiled for a set of
 * instructions, vectors.
 */
#ifndef PIPELM_KERNEL_NUMBERS_H
#define PIPELM_KERNEL_NUMBERS_H

#include <stdint.h>
#include <string.h>

#include "common/format/half.h"
#include "common/kernel/bf16.h"
#include "common/kernel/kernel.h"

/* x from number i on. */
static inline struct values values_at(struct values x, size_t i)
{
	if (x.half)
		return (struct values){ NULL, x.half + i };
	return floats(x.x + i);
}

static inline struct values_out values_out_at(struct values_out x, size_t i)
{
	if (x.half)
		return (struct values_out){ NULL, x.half + i };
	return to_floats(x.x + i);
}

static inline float number(struct values x, size_t i)
{
	float y;

	if (!x.half)
		return x.x[i];
	half_load_bf16(&y, x.half + i, 1);
	return y;
}

static inline void put_number(struct values_out out, size_t i, float x)
{
	if (out.half)
		bf16_round_loop(out.half + i, &x, 1);
	else
		out.x[i] = x;
}

#ifdef ISA_WIDTH

#include "common/kernel/simd.h"

/* n <= W numbers of x from number `at` on, and zeros; of more, W. */
FORCE_INLINE vf load_most(struct values x, size_t at, size_t n)
{
	uint16_t part[W] = { 0 };

	if (!x.half)
		return v_load_most(x.x + at, n);
	if (n >= W)
		return v_load_bf16(x.half + at);
	memcpy(part, x.half + at, n * sizeof *part);
	return v_load_bf16(part);
}

/* Writes as many of x. */
FORCE_INLINE void store_most(struct values_out out, size_t at, vf x, size_t n)
{
	uint16_t half[W];
	float part[W];

	if (!out.half) {
		v_store_most(out.x + at, x, n);
		return;
	}
	v_store(part, x);
	bf16_round_loop(half, part, W);
	if (n >= W)
		memcpy(out.half + at, half, sizeof half);
	else
		memcpy(out.half + at, half, n * sizeof *half);
}

#endif

#endif
