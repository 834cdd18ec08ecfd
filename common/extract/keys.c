/* keys.c - maps hashes to numbers: see keys.h; open addressing, at most half full */
#include "common/extract/keys.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void keys_reset(struct keys *k, size_t most)
{
	size_t want = 64;

	while (want < 2 * most)
		want *= 2;
	if (want > k->cap) {
		free(k->slots);
		k->slots = xcalloc(want, sizeof *k->slots);
		k->cap = want;
	} else {
		memset(k->slots, 0, want * sizeof *k->slots);
	}
	k->nslot = want;
	k->n = 0;
}

static struct key_slot *slot_of(const struct keys *k, uint64_t key)
{
	size_t mask = k->nslot - 1, i = key & mask;

	while (k->slots[i].id && k->slots[i].key != key)
		i = (i + 1) & mask;
	return &k->slots[i];
}

uint32_t keys_put(struct keys *k, uint64_t key)
{
	struct key_slot *s = slot_of(k, key);

	if (!s->id) {
		s->key = key;
		s->id = ++k->n;
	}
	return s->id - 1;
}

bool keys_has(const struct keys *k, uint64_t key)
{
	return slot_of(k, key)->id != 0;
}

void keys_free(struct keys *k)
{
	free(k->slots);
	*k = (struct keys){ 0 };
}
