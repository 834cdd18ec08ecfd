/* share.c - confidence intervals: see share.h */
#include "common/base/share.h"

#include <math.h>

void share_interval(double p, double n, double *low, double *high)
{
	double z = 1.959963985;
	double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
	double half = z / (1 + z * z / n) *
		sqrt(p * (1 - p) / n + z * z / (4 * n * n));

	*low = fmax(centre - half, 0);
	*high = fmin(centre + half, 1);
}
