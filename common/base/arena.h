/* arena.h - many small allocations freed at once
 *
 * Zero-initialise it ({0}). arena_reset keeps the blocks, so a loop over records
 * soon allocates nothing more.
 */
#ifndef PIPELM_ARENA_H
#define PIPELM_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *first, *now;
	size_t used;	/* bytes used in the current block */
};

/* n uninitialised bytes, aligned to 16; valid until reset or free. */
void *arena_alloc(struct arena *a, size_t n);

/* A NUL-terminated copy of s[0..n). */
char *arena_strndup(struct arena *a, const char *s, size_t n);

void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
