/* arena.h - many small allocations freed at once
 *
 * Zero-initialise it ({0}). Blocks are kept by arena_reset, so that a loop
 * over records allocates nothing after its first rounds.
 */
#ifndef PIPELM_ARENA_H
#define PIPELM_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *first, *now;
	size_t used;	/* bytes of now that are taken */
};

/* n bytes, aligned to 16, not initialised; they live until reset or free. */
void *arena_alloc(struct arena *a, size_t n);

/* A copy of s[0..n) with a NUL behind it. */
char *arena_strndup(struct arena *a, const char *s, size_t n);

void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
