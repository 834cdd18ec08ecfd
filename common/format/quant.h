/* quant.h - numbers quantized in blocks that share a scale, as in GGUF files
 *
 * Rows of the table in weight.h. A block holds 32 numbers q of few bits with
 * their scale d, and with a minimum m in the types _1: d * q, d * q + m. A block
 * of the types _K holds 256 in sub-blocks of 16 or 32, with a 6-bit or 8-bit
 * scale each, itself relative to the scale of the block. Scales are binary16.
 * Everything is little-endian, at any alignment; model(5) has the layouts.
 *
 * n is a multiple of the block. Numbers are computed and rounded in the same
 * steps as in llama.cpp, so both have the same ones from the same file, and
 * write the same file.
 */
#ifndef PIPELM_QUANT_H
#define PIPELM_QUANT_H

#include <stddef.h>

#define QUANT_BLOCK 32		/* numbers in a block */
#define QUANT_BLOCK_K 256	/* the same of the types _K */

/* Bytes of a block. */
#define QUANT_BYTES_Q8_0 34
#define QUANT_BYTES_Q4_0 18
#define QUANT_BYTES_Q4_1 20
#define QUANT_BYTES_Q5_0 22
#define QUANT_BYTES_Q5_1 24
#define QUANT_BYTES_Q4_K 144
#define QUANT_BYTES_Q5_K 176
#define QUANT_BYTES_Q6_K 210

void quant_load_q8_0(float *out, const void *p, size_t n);
void quant_load_q4_0(float *out, const void *p, size_t n);
void quant_load_q4_1(float *out, const void *p, size_t n);
void quant_load_q5_0(float *out, const void *p, size_t n);
void quant_load_q5_1(float *out, const void *p, size_t n);
void quant_load_q4_k(float *out, const void *p, size_t n);
void quant_load_q5_k(float *out, const void *p, size_t n);
void quant_load_q6_k(float *out, const void *p, size_t n);

void quant_store_q8_0(void *p, const float *x, size_t n);
void quant_store_q4_0(void *p, const float *x, size_t n);
void quant_store_q4_1(void *p, const float *x, size_t n);

/* The first of n finite numbers whose block would have an infinite scale, or
 * NULL. */
const float *quant_beyond_q8_0(const float *x, size_t n);
const float *quant_beyond_q4_0(const float *x, size_t n);
const float *quant_beyond_q4_1(const float *x, size_t n);

#endif
