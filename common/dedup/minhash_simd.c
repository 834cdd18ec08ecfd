/* minhash_simd.c - the loops of minhash.c in vectors: see minhash_kernel.h.
 * Compiled for AVX2 and AVX-512. Words are so short that the time goes into
 * finding their ends, which bit masks do.
 */
#include "common/dedup/minhash_kernel.h"

#include <immintrin.h>

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)

#if ISA_WIDTH == 16

typedef __m512i vec;
#define BLOCK 64

static inline vec load(const void *p)
{
	return _mm512_loadu_si512(p);
}

static inline void store(void *p, vec v)
{
	_mm512_storeu_si512(p, v);
}

static inline vec spread(uint32_t x)
{
	return _mm512_set1_epi32((int)x);
}

/* min(m, x * a + b) of 32-bit lanes */
static inline vec step(vec m, vec x, vec a, vec b)
{
	return _mm512_min_epu32(m,
		_mm512_add_epi32(_mm512_mullo_epi32(x, a), b));
}

static inline uint64_t nonzero_mask(const char *p)
{
	return _mm512_test_epi8_mask(load(p), load(p));
}

/* False when the block contains a byte over 127. */
static inline int lower_block(const char *s, char *out)
{
	vec v = load(s), l = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
	__mmask64 alpha, digit;

	if (_mm512_movepi8_mask(v))
		return 0;
	alpha = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(l,
		_mm512_set1_epi8('a')), _mm512_set1_epi8(26));
	digit = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v,
		_mm512_set1_epi8('0')), _mm512_set1_epi8(10));
	digit |= _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('_'));
	v = _mm512_maskz_mov_epi8(digit, v);
	store(out, _mm512_mask_mov_epi8(v, alpha, l));
	return 1;
}

#else

typedef __m256i vec;
#define BLOCK 32

static inline vec load(const void *p)
{
	return _mm256_loadu_si256(p);
}

static inline void store(void *p, vec v)
{
	_mm256_storeu_si256(p, v);
}

static inline vec spread(uint32_t x)
{
	return _mm256_set1_epi32((int)x);
}

static inline vec step(vec m, vec x, vec a, vec b)
{
	return _mm256_min_epu32(m,
		_mm256_add_epi32(_mm256_mullo_epi32(x, a), b));
}

static inline uint64_t nonzero_mask(const char *p)
{
	vec zero = _mm256_setzero_si256();
	uint32_t lo = (uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(load(p), zero));
	uint32_t hi = (uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(load(p + 32), zero));

	return ~((uint64_t)hi << 32 | lo);
}

/* All ones where low <= v < low + n, for bytes below 128. */
static inline vec in_range(vec v, int low, int n)
{
	vec d = _mm256_sub_epi8(v, _mm256_set1_epi8((char)low));

	return _mm256_cmpeq_epi8(_mm256_min_epu8(d,
		_mm256_set1_epi8((char)(n - 1))), d);
}

static inline int lower_block(const char *s, char *out)
{
	vec v = load(s), l = _mm256_or_si256(v, _mm256_set1_epi8(0x20));
	vec keep;

	if (_mm256_movemask_epi8(v))
		return 0;
	keep = _mm256_or_si256(in_range(v, '0', 10),
		_mm256_cmpeq_epi8(v, _mm256_set1_epi8('_')));
	v = _mm256_and_si256(v, keep);
	l = _mm256_and_si256(l, in_range(l, 'a', 26));
	store(out, _mm256_or_si256(v, l));
	return 1;
}

#endif

static size_t lower(const char *s, size_t n, char *out)
{
	char tail[BLOCK], result[BLOCK];
	size_t i = 0;

	for (; n - i >= BLOCK; i += BLOCK)
		if (!lower_block(s + i, out + i))
			return i;
	if (i == n)
		return n;
	memset(tail, 0, sizeof tail);
	memcpy(tail, s + i, n - i);
	if (!lower_block(tail, result))
		return i;
	memcpy(out + i, result, n - i);
	return n;
}

static inline size_t lowest(uint64_t bits)
{
	return (size_t)__builtin_ctzll(bits);
}

static size_t words(const char *low, size_t n, uint32_t *hashes)
{
	size_t at, from = 0, count = 0;
	uint64_t before = 0;	/* 1: the block continues a word */

	for (at = 0; at < n; at += 64) {
		uint64_t mask = nonzero_mask(low + at), ends;

		ends = mask ^ (mask << 1 | before);
		if (before && ends) {	/* the end of the continued word */
			hashes[count++] = minhash_word(low + from,
				at + lowest(ends) - from);
			ends &= ends - 1;
		}
		while (ends) {
			from = at + lowest(ends);
			ends &= ends - 1;
			if (!ends)
				break;
			hashes[count++] = minhash_word(low + from,
				at + lowest(ends) - from);
			ends &= ends - 1;
		}
		before = mask >> 63;
	}
	if (before)
		hashes[count++] = minhash_word(low + from, at - from);
	return count;
}

/* The common case, which the compiler vectorises. */
static void shingles5(uint32_t *restrict out, const uint32_t *hashes,
	size_t most, const uint32_t *weights)
{
	uint32_t a = weights[0], b = weights[1], c = weights[2];
	uint32_t d = weights[3], e = weights[4];
	size_t i;

	for (i = 0; i < most; i++)
		out[i] = minhash_final(hashes[i] * a + hashes[i + 1] * b +
			hashes[i + 2] * c + hashes[i + 3] * d +
			hashes[i + 4] * e);
}

/* Works in chunks, through a buffer that does not overlap the source. */
static size_t shingles(uint32_t *hashes, size_t n, int k,
	const uint32_t *weights)
{
	uint32_t out[512];
	size_t most = n - (size_t)k + 1, i, m;

	if (k != 5)
		return minhash_plain.shingles(hashes, n, k, weights);
	for (i = 0; i < most; i += m) {
		m = most - i < 512 ? most - i : 512;
		shingles5(out, hashes + i, m, weights);
		memcpy(hashes + i, out, m * sizeof *out);
	}
	return most;
}

/* Four vectors of minima stay in registers for the whole loop over the hashes;
 * every call passes a constant nvec, also for the remainder. */
static inline void sign_some(const uint32_t *hashes, size_t n,
	const uint32_t *a, const uint32_t *b, uint32_t *sig, int nvec)
{
	vec m[4], x;
	size_t i;
	int j;

	for (j = 0; j < nvec; j++)
		m[j] = spread(UINT32_MAX);
	for (i = 0; i < n; i++) {
		x = spread(hashes[i]);
		for (j = 0; j < nvec; j++)
			m[j] = step(m[j], x, load(a + j * ISA_WIDTH),
				load(b + j * ISA_WIDTH));
	}
	for (j = 0; j < nvec; j++)
		store(sig + j * ISA_WIDTH, m[j]);
}

static void sign(const uint32_t *hashes, size_t n, const uint32_t *a,
	const uint32_t *b, size_t nsig, uint32_t *sig)
{
	size_t at = 0;

	for (; nsig - at >= 4 * ISA_WIDTH; at += 4 * ISA_WIDTH)
		sign_some(hashes, n, a + at, b + at, sig + at, 4);
	switch ((nsig - at) / ISA_WIDTH) {
	case 3:
		sign_some(hashes, n, a + at, b + at, sig + at, 3);
		break;
	case 2:
		sign_some(hashes, n, a + at, b + at, sig + at, 2);
		break;
	case 1:
		sign_some(hashes, n, a + at, b + at, sig + at, 1);
		break;
	}
}

const struct minhash_kernel PASTE(minhash_, ISA) = {
	lower, words, shingles, sign
};
