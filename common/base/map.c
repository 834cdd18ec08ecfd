/* map.c - maps byte strings to numbers: see map.h */
#include "common/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

/* The slot that holds the key, or the free one where it belongs. */
static struct map_entry *slot_of(const struct map *m, const void *key,
	size_t len, uint64_t hash)
{
	size_t mask = m->nslot - 1, i = hash & mask;

	for (;; i = (i + 1) & mask) {
		struct map_entry *e = &m->slots[i];

		if (!e->key)
			return e;
		if (e->hash == hash && e->len == len &&
			!memcmp(e->key, key, len))
			return e;
	}
}

static void enlarge(struct map *m)
{
	struct map bigger = *m;
	size_t i;

	bigger.nslot = m->nslot ? 2 * m->nslot : 64;
	bigger.slots = xcalloc(bigger.nslot, sizeof *bigger.slots);
	for (i = 0; i < m->nslot; i++) {
		struct map_entry *e = &m->slots[i];

		if (e->key)
			*slot_of(&bigger, e->key, e->len, e->hash) = *e;
	}
	free(m->slots);
	*m = bigger;
}

uint64_t *map_put(struct map *m, const void *key, size_t len, bool *is_new)
{
	uint64_t hash = hash64(key, len);
	struct map_entry *e;

	if (4 * m->n >= 3 * m->nslot)
		enlarge(m);
	e = slot_of(m, key, len, hash);
	if (is_new)
		*is_new = !e->key;
	if (!e->key) {
		e->key = arena_strndup(&m->keys, key, len);
		e->len = len;
		e->hash = hash;
		e->value = 0;
		m->n++;
	}
	return &e->value;
}

uint64_t *map_get(const struct map *m, const void *key, size_t len)
{
	struct map_entry *e;

	if (!m->nslot)
		return NULL;
	e = slot_of(m, key, len, hash64(key, len));
	return e->key ? &e->value : NULL;
}

void map_free(struct map *m)
{
	free(m->slots);
	arena_free(&m->keys);
	*m = (struct map){ 0 };
}
