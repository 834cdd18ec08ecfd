/* scratch.c - working memory of the kernels: see scratch.h */
#include "common/kernel/scratch.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define MAX_THREADS 1024	/* as in parallel_threads */

struct scratch {
	float *p;
	size_t n;
};

static struct scratch threads[MAX_THREADS], shared;

static float *room(struct scratch *s, size_t n)
{
	if (n > s->n) {
		free(s->p);
		s->p = xaligned(n * sizeof *s->p);
		s->n = n;
	}
	return s->p;
}

float *scratch_thread(int thread, size_t n)
{
	return room(&threads[thread], n);
}

float *scratch_shared(size_t n)
{
	return room(&shared, n);
}

size_t scratch_round(size_t n)
{
	return (n + 15) & ~(size_t)15;
}
