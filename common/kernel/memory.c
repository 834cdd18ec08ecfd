/* memory.c - memory that kernels work on: see kernel.h */
#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

#define ALIGN 64

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

/* The address of the allocated block is stored just before the result. */
float *kernel_alloc_sparse(size_t n)
{
	char *block = xmalloc(n * sizeof(float) + sizeof(void *) + ALIGN);
	uintptr_t at = (uintptr_t)block + sizeof(void *);
	void **p = (void **)((at + ALIGN - 1) / ALIGN * ALIGN);

	p[-1] = block;
	return (float *)p;
}

void kernel_free_sparse(float *p)
{
	if (p)
		free(((void **)p)[-1]);
}
