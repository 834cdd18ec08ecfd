/* rng.h - random numbers as a function of (seed, stream, index)
 *
 * Philox4x32-10 (Salmon et al. 2011): counter-based, so a result depends on what
 * it is for, never on the number of threads or the size of a batch.
 */
#ifndef PIPELM_RNG_H
#define PIPELM_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Streams: one per use, so that no two uses share numbers. */
enum rng_stream {
	RNG_INIT = 1,		/* parameters; index = element */
	RNG_SHUFFLE,		/* order of data; index = draw */
	RNG_SAMPLE,		/* tokens; index = position */
	RNG_DEDUP,		/* permutations of MinHash */
	RNG_TEST,
	RNG_TOOL		/* chance of tools; index = call */
};

/* For key seed and counter (stream, a, b): 64 random bits, a double in [0, 1), a
 * standard normal number (Box-Muller), an integer below n with negligible
 * bias. */
uint64_t rng_u64(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b);
double rng_uniform(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b);
double rng_normal(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b);
uint64_t rng_below(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b,
	uint64_t n);

/* Shuffles v[0..n), elements of at most 64 bytes, drawing from (stream, a, index)
 * with indices 2 to n (Fisher and Yates). */
void rng_shuffle(void *v, size_t n, size_t size, uint64_t seed,
	uint32_t stream, uint32_t a);

#endif
