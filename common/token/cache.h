/* cache.h - caches the ids of words
 *
 * Nine words in ten of running text have occurred shortly before. Words of up to
 * 15 bytes and 4 tokens are in a table, two to a cache line; a new word evicts
 * an older one from its line. Longer words, in a second table, store their
 * bytes separately. The tables are small until the text turns out to be long,
 * then they have their final size. Results do not depend on what is cached.
 */
#ifndef PIPELM_CACHE_H
#define PIPELM_CACHE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CACHE_WORD 15	/* maximum bytes of a short word */
#define CACHE_IDS 4

/* A short word: its bytes padded with zeros, its length in the highest byte. */
struct cache_key {
	uint64_t lo, hi;
};

struct cache_slot {
	struct cache_key key;
	uint32_t ids[CACHE_IDS];	/* number of ids in bits 28.. of the
					 * first; 0: free */
};

struct cache_long;

struct cache {
	struct cache_slot *slots;	/* 2 << bits */
	struct cache_long *longs;	/* 1 << long_bits */
	int bits, long_bits;
	size_t room;			/* words to add before it is enlarged */
};

void cache_init(struct cache *c);
void cache_free(struct cache *c);

/* Enlarges the tables if their room is used up. What was found in them before,
 * places too, is then invalid. */
void cache_make_room(struct cache *c);

/* The key of text[at..at+n), n <= CACHE_WORD; text has len bytes. */
static inline struct cache_key cache_key(const char *text, size_t len,
	size_t at, size_t n)
{
	struct cache_key k = { 0, 0 };

	if (len - at >= 16) {
		memcpy(&k, text + at, 16);
		if (n < 8) {
			k.lo &= ((uint64_t)1 << 8 * n) - 1;
			k.hi = 0;
		} else {
			k.hi &= ((uint64_t)1 << 8 * (n - 8)) - 1;
		}
	} else {
		memcpy(&k, text + at, n);
	}
	k.hi |= (uint64_t)n << 56;
	return k;
}

/* The first of the two slots that may hold the key. */
static inline size_t cache_place(const struct cache *c, struct cache_key k)
{
	uint64_t h = (k.lo ^ k.hi * 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;

	return (size_t)(h >> (64 - c->bits)) * 2;
}

/* Stores the ids of a key whose place is given. n <= CACHE_IDS. */
void cache_put(struct cache *c, struct cache_key k, size_t place,
	const uint32_t *ids, size_t n);

/* The *n ids of a long word, or NULL; valid until the next put. hash is needed
 * by cache_put_long. */
const uint32_t *cache_find_long(const struct cache *c, const char *word,
	size_t len, size_t *n, uint64_t *hash);
void cache_put_long(struct cache *c, uint64_t hash, const char *word,
	size_t len, const uint32_t *ids, size_t n);

#endif
