/* minhash_plain.c - the loops of minhash.c in plain C: see minhash_kernel.h */
#include "common/dedup/minhash_kernel.h"

static inline char normal(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')
		return c;
	return 0;
}

static size_t lower(const char *s, size_t n, char *out)
{
	size_t i = 0;

	for (; i < n && !(s[i] & 0x80); i++)
		out[i] = normal(s[i]);
	return i;
}

static size_t words(const char *low, size_t n, uint32_t *hashes)
{
	size_t i = 0, from, count = 0;

	for (;;) {
		while (i < n && !low[i])
			i++;
		if (i == n)
			return count;
		for (from = i; i < n && low[i]; i++)
			;
		hashes[count++] = minhash_word(low + from, i - from);
	}
}

static size_t shingles(uint32_t *hashes, size_t n, int k,
	const uint32_t *weights)
{
	size_t i, most = n - (size_t)k + 1;
	int j;

	for (i = 0; i < most; i++) {
		uint32_t sum = 0;

		for (j = 0; j < k; j++)
			sum += hashes[i + (size_t)j] * weights[j];
		hashes[i] = minhash_final(sum);
	}
	return most;
}

static void sign(const uint32_t *hashes, size_t n, const uint32_t *a,
	const uint32_t *b, size_t nsig, uint32_t *sig)
{
	size_t i, j;

	for (j = 0; j < nsig; j++)
		sig[j] = UINT32_MAX;
	for (i = 0; i < n; i++)
		for (j = 0; j < nsig; j++) {
			uint32_t h = hashes[i] * a[j] + b[j];

			if (h < sig[j])
				sig[j] = h;
		}
}

const struct minhash_kernel minhash_plain = { lower, words, shingles, sign };
