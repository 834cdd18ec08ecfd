/* trees_plain.c - the definition of the inner loop of trees.h */
#include "common/text/trees_kernel.h"

void trees_strip_plain(const struct split *split, size_t nsplit,
	const float *leaf, uint32_t reached, const float *x, size_t stride,
	size_t n, float *sum)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		uint32_t left = reached;

		for (k = 0; k < nsplit; k++)
			if (x[split[k].feature * stride + i] > split[k].value)
				left &= split[k].keep;
		sum[i] += leaf[__builtin_ctz(left)];
	}
}
