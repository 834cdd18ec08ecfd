/* safetensors.h - named tensors in one file: mapped reading, atomic writing
 *
 * Hugging Face's format: 8 bytes, the length n of the header (uint64,
 * little-endian); n bytes of JSON, {"name":{"dtype":"F32","shape":[..],
 * "data_offsets":[begin,end]},..., "__metadata__":{"key":"text"}}; then the
 * data, from whose start offsets count. Files are untrusted: every number is
 * checked against the size of the file before use.
 */
#ifndef PIPELM_SAFETENSORS_H
#define PIPELM_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"

enum dtype {
	DTYPE_F32,
	DTYPE_F16,
	DTYPE_BF16,
	DTYPE_F64,
	DTYPE_I64,
	DTYPE_I32,
	DTYPE_U8,
	DTYPE_OTHER	/* valid in the format, but not used here */
};

/* Bytes of one element; 0 for DTYPE_OTHER. */
size_t dtype_size(enum dtype type);
const char *dtype_name(enum dtype type);	/* "F32" */

#define SAFETENSORS_MAX_DIM 8

struct st_tensor {
	char *name;
	enum dtype type;
	int ndim;
	size_t shape[SAFETENSORS_MAX_DIM];
	size_t n;		/* elements */
	size_t bytes;
	const unsigned char *data;	/* in the map, unaligned */
};

struct st_meta {
	char *key, *value;
};

struct safetensors {
	char *name;		/* of the file */
	struct mapped map;
	struct st_tensor *tensors;	/* in the order of the header */
	size_t n;
	struct st_meta *meta;
	size_t nmeta;
};

/* Opens and checks a file; an invalid one is fatal, with file and tensor. */
struct safetensors *safetensors_open(const char *file);
void safetensors_close(struct safetensors *s);

/* The tensor, or NULL. */
const struct st_tensor *safetensors_find(const struct safetensors *s,
	const char *name);

/* The text of a key of __metadata__, or NULL. */
const char *safetensors_meta(const struct safetensors *s, const char *key);

/* Reads n elements from element `from` on as fp32: F32, F16, BF16 or F64; other
 * types are fatal. */
void safetensors_read(const struct safetensors *s, const struct st_tensor *t,
	float *out, size_t from, size_t n);

/* A writer. First all tensors are declared, then their data is written in the
 * same order; finish checks that it is complete. The file appears under its name
 * only at finish. */
struct st_writer;
struct st_writer *safetensors_create(const char *file);
void safetensors_set_meta(struct st_writer *w, const char *key,
	const char *value);
void safetensors_declare(struct st_writer *w, const char *name,
	enum dtype type, int ndim, const size_t *shape);
/* Writes n elements of the current tensor (F32, F16 or BF16) from fp32. A number
 * that does not fit in the type is fatal. */
void safetensors_put(struct st_writer *w, const float *x, size_t n);
/* Writes raw bytes of the current tensor. */
void safetensors_put_raw(struct st_writer *w, const void *p, size_t n);
void safetensors_finish(struct st_writer *w);

#endif
