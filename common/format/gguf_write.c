/* gguf_write.c - writes GGUF files: see gguf.h
 *
 * Values and descriptions are collected first, so the header is complete before
 * the first byte of data.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/mem.h"
#include "common/format/gguf.h"
#include "common/format/tensor_writer.h"

#define VERSION 3
#define ALIGNMENT 32

struct gguf_writer {
	struct tensor_writer data;
	struct buf values, infos;
	size_t nvalue;
	bool begun;
};

struct gguf_writer *gguf_create(const char *file)
{
	struct gguf_writer *w = xcalloc(1, sizeof *w);

	w->data.out = output_open(file);
	w->data.align = ALIGNMENT;
	return w;
}

const char *gguf_writer_name(const struct gguf_writer *w)
{
	return output_name(w->data.out);
}

/* ---- values ---- */

static void add_u32(struct buf *b, uint32_t x)
{
	put_le32(buf_room(b, 4), x);
	b->n += 4;
}

static void add_u64(struct buf *b, uint64_t x)
{
	put_le64(buf_room(b, 8), x);
	b->n += 8;
}

static void add_text(struct buf *b, const char *text, size_t len)
{
	add_u64(b, len);
	buf_add(b, text, len);
}

static void set(struct gguf_writer *w, const char *key, enum gguf_type type)
{
	add_text(&w->values, key, strlen(key));
	add_u32(&w->values, type);
	w->nvalue++;
}

void gguf_set_u32(struct gguf_writer *w, const char *key, size_t x)
{
	set(w, key, GGUF_U32);
	add_u32(&w->values, (uint32_t)x);
}

void gguf_set_f32(struct gguf_writer *w, const char *key, double x)
{
	set(w, key, GGUF_F32);
	gguf_add_f32(w, (float)x);
}

void gguf_set_bool(struct gguf_writer *w, const char *key, bool x)
{
	set(w, key, GGUF_BOOL);
	buf_putc(&w->values, x);
}

void gguf_set_text(struct gguf_writer *w, const char *key, const char *text,
	size_t len)
{
	set(w, key, GGUF_TEXT);
	add_text(&w->values, text, len);
}

void gguf_set_array(struct gguf_writer *w, const char *key,
	enum gguf_type type, size_t n)
{
	set(w, key, GGUF_ARRAY);
	add_u32(&w->values, type);
	add_u64(&w->values, n);
}

void gguf_add_text(struct gguf_writer *w, const char *text, size_t len)
{
	add_text(&w->values, text, len);
}

void gguf_add_i32(struct gguf_writer *w, int32_t x)
{
	add_u32(&w->values, (uint32_t)x);
}

void gguf_add_f32(struct gguf_writer *w, float x)
{
	dtype_row(DTYPE_F32)->from_float(buf_room(&w->values, 4), &x, 1);
	w->values.n += 4;
}

/* ---- tensors ---- */

void gguf_declare(struct gguf_writer *w, const char *name, enum dtype type,
	int ndim, const size_t *dim)
{
	size_t n = 1;
	int i;

	add_text(&w->infos, name, strlen(name));
	add_u32(&w->infos, (uint32_t)ndim);
	for (i = 0; i < ndim; i++) {
		add_u64(&w->infos, dim[i]);
		n *= dim[i];
	}
	add_u32(&w->infos, gguf_dtype_number(type));
	add_u64(&w->infos, tensor_writer_declare(&w->data, type, n));
}

/* Writes the header before the first data. */
static void begin(struct gguf_writer *w)
{
	struct output *out = w->data.out;
	struct buf head = { 0 };

	if (w->begun)
		return;
	w->begun = true;
	buf_str(&head, "GGUF");
	add_u32(&head, VERSION);
	add_u64(&head, w->data.n);
	add_u64(&head, w->nvalue);
	output_write(out, head.p, head.n);
	output_write(out, w->values.p, w->values.n);
	output_write(out, w->infos.p, w->infos.n);
	tensor_writer_pad(&w->data, head.n + w->values.n + w->infos.n);
	buf_free(&head);
}

void gguf_put(struct gguf_writer *w, const float *x, size_t n)
{
	begin(w);
	tensor_writer_put(&w->data, x, n);
}

void gguf_finish(struct gguf_writer *w)
{
	begin(w);
	tensor_writer_close(&w->data);
	buf_free(&w->values);
	buf_free(&w->infos);
	free(w);
}
