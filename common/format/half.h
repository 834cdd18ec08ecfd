/* half.h - bfloat16 and IEEE binary16 as stored in files
 *
 * Little-endian, at any alignment. Narrowing rounds to nearest, ties to even;
 * NaN stays NaN; values that are too large become infinity.
 */
#ifndef PIPELM_HALF_H
#define PIPELM_HALF_H

#include <stdbool.h>
#include <stddef.h>

/* Converts n numbers from p to out, or from x to p. */
void half_load_f16(float *out, const void *p, size_t n);
void half_load_bf16(float *out, const void *p, size_t n);
void half_store_f16(void *p, const float *x, size_t n);
void half_store_bf16(void *p, const float *x, size_t n);

/* Whether n fp32 numbers in a file are bfloat16 with 16 zero bits after them. */
bool half_is_bf16(const void *p, size_t n);

/* The first of n finite numbers that would become infinity, or NULL. */
const float *half_beyond_f16(const float *x, size_t n);
const float *half_beyond_bf16(const float *x, size_t n);

/* The first of n finite numbers whose magnitude is at least the limit, or NULL. */
const float *half_beyond(const float *x, size_t n, float limit);

#endif
