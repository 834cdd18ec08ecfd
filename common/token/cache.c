/* cache.c - the ids of words seen before: see cache.h */
#include "common/token/cache.h"

#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

#define LONG_BITS 13
#define LONG_MAX 512	/* longer words are not cached */

struct cache_long {
	uint64_t hash;
	uint32_t len, n;
	uint32_t *ids;		/* n ids, then len bytes; NULL: free */
};

void cache_init(struct cache *c)
{
	c->slots = xaligned(sizeof *c->slots * 2 << CACHE_BITS);
	memset(c->slots, 0, sizeof *c->slots * 2 << CACHE_BITS);
	c->longs = xcalloc((size_t)1 << LONG_BITS, sizeof *c->longs);
}

void cache_free(struct cache *c)
{
	size_t i;

	for (i = 0; c->longs && i < (size_t)1 << LONG_BITS; i++)
		free(c->longs[i].ids);
	free(c->longs);
	free(c->slots);
	*c = (struct cache){ 0 };
}

void cache_put(struct cache *c, struct cache_key k, size_t place,
	const uint32_t *ids, size_t n)
{
	struct cache_slot *s = c->slots + place;

	s[1] = s[0];
	s[0].key = k;
	memcpy(s[0].ids, ids, n * sizeof *ids);
	s[0].ids[0] |= (uint32_t)n << 28;
}

const uint32_t *cache_find_long(const struct cache *c, const char *word,
	size_t len, size_t *n, uint64_t *hash)
{
	const struct cache_long *s;

	if (len > LONG_MAX)
		return NULL;
	*hash = hash64(word, len);
	s = &c->longs[*hash >> (64 - LONG_BITS)];
	if (!s->ids || s->hash != *hash || s->len != len ||
		memcmp(s->ids + s->n, word, len))
		return NULL;
	*n = s->n;
	return s->ids;
}

void cache_put_long(struct cache *c, uint64_t hash, const char *word,
	size_t len, const uint32_t *ids, size_t n)
{
	struct cache_long *s;

	if (len > LONG_MAX)
		return;
	s = &c->longs[hash >> (64 - LONG_BITS)];
	s->ids = xrealloc(s->ids, n * sizeof *ids + len, 1);
	memcpy(s->ids, ids, n * sizeof *ids);
	memcpy(s->ids + n, word, len);
	s->hash = hash;
	s->len = (uint32_t)len;
	s->n = (uint32_t)n;
}
