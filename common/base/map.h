/* map.h - a hash map from byte strings to 64-bit numbers
 *
 * Open addressing over XXH3; the keys are copied into an arena of the map.
 * Zero-initialise it ({0}).
 */
#ifndef PIPELM_MAP_H
#define PIPELM_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"

struct map_entry {
	const char *key;	/* NULL: free slot */
	size_t len;
	uint64_t hash;
	uint64_t value;
};

struct map {
	struct map_entry *slots;
	size_t n;		/* keys held */
	size_t nslot;		/* power of two, or 0 */
	struct arena keys;
};

/* The value of key, to be read or set. A new key starts with value 0 and sets
 * *is_new (which may be NULL). The pointer is valid until the next map_put. */
uint64_t *map_put(struct map *m, const void *key, size_t len, bool *is_new);

/* The value of key, or NULL. */
uint64_t *map_get(const struct map *m, const void *key, size_t len);

void map_free(struct map *m);

#endif
