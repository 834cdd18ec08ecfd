/* rows.h - loops over rows on the team of threads
 *
 * Inside common/kernel only. Rows are dealt out in parts whose size depends
 * on the shapes alone, so sums over a part, and of parts in their order, are
 * the same on any number of threads.
 */
#ifndef PIPELM_KERNEL_ROWS_H
#define PIPELM_KERNEL_ROWS_H

#include <stddef.h>

/* Floats a part should hold: some microseconds of work, within a level 2
 * cache. */
#define PART_FLOATS 16384

/* Calls fn(ctx, begin, end, part) for all parts of 0..rows-1, each of `step`
 * rows but the last. */
void rows_each(size_t rows, size_t step,
	void (*fn)(void *ctx, size_t begin, size_t end, size_t part),
	void *ctx);

/* Rows of n floats that make a part; at least 1. */
size_t rows_step(size_t n);

#endif
