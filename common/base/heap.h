/* heap.h - binary heaps in arrays
 *
 * Elements of size bytes, HEAP_SIZE at most; before(a, b) says that a must not
 * stand below b. The functions are inline, so that a size and an order that
 * are constants cost nothing.
 */
#ifndef PIPELM_HEAP_H
#define PIPELM_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define HEAP_SIZE 64

typedef bool heap_order(const void *a, const void *b);

/* Element i has changed and may belong further down; up. The rest is a heap of
 * n elements. */
static inline void heap_down(void *heap, size_t n, size_t size, size_t i,
	heap_order *before)
{
	unsigned char *h = heap, moved[HEAP_SIZE];
	size_t child;

	memcpy(moved, h + i * size, size);
	while ((child = 2 * i + 1) < n) {
		if (child + 1 < n &&
			before(h + (child + 1) * size, h + child * size))
			child++;
		if (!before(h + child * size, moved))
			break;
		memcpy(h + i * size, h + child * size, size);
		i = child;
	}
	memcpy(h + i * size, moved, size);
}

static inline void heap_up(void *heap, size_t size, size_t i,
	heap_order *before)
{
	unsigned char *h = heap, moved[HEAP_SIZE];

	memcpy(moved, h + i * size, size);
	while (i && before(moved, h + (i - 1) / 2 * size)) {
		memcpy(h + i * size, h + (i - 1) / 2 * size, size);
		i = (i - 1) / 2;
	}
	memcpy(h + i * size, moved, size);
}

/* Makes a heap of n elements in any order. */
static inline void heap_make(void *heap, size_t n, size_t size,
	heap_order *before)
{
	size_t i;

	for (i = n / 2; i-- > 0;)
		heap_down(heap, n, size, i, before);
}

/* Takes the first of n, at least one, away: it stands behind the n - 1 that are
 * left. */
static inline void heap_pop(void *heap, size_t n, size_t size,
	heap_order *before)
{
	unsigned char *h = heap, first[HEAP_SIZE];

	memcpy(first, h, size);
	memmove(h, h + (n - 1) * size, size);
	memcpy(h + (n - 1) * size, first, size);
	if (n > 1)
		heap_down(h, n - 1, size, 0, before);
}

#endif
