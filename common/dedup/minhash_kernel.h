/* minhash_kernel.h - the inner loops of minhash.c, one set per instruction set
 *
 * The plain set is the reference; all sets give identical results.
 */
#ifndef PIPELM_MINHASH_KERNEL_H
#define PIPELM_MINHASH_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes after each buffer that must be readable and writable. */
#define MINHASH_PAD 64

struct minhash_kernel {
	/* Normalises ASCII text: word bytes in lower case, 0 for others. Works
	 * in blocks and stops at the end or at a block with a byte over 127;
	 * returns the number of bytes done. Reads s[0..n), and may write up to
	 * MINHASH_PAD bytes past the output. */
	size_t (*lower)(const char *s, size_t n, char *out);

	/* Hashes the words (runs of nonzero bytes) of low[0..n), which must be
	 * followed by MINHASH_PAD zeros. Returns their number. */
	size_t (*words)(const char *low, size_t n, uint32_t *hashes);

	/* Replaces n >= k word hashes by the hashes of shingles of k words, in
	 * place; returns their number, n - k + 1. */
	size_t (*shingles)(uint32_t *hashes, size_t n, int k,
		const uint32_t *weights);

	/* sig[j] = min over i of hashes[i] * a[j] + b[j] mod 2^32, for j <
	 * nsig, a multiple of 16. */
	void (*sign)(const uint32_t *hashes, size_t n, const uint32_t *a,
		const uint32_t *b, size_t nsig, uint32_t *sig);
};

extern const struct minhash_kernel minhash_plain;
extern const struct minhash_kernel minhash_avx2, minhash_avx512;

/* ---- shared by all sets, so that they agree ---- */

/* Mixes 16 bytes and a length into 32 bits. */
static inline uint32_t minhash_mix16(uint64_t lo, uint64_t hi, uint64_t n)
{
	uint64_t h = (lo ^ 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;

	h ^= h >> 32;
	h = (h ^ hi ^ n << 56) * 0x94d049bb133111ebu;
	return (uint32_t)(h >> 32);
}

/* The hash of the word s[0..n); 16 bytes at s must be readable. */
static inline uint32_t minhash_word(const char *s, size_t n)
{
	uint64_t lo, hi;
	uint32_t h = 0;

	while (n > 16) {
		memcpy(&lo, s, 8);
		memcpy(&hi, s + 8, 8);
		h ^= minhash_mix16(lo ^ h, hi, 17);
		s += 16;
		n -= 16;
	}
	memcpy(&lo, s, 8);
	memcpy(&hi, s + 8, 8);
	if (n <= 8) {
		lo &= ~(uint64_t)0 >> (64 - 8 * n);
		hi = 0;
	} else if (n < 16) {
		hi &= ~(uint64_t)0 >> (128 - 8 * n);
	}
	return minhash_mix16(lo ^ h, hi, n);
}

/* A bijection on 32 bits that makes sums of words look random (the finaliser of
 * MurmurHash3). */
static inline uint32_t minhash_final(uint32_t x)
{
	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	return x ^ x >> 16;
}

#endif
