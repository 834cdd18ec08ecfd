/* arena.c - many small allocations freed at once: see arena.h */
#include "common/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"

#define BLOCK ((size_t)64 << 10)

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(16) char bytes[];
};

/* Switches to a block with room for n bytes: the next one kept, or a new one
 * inserted after the current block. */
static void next_block(struct arena *a, size_t n)
{
	struct arena_block **link = a->now ? &a->now->next : &a->first;
	size_t size = n > BLOCK ? n : BLOCK;

	if (!*link || (*link)->size < n) {
		struct arena_block *b = xmalloc(sizeof *b + size);

		b->size = size;
		b->next = *link;
		*link = b;
	}
	a->now = *link;
	a->used = 0;
}

void *arena_alloc(struct arena *a, size_t n)
{
	char *p;

	if (n > SIZE_MAX / 2)
		die("out of memory: %zu bytes", n);
	n = (n + 15) & ~(size_t)15;
	if (!a->now || a->now->size - a->used < n)
		next_block(a, n);
	p = a->now->bytes + a->used;
	a->used += n;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	p[n] = 0;
	return p;
}

void arena_reset(struct arena *a)
{
	a->now = a->first;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->first; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){ 0 };
}
