/* scratch.h - working memory of the kernels, kept from call to call
 *
 * Private to common/kernel. Contents are valid only within the public function
 * that requests them. Every buffer is aligned to 64 bytes and never shrinks.
 */
#ifndef PIPELM_KERNEL_SCRATCH_H
#define PIPELM_KERNEL_SCRATCH_H

#include <stddef.h>

/* Room for n floats: for one thread (the number given by parallel_for), and one
 * shared by all, which must be requested outside parallel_for. */
float *scratch_thread(int thread, size_t n);
float *scratch_shared(size_t n);

/* n rounded up so that rows of floats stay aligned. */
size_t scratch_round(size_t n);

#endif
