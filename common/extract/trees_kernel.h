/* trees_kernel.h - the inner loop of trees.h, in several instruction sets */
#ifndef PIPELM_TREES_KERNEL_H
#define PIPELM_TREES_KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct tree_split {
	float value;
	uint32_t feature;
	uint32_t keep;		/* leaves left when x > value */
};

/* Rows are processed in strips of this length, a multiple of every vector. */
enum { TREES_STRIP = 64 };

/* For rows 0..n-1, n <= TREES_STRIP and a multiple of 16: finds the leaves in
 * reached that the splits leave, and does sum[i] += leaf[lowest of them].
 * leaf[] has 32 elements. */
typedef void trees_strip_fn(const struct tree_split *split, size_t nsplit,
	const float *leaf, uint32_t reached, const float *x, size_t stride,
	size_t n, float *sum);

trees_strip_fn trees_strip_plain, trees_strip_avx2, trees_strip_avx512;

#endif
