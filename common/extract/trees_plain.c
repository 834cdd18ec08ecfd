/* trees_plain.c - the reference for the inner loop of trees.h */
#include "common/extract/trees_kernel.h"

void trees_strip_plain(const struct tree_split *split, size_t nsplit,
	const float *leaf, uint32_t reached, const float *x, size_t stride,
	size_t n, float *sum)
{
	uint32_t left[TREES_STRIP];
	size_t i, k;

	for (i = 0; i < n; i++)
		left[i] = reached;
	for (k = 0; k < nsplit; k++) {
		const float *column = x + split[k].feature * stride;

		for (i = 0; i < n; i++)
			left[i] &= column[i] > split[k].value ?
				split[k].keep : UINT32_MAX;
	}
	for (i = 0; i < n; i++)
		sum[i] += leaf[__builtin_ctz(left[i])];
}
