/* packed.h - the layout of packed matrices, for packed.c and matmul.c
 *
 * Private to common/kernel. The panels of each block of K are contiguous:
 * column block j0 of term block k0 begins at k0*columns + j0*(terms of the
 * block). In plain C: (k,n), row-major.
 */
#ifndef PIPELM_KERNEL_PACKED_H
#define PIPELM_KERNEL_PACKED_H

#include <stdbool.h>
#include <stddef.h>

#include "common/kernel/kernel.h"

#define K_BLOCK PACKED_STEP	/* a panel, 48 KiB, is streamed from the L2
				 * cache */

struct packed_matrix {
	size_t n, k;
	size_t columns;		/* n rounded up to whole panels */
	float *data;
	bool own;		/* data was allocated here */
};

static inline float *packed_at(const struct packed_matrix *w, size_t k0,
	size_t k_len, size_t j)
{
	return w->data + k0 * w->columns + j * k_len;
}

#endif
