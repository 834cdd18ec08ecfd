/* cache.c - the ids of words seen before: see cache.h */
#include "common/token/cache.h"

#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

/* The sizes at first, 64 KiB, and those for long texts: 4 MiB of slots. */
#define SMALL_BITS 10
#define SMALL_LONG_BITS 6
#define BITS 16
#define LONG_BITS 13

#define LONG_MAX 512	/* longer words are not cached */

struct cache_long {
	uint64_t hash;
	uint32_t len, n;
	uint32_t *ids;		/* n ids, then len bytes; NULL: free */
};

static void allocate(struct cache *c, int bits, int long_bits, size_t room)
{
	*c = (struct cache){ .bits = bits, .long_bits = long_bits,
		.room = room };
	c->slots = xaligned(sizeof *c->slots * 2 << bits);
	c->longs = xcalloc((size_t)1 << long_bits, sizeof *c->longs);
}

void cache_init(struct cache *c)
{
	allocate(c, SMALL_BITS, SMALL_LONG_BITS, (size_t)1 << SMALL_BITS);
}

void cache_free(struct cache *c)
{
	size_t i;

	for (i = 0; c->longs && i < (size_t)1 << c->long_bits; i++)
		free(c->longs[i].ids);
	free(c->longs);
	free(c->slots);
	*c = (struct cache){ 0 };
}

void cache_make_room(struct cache *c)
{
	if (c->room)
		return;
	cache_free(c);
	allocate(c, BITS, LONG_BITS, SIZE_MAX);
}

static struct cache_long *long_slot(const struct cache *c, uint64_t hash)
{
	return &c->longs[hash >> (64 - c->long_bits)];
}

void cache_put(struct cache *c, struct cache_key k, size_t place,
	const uint32_t *ids, size_t n)
{
	struct cache_slot *s = c->slots + place;

	s[1] = s[0];
	s[0].key = k;
	memcpy(s[0].ids, ids, n * sizeof *ids);
	s[0].ids[0] |= (uint32_t)n << 28;
	c->room -= c->room > 0;
}

const uint32_t *cache_find_long(const struct cache *c, const char *word,
	size_t len, size_t *n, uint64_t *hash)
{
	const struct cache_long *s;

	if (len > LONG_MAX)
		return NULL;
	*hash = hash64(word, len);
	s = long_slot(c, *hash);
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
	s = long_slot(c, hash);
	s->ids = xrealloc(s->ids, n * sizeof *ids + len, 1);
	memcpy(s->ids, ids, n * sizeof *ids);
	memcpy(s->ids + n, word, len);
	s->hash = hash;
	s->len = (uint32_t)len;
	s->n = (uint32_t)n;
	c->room -= c->room > 0;
}
