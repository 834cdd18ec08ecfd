/* whole.c - passes over whole models: see kernel.h */
#include "common/kernel/kernel.h"

#include <math.h>

void matrix_transpose(float *to, size_t to_row, const float *from, size_t rows,
	size_t cols)
{
	size_t r, c;

	for (r = 0; r < rows; r++)
		for (c = 0; c < cols; c++)
			to[c * to_row + r] = from[r * cols + c];
}

void vec_accumulate(double *sum, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum[i] += (double)x[i];
}

void vec_divide(float *x, const double *sum, double by, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = (float)(sum[i] / by);
}

struct vec_extent vec_extent(const float *x, const float *less, size_t n)
{
	struct vec_extent v = { 0, 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		double d = (double)x[i] - (less ? (double)less[i] : 0);

		v.squares += d * d;
		v.largest = fmax(v.largest, fabs(d));
	}
	return v;
}

struct vec_difference vec_compare(const float *x, const float *y, size_t n)
{
	struct vec_difference v = { 0, 0 };
	double d2 = 0, x2 = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		double d = (double)x[i] - (double)y[i];

		d2 += d * d;
		x2 += (double)x[i] * (double)x[i];
		v.largest = fmax(v.largest, fabs(d));
	}
	v.relative = d2 > 0 ? sqrt(d2 / x2) : 0;
	return v;
}
