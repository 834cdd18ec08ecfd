/* memory.c - memory that kernels work on: see kernel.h */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

float *kernel_alloc(size_t n)
{
	return xaligned(n * sizeof(float));
}

float *kernel_alloc_raw(size_t n)
{
	return xaligned_raw(n * sizeof(float));
}

void kernel_free(float *p)
{
	free(p);
}
