/* rows.c - loops over rows on the team of threads: see rows.h */
#include "common/kernel/rows.h"

#include "common/base/parallel.h"

struct loop {
	size_t rows, step;
	void (*fn)(void *ctx, size_t begin, size_t end, size_t part);
	void *ctx;
};

static void one_part(void *ctx, size_t i, int thread)
{
	const struct loop *l = ctx;
	size_t begin = i * l->step, end = begin + l->step;

	l->fn(l->ctx, begin, end < l->rows ? end : l->rows, i);
}

void rows_each(size_t rows, size_t step,
	void (*fn)(void *ctx, size_t begin, size_t end, size_t part),
	void *ctx)
{
	struct loop l = { rows, step, fn, ctx };

	parallel_for((rows + step - 1) / step, one_part, &l);
}

size_t rows_step(size_t n)
{
	return n && n < PART_FLOATS ? PART_FLOATS / n : 1;
}
