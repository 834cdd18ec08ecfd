/* init.c - initial values of parameters: see kernel.h */
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"
#include "common/kernel/rows.h"

#include <stdlib.h>

#define NORMAL_PART 65536	/* elements a thread draws at once */

struct normal {
	float *x;
	double deviation;
	uint64_t seed, first;
	uint32_t key;
};

static void normal_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct normal *p = ctx;
	size_t i;

	for (i = begin; i < end; i++)
		p->x[i] = (float)(p->deviation * rng_normal(p->seed, RNG_INIT,
			p->key, p->first + i));
}

void vec_normal(float *x, size_t n, double deviation, uint64_t seed,
	uint32_t key, uint64_t first)
{
	struct normal p = { x, deviation, seed, first, key };

	rows_each(n, NORMAL_PART, normal_part, &p);
}

void vec_fill(float *x, float a, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = a;
}

void rows_add_mean(float *table, size_t used, size_t rows, size_t n)
{
	double *mean = xcalloc(n, sizeof *mean);
	size_t r, j;

	for (r = 0; r < used; r++)
		for (j = 0; j < n; j++)
			mean[j] += table[r * n + j];
	for (r = used; r < rows; r++)
		for (j = 0; j < n; j++)
			table[r * n + j] += (float)(mean[j] /
				(used ? (double)used : 1));
	free(mean);
}
