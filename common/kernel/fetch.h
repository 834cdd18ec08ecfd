/* fetch.h - memory that is loaded into the cache before it is read
 *
 * Private to common/kernel. A product of few rows takes as long as memory needs to
 * deliver its weights. Hardware fetches ahead too, but anew on each page, and not
 * while it is busy with what it has. Addresses need not exist.
 */
#ifndef PIPELM_KERNEL_FETCH_H
#define PIPELM_KERNEL_FETCH_H

#include <stddef.h>

enum {
	FETCH_AHEAD = 2048,	/* bytes, of what is read in sequence */
	FETCH_LINE = 64
};

/* What a loop fetches: from `at` on, `step` bytes in each of its rounds. */
struct fetch {
	const char *at;
	size_t step;		/* at most two lines */
};

/* What it reads itself from p on, `step` bytes a round. */
static inline struct fetch fetch_ahead(const void *p, size_t step)
{
	return (struct fetch){ (const char *)p + FETCH_AHEAD, step };
}

#endif
