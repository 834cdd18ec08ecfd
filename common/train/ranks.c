/* ranks.c - processes that train one model together: see ranks.h */
#include "common/train/ranks.h"

struct ranks ranks = { .self = 0, .count = 1 };

void ranks_share(size_t n, size_t *first, size_t *end)
{
	size_t each = n / ranks.count, more = n % ranks.count;
	size_t before = ranks.self < more ? ranks.self : more;

	*first = ranks.self * each + before;
	*end = *first + each + (ranks.self < more);
}

void ranks_sum_floats(float *x, size_t n)
{
	if (ranks.count > 1)
		ranks.sum_floats(x, n);
}

void ranks_sum_doubles(double *x, size_t n)
{
	if (ranks.count > 1)
		ranks.sum_doubles(x, n);
}

double ranks_first(double x)
{
	double sum = ranks.self ? 0 : x;

	ranks_sum_doubles(&sum, 1);
	return sum;
}

bool ranks_writes(void)
{
	return !ranks.self;
}
