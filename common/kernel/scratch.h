/* scratch.h - memory of the kernels, kept from call to call
 *
 * Inside common/kernel only. Contents do not outlive the public function that
 * asks. Every buffer is aligned to 64 bytes and only ever grows.
 */
#ifndef PIPELM_KERNEL_SCRATCH_H
#define PIPELM_KERNEL_SCRATCH_H

#include <stddef.h>

/* Room for n floats: of one thread (the number parallel_for gives), and one
 * for all, which is asked for outside parallel_for. */
float *scratch_thread(int thread, size_t n);
float *scratch_shared(size_t n);

/* n rounded up so that rows of floats keep the alignment. */
size_t scratch_round(size_t n);

#endif
