/* hash.h - hashes of bytes: 64-bit XXH3, a stable published format
 *
 * The values may be stored in files: they are the same on every machine.
 */
#ifndef PIPELM_HASH_H
#define PIPELM_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash64(const void *p, size_t n);
uint64_t hash64_seed(const void *p, size_t n, uint64_t seed);

/* Writes a hash as 16 hexadecimal digits. */
void hash_text(char out[17], uint64_t hash);

/* A bijection on 64-bit words with good avalanche (SplitMix64's finaliser), for
 * numeric keys. */
static inline uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* CRC-32 as in gzip and PNG, of p[0..n), continuing from crc (initially 0). */
uint32_t crc32_add(uint32_t crc, const void *p, size_t n);

#endif
