/* gguf.h - GGUF files of llama.cpp: mapped reading, atomic writing
 *
 * Keys with values (settings, the tokenizer), then descriptions of tensors, then
 * their data; model(5) has the layout byte by byte. Versions 2 and 3,
 * little-endian, are read, 3 is written. Files are untrusted: every count,
 * length and offset is checked against the size of the file before it is used,
 * and memory grows only with what was found in the file. An invalid file is
 * fatal; the message names the file and the key, tensor or byte.
 */
#ifndef PIPELM_GGUF_H
#define PIPELM_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/base/map.h"
#include "common/format/weight.h"

#define GGUF_MAX_DIM 4

/* Types of values, with the numbers of the format. */
enum gguf_type {
	GGUF_U8,
	GGUF_I8,
	GGUF_U16,
	GGUF_I16,
	GGUF_U32,
	GGUF_I32,
	GGUF_F32,
	GGUF_BOOL,
	GGUF_TEXT,
	GGUF_ARRAY,
	GGUF_U64,
	GGUF_I64,
	GGUF_F64,
	GGUF_TYPES		/* their number */
};

struct gguf_value {
	char *key;
	enum gguf_type type;	/* of an array: that of its elements */
	bool array;
	size_t n;		/* elements of an array, else 1 */
	const unsigned char *data;	/* in the map: numbers, or texts with
					 * their lengths */
};

struct gguf_tensor {
	char *name;
	enum dtype type;
	int ndim;
	size_t dim[GGUF_MAX_DIM];	/* the fastest first: columns, rows */
	size_t n;		/* elements */
	size_t bytes;
	const unsigned char *data;	/* in the map */
};

struct gguf {
	char *name;		/* of the file */
	struct mapped map;
	struct gguf_value *values;	/* in the order of the file */
	size_t nvalue;
	struct gguf_tensor *tensors;	/* in the order of the file */
	size_t ntensor;
	struct map keys, names;	/* to indices of values and tensors */
};

/* Whether a file begins as GGUF files do; false if it cannot be read. */
bool gguf_is(const char *file);

struct gguf *gguf_open(const char *file);
void gguf_close(struct gguf *g);

/* The value of a key; the tensor of a name; or NULL. */
const struct gguf_value *gguf_find(const struct gguf *g, const char *key);
const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name);

/* ---- values; another type than asked for is fatal ---- */

/* The value of an integer of any size, not negative; of a real or an integer; of
 * a bool. `otherwise` if the key is missing. */
int64_t gguf_int(const struct gguf *g, const char *key, int64_t otherwise);
double gguf_real(const struct gguf *g, const char *key, double otherwise);
bool gguf_bool(const struct gguf *g, const char *key, bool otherwise);

/* A text, text[0..*len), not NUL-terminated; NULL if the key is missing. */
const char *gguf_text(const struct gguf *g, const char *key, size_t *len);

/* Whether the key has exactly this text. */
bool gguf_says(const struct gguf *g, const char *key, const char *text);

/* The array of a key, with elements of this kind; NULL if the key is missing. */
enum gguf_elements { GGUF_TEXTS, GGUF_INTEGERS, GGUF_REALS };
const struct gguf_value *gguf_array(const struct gguf *g, const char *key,
	enum gguf_elements kind);

/* Element i of an array of integers, of reals. */
int64_t gguf_integer_at(const struct gguf_value *v, size_t i);
double gguf_real_at(const struct gguf_value *v, size_t i);

/* The text at *at, which is v->data at first, and its length; moves *at on. Call
 * it v->n times. */
const char *gguf_next_text(const unsigned char **at, size_t *len);

/* Whether the value is 0, false or an empty text or array. */
bool gguf_is_zero(const struct gguf_value *v);

/* The tensor as rows of its first dimension; a type that holds no weights is
 * fatal. */
struct weight gguf_weight(const struct gguf *g, const struct gguf_tensor *t);

/* ---- writing (gguf_write.c) ---- */

/* First all values are set and all tensors are declared, then the tensors' data
 * is written in the same order; finish checks that it is complete. The file
 * appears under its name only at finish. */
struct gguf_writer;
struct gguf_writer *gguf_create(const char *file);
const char *gguf_writer_name(const struct gguf_writer *w);

void gguf_set_u32(struct gguf_writer *w, const char *key, size_t x);
void gguf_set_f32(struct gguf_writer *w, const char *key, double x);
void gguf_set_bool(struct gguf_writer *w, const char *key, bool x);
void gguf_set_text(struct gguf_writer *w, const char *key, const char *text,
	size_t len);

/* An array of n texts, int32s or floats, whose elements the caller adds next. */
void gguf_set_array(struct gguf_writer *w, const char *key,
	enum gguf_type type, size_t n);
void gguf_add_text(struct gguf_writer *w, const char *text, size_t len);
void gguf_add_i32(struct gguf_writer *w, int32_t x);
void gguf_add_f32(struct gguf_writer *w, float x);

/* dim: the fastest first. */
void gguf_declare(struct gguf_writer *w, const char *name, enum dtype type,
	int ndim, const size_t *dim);

/* n elements of the current tensor, whole blocks of its type, from fp32. A number
 * that the type cannot hold is fatal. */
void gguf_put(struct gguf_writer *w, const float *x, size_t n);
void gguf_finish(struct gguf_writer *w);

/* ---- types (gguf_types.c) ---- */

/* Bytes of a number; 0 for texts and arrays. */
size_t gguf_type_size(enum gguf_type type);

/* The type of a tensor by its number in the format; DTYPE_NONE if it is not supported. */
enum dtype gguf_dtype(uint32_t number);
uint32_t gguf_dtype_number(enum dtype type);

/* The name of a type, supported or not; NULL if the format has none. */
const char *gguf_dtype_name(uint32_t number);

#endif
