/* moments.h - moments of an optimizer in bf16: the loops, which every set compiles
 *
 * Private to common/kernel. A moment moves by small parts of itself, which rounding to
 * nearest would lose. So it is rounded at random, up as often as it is near the number
 * above (stochastic rounding; Zamirai et al., Revisiting BFloat16 Training, 2020): the
 * mean is right. The random bits are a function of a seed and the element's index.
 */
#ifndef PIPELM_KERNEL_MOMENTS_H
#define PIPELM_KERNEL_MOMENTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Appleby's finalizer of MurmurHash3. */
static inline uint32_t moments_random(uint32_t seed, uint32_t index)
{
	uint32_t x = seed + index * 0x9e3779b9u;

	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

/* Element i of finite numbers has the given index + i, and the lower 16 bits of its
 * random number, or with upper the others. */
static inline void moments_narrow_loop(uint16_t *out, const float *x, size_t n,
	uint32_t seed, uint32_t index, int upper)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t u, r = moments_random(seed, index + (uint32_t)i);

		memcpy(&u, x + i, sizeof u);
		out[i] = (uint16_t)((u + (r >> upper & 0xffff)) >> 16);
	}
}

#endif
