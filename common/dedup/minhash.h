/* minhash.h - MinHash signatures of the word shingles of a text, and their
 * bands for locality-sensitive hashing
 *
 * Two texts agree in a row of the signature with the probability of the
 * Jaccard similarity s of their sets of shingles (Broder 1997). A band is the
 * hash of some rows of the signature. Texts that share at least one of `bands`
 * bands of `rows` rows count as near-duplicates, which happens with probability
 * 1 - (1 - s^rows)^bands. FineWeb uses 14 bands of 8: half of the pairs at
 * s = .68, 92% at .8.
 *
 * A shingle is nword consecutive words in lower case. A word is a run of
 * letters, marks, numbers and '_'; in scripts written without spaces (Han,
 * kana, Thai ...) each character is a word. A text with fewer words is one
 * shingle. Keys are the same on every machine and may be stored.
 */
#ifndef PIPELM_MINHASH_H
#define PIPELM_MINHASH_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct minhash;

/* Draws the permutations from seed. The caller frees it with minhash_free. */
struct minhash *minhash_new(int bands, int rows, int nword, uint64_t seed);
void minhash_free(struct minhash *m);

/* Working memory, one per thread: zero-initialise it. */
struct minhash_scratch {
	struct buf low;			/* the normalised text */
	uint32_t *hashes;		/* of words, then of shingles */
	size_t cap;
};
void minhash_scratch_free(struct minhash_scratch *s);

/* The length of a signature, bands * rows. */
int minhash_length(const struct minhash *m);

/* Signs text[0..len), valid UTF-8, into sig[minhash_length]. Returns the
 * number of shingles, repeated ones included. It is 0 when the text has no
 * word; sig is then all UINT32_MAX. */
size_t minhash_sign(const struct minhash *m, struct minhash_scratch *s,
	const char *text, size_t len, uint32_t *sig);

/* The key of each band of a signature: keys[bands]. Keys of different bands
 * differ even for equal rows. */
void minhash_keys(const struct minhash *m, const uint32_t *sig,
	uint64_t *keys);

/* The reference for the normalisation, for tests: appends the words of text,
 * each followed by NUL bytes. */
void minhash_words(const char *text, size_t len, struct buf *low);

#endif
