/* rng.c - counter-based random numbers: see rng.h */
#include "common/base/rng.h"

#include <math.h>
#include <string.h>

static inline void multiply(uint32_t a, uint32_t b, uint32_t *hi, uint32_t *lo)
{
	uint64_t p = (uint64_t)a * b;

	*hi = (uint32_t)(p >> 32);
	*lo = (uint32_t)p;
}

/* Four words for key seed and counter (stream, a, b). */
static void block(uint32_t out[4], uint64_t seed, uint32_t stream, uint32_t a,
	uint64_t b)
{
	uint32_t x[4] = { (uint32_t)b, (uint32_t)(b >> 32), a, stream };
	uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
	int round;

	for (round = 0; round < 10; round++) {
		uint32_t h0, l0, h1, l1;

		multiply(0xD2511F53u, x[0], &h0, &l0);
		multiply(0xCD9E8D57u, x[2], &h1, &l1);
		x[0] = h1 ^ x[1] ^ k0;
		x[1] = l1;
		x[2] = h0 ^ x[3] ^ k1;
		x[3] = l0;
		k0 += 0x9E3779B9u;
		k1 += 0xBB67AE85u;
	}
	out[0] = x[0];
	out[1] = x[1];
	out[2] = x[2];
	out[3] = x[3];
}

uint64_t rng_u64(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b)
{
	uint32_t x[4];

	block(x, seed, stream, a, b);
	return (uint64_t)x[1] << 32 | x[0];
}

double rng_uniform(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b)
{
	return (double)(rng_u64(seed, stream, a, b) >> 11) * 0x1p-53;
}

double rng_normal(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b)
{
	const double two_pi = 6.283185307179586476925;
	uint32_t x[4];
	double u, v;

	block(x, seed, stream, a, b);
	u = ((double)x[0] + 1) * 0x1p-32;	/* in (0, 1] */
	v = (double)x[1] * 0x1p-32;
	return sqrt(-2 * log(u)) * cos(two_pi * v);
}

uint64_t rng_below(uint64_t seed, uint32_t stream, uint32_t a, uint64_t b,
	uint64_t n)
{
	return (uint64_t)(((unsigned __int128)rng_u64(seed, stream, a, b) * n) >>
		64);
}

void rng_shuffle(void *v, size_t n, size_t size, uint64_t seed,
	uint32_t stream, uint32_t a)
{
	unsigned char *p = v, keep[64];
	size_t i;

	for (i = n; i > 1; i--) {
		size_t j = (size_t)rng_below(seed, stream, a, i, i);

		memcpy(keep, p + (i - 1) * size, size);
		memmove(p + (i - 1) * size, p + j * size, size);
		memcpy(p + j * size, keep, size);
	}
}
