/* keys.h - numbers 64-bit keys in the order in which they first appear
 *
 * For grouping by hash within one page. The keys must already be hashes (their
 * low bits are used as they are), and hash collisions are not resolved.
 * Zero-initialise it ({0}); it keeps its memory.
 */
#ifndef PIPELM_KEYS_H
#define PIPELM_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keys {
	struct key_slot {
		uint64_t key;
		uint32_t id;	/* number + 1; 0: free */
	} *slots;
	size_t nslot;		/* slots in use now, a power of two */
	size_t cap;		/* slots allocated */
	uint32_t n;		/* keys held */
};

/* Empties it and makes room for `most` keys. */
void keys_reset(struct keys *k, size_t most);

/* The number of key; if the key is new, that is k->n - 1 afterwards. */
uint32_t keys_put(struct keys *k, uint64_t key);

bool keys_has(const struct keys *k, uint64_t key);

void keys_free(struct keys *k);

#endif
