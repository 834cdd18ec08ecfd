/* wire.h - numbers on their way from one process to another
 *
 * These run in the calling thread alone, which is not one of the team: the others
 * compute meanwhile. type: DTYPE_F32, or DTYPE_BF16, which rounds to nearest.
 */
#ifndef PIPELM_WIRE_H
#define PIPELM_WIRE_H

#include <stddef.h>

#include "common/format/weight.h"

/* out = x (n) in that type. */
void wire_pack(void *out, enum dtype type, const float *x, size_t n);

/* sum (n) += x, which has that type. */
void wire_add(float *sum, enum dtype type, const void *x, size_t n);

#endif
