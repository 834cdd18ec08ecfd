/* speed.c - what this machine computes at most: see speed.h */
#include "common/train/speed.h"

#include <math.h>

#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/base/size.h"

enum { SIDE = 768, ROWS_A_THREAD = 256, ROWS_MAX = 4096 };
#define SECONDS .1

double speed_of_products(enum compute compute)
{
	size_t m = size_min((size_t)parallel_count() * ROWS_A_THREAD, ROWS_MAX);
	struct matmul p = { .m = m, .n = SIDE, .k = SIDE, .a_row = SIDE,
		.a_col = 1, .b_row = SIDE, .b_col = 1, .c_row = SIDE,
		.compute = compute };
	double end = clock_seconds() + SECONDS, best = INFINITY, began;
	float *x = kernel_alloc((2 * m + SIDE) * SIDE);

	p.a = x;
	p.c = x + m * SIDE;
	p.b = x + 2 * m * SIDE;
	do {
		began = clock_seconds();
		matmul(&p);
		best = fmin(best, clock_seconds() - began);
	} while (clock_seconds() < end);
	kernel_free(x);
	return 2 * (double)m * SIDE * SIDE / best;
}
