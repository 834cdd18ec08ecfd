/* rows.h - loops over rows on the team of threads
 *
 * Private to common/kernel. Rows are divided into parts whose size depends only on
 * the shapes, so sums over a part, and of parts in order, are the same for any
 * number of threads.
 */
#ifndef PIPELM_KERNEL_ROWS_H
#define PIPELM_KERNEL_ROWS_H

#include <stddef.h>

/* Floats per part: some microseconds of work that fit in an L2 cache. */
#define PART_FLOATS 16384

/* Calls fn(ctx, begin, end, part) for all parts of 0..rows-1, each of `step` rows
 * except the last. */
void rows_each(size_t rows, size_t step,
	void (*fn)(void *ctx, size_t begin, size_t end, size_t part),
	void *ctx);

/* The number of rows of n floats in a part; at least 1. */
size_t rows_step(size_t n);

#endif
