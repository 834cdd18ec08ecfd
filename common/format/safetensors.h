/* safetensors.h - named tensors in one file: mapped reading, atomic writing
 *
 * Hugging Face's format: 8 bytes, the length n of the header (uint64,
 * little-endian); n bytes of JSON, {"name":{"dtype":"F32","shape":[..],
 * "data_offsets":[begin,end]},..., "__metadata__":{"key":"text"}}; then the
 * data, offsets from whose start offsets count. Files are untrusted: every number is
 * checked against the size of the file before it is used. Large models come as
 * several such files, shards, and model.safetensors.index.json.
 */
#ifndef PIPELM_SAFETENSORS_H
#define PIPELM_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/format/weight.h"

#define SAFETENSORS_MAX_DIM 8

struct st_tensor {
	char *name;
	enum dtype type;
	int ndim;
	size_t shape[SAFETENSORS_MAX_DIM];
	size_t n;		/* elements */
	size_t bytes;
	const unsigned char *data;	/* in the map; any alignment */
	const char *file;	/* that holds it */
};

struct st_meta {
	char *key, *value;
};

struct safetensors {
	char *name;		/* of the file, or of the index */
	struct mapped map;
	struct safetensors **shards;	/* of an index; NULL ends */
	struct st_tensor *tensors;	/* in the order of the header */
	size_t n;
	struct st_meta *meta;
	size_t nmeta;
};

/* Opens and checks a file; an invalid one is fatal, with file and tensor. */
struct safetensors *safetensors_open(const char *file);

/* The same of tensors in several files of one directory, which an index names:
 * {"weight_map":{"NAME":"FILE",...}}. Every file is opened and checked. A
 * tensor that is not where the index says, or in two files, is fatal. */
struct safetensors *safetensors_open_index(const char *index);
void safetensors_close(struct safetensors *s);

/* The tensor, or NULL. */
const struct st_tensor *safetensors_find(const struct safetensors *s,
	const char *name);

/* The text of a key of __metadata__, or NULL. */
const char *safetensors_meta(const struct safetensors *s, const char *key);

/* The tensor as rows, its last dimension each; a type that holds no weights is
 * fatal. */
struct weight safetensors_weight(const struct st_tensor *t);

/* A writer. First all tensors are declared, then their data is written in the
 * same order; finish checks that it is complete. The file appears under its name
 * only at finish. */
struct st_writer;
struct st_writer *safetensors_create(const char *file);
void safetensors_set_meta(struct st_writer *w, const char *key,
	const char *value);
void safetensors_declare(struct st_writer *w, const char *name,
	enum dtype type, int ndim, const size_t *shape);
/* n elements of the present tensor, whole blocks of its type, from fp32. A
 * number that the type cannot hold is fatal. */
void safetensors_put(struct st_writer *w, const float *x, size_t n);
/* Writes raw bytes of the current tensor. */
void safetensors_put_raw(struct st_writer *w, const void *p, size_t n);
void safetensors_finish(struct st_writer *w);

#endif
