/* weight.h - the types of numbers in files of models, and views of weights
 *
 * A type stores numbers in blocks: of one element where each has a number of
 * its own (F32, F16, BF16), of many where they share a scale. All types that
 * weights can have are read as fp32 through the table; another type is a row.
 */
#ifndef PIPELM_WEIGHT_H
#define PIPELM_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/io.h"

enum dtype {
	DTYPE_F32,
	DTYPE_F16,
	DTYPE_BF16,
	DTYPE_F64,
	DTYPE_Q8_0,		/* quantized in blocks: quant.h */
	DTYPE_Q4_0,
	DTYPE_Q4_1,
	DTYPE_Q5_0,
	DTYPE_Q5_1,
	DTYPE_Q4_K,
	DTYPE_Q5_K,
	DTYPE_Q6_K,
	/* Known to files, of no use as weights: */
	DTYPE_I64,
	DTYPE_I32,
	DTYPE_I16,
	DTYPE_I8,
	DTYPE_U64,
	DTYPE_U32,
	DTYPE_U16,
	DTYPE_U8,
	DTYPE_BOOL,
	DTYPE_F8_E4M3,
	DTYPE_F8_E5M2,
	DTYPE_NONE		/* the end of the table */
};

struct dtype_row {
	const char *name;	/* as safetensors has it: "BF16" */
	size_t elements, bytes;	/* of a block */

	/* n elements, whole blocks, little-endian at any alignment; NULL where
	 * the type holds no weights, or none are written. */
	void (*to_float)(float *out, const void *p, size_t n);
	void (*from_float)(void *p, const float *x, size_t n);

	/* The first of n finite numbers that the type cannot hold, or NULL;
	 * NULL itself where it holds all. */
	const float *(*beyond)(const float *x, size_t n);
};

const struct dtype_row *dtype_row(enum dtype type);

/* The type of that name; DTYPE_NONE when there is none. */
enum dtype dtype_find(const char *name);

/* Bytes of n elements, whole blocks. */
size_t dtype_bytes(enum dtype type, size_t n);

/* Writes n elements, whole blocks, as this type, which is one that is written. A
 * number that it cannot hold is fatal. */
void dtype_write(struct output *out, enum dtype type, const float *x,
	size_t n);

/* Rows of a matrix (a vector is one row), contiguous in memory or a mapped
 * file; a view, which owns nothing. */
struct weight {
	enum dtype type;
	size_t rows, cols;
	const void *data;	/* any alignment */
};

/* n rows from row `first` on. */
struct weight weight_rows(const struct weight *w, size_t first, size_t n);

size_t weight_bytes(const struct weight *w);

/* All of w as fp32: out (rows, cols). */
void weight_floats(float *out, const struct weight *w);

/* Whether w is F32 and BF16 holds all its numbers, as in a file that was converted
 * from BF16. */
bool weight_is_bf16(const struct weight *w);

/* The numbers themselves, where they are aligned fp32; else NULL. */
const float *weight_as_floats(const struct weight *w);

#endif
