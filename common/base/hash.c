/* hash.c - hashes of bytes: see hash.h; the only file that uses xxHash */
#include "common/base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>
#include <zlib.h>

uint64_t hash64(const void *p, size_t n)
{
	return XXH3_64bits(p, n);
}

uint64_t hash64_seed(const void *p, size_t n, uint64_t seed)
{
	return XXH3_64bits_withSeed(p, n, seed);
}

void hash_text(char out[17], uint64_t hash)
{
	snprintf(out, 17, "%016" PRIx64, hash);
}

uint32_t crc32_add(uint32_t crc, const void *p, size_t n)
{
	return (uint32_t)crc32_z(crc, p, n);
}
