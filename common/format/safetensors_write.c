/* safetensors_write.c - writes named tensors: see safetensors.h
 *
 * All tensors are declared first, so the header is complete before the first byte
 * of data. It is padded with spaces to a multiple of 64 bytes, so that the data
 * of a mapped file is aligned.
 */
#include "common/format/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"

struct st_writer {
	struct output *out;
	struct buf header;
	struct buf meta;
	struct {
		enum dtype type;
		size_t bytes;
	} *tensors;
	size_t n, cap;
	size_t offset;		/* of the next declared tensor */
	size_t now, left;	/* tensor being written, its bytes left */
	bool begun;
};

struct st_writer *safetensors_create(const char *file)
{
	struct st_writer *w = xcalloc(1, sizeof *w);

	w->out = output_open(file);
	return w;
}

void safetensors_set_meta(struct st_writer *w, const char *key,
	const char *value)
{
	if (w->meta.n)
		buf_putc(&w->meta, ',');
	json_add_cstring(&w->meta, key);
	buf_putc(&w->meta, ':');
	json_add_cstring(&w->meta, value);
}

void safetensors_declare(struct st_writer *w, const char *name,
	enum dtype type, int ndim, const size_t *shape)
{
	size_t n = 1;
	int i;

	buf_putc(&w->header, ',');
	json_add_cstring(&w->header, name);
	buf_printf(&w->header, ":{\"dtype\":\"%s\",\"shape\":[",
		dtype_row(type)->name);
	for (i = 0; i < ndim; i++) {
		buf_printf(&w->header, i ? ",%zu" : "%zu", shape[i]);
		n *= shape[i];
	}
	buf_printf(&w->header, "],\"data_offsets\":[%zu,%zu]}", w->offset,
		w->offset + dtype_bytes(type, n));
	w->offset += dtype_bytes(type, n);
	w->tensors = grow(w->tensors, w->n, &w->cap, sizeof *w->tensors);
	w->tensors[w->n].type = type;
	w->tensors[w->n++].bytes = dtype_bytes(type, n);
}

static void write_header(struct st_writer *w)
{
	struct buf all = { 0 };
	unsigned char size[8];

	buf_printf(&all, "{\"__metadata__\":{%s}", w->meta.n ? w->meta.p : "");
	if (w->header.n)
		buf_add(&all, w->header.p, w->header.n);
	buf_putc(&all, '}');
	while ((all.n + 8) % 64)
		buf_putc(&all, ' ');
	put_le64(size, all.n);
	output_write(w->out, size, 8);
	output_write(w->out, all.p, all.n);
	buf_free(&all);
	w->begun = true;
	w->left = w->n ? w->tensors[0].bytes : 0;
}

/* Accounts for n bytes of data, which the caller writes next. */
static void begin_part(struct st_writer *w, size_t n)
{
	if (!w->begun)
		write_header(w);
	while (!w->left && w->now + 1 < w->n)
		w->left = w->tensors[++w->now].bytes;
	if (n > w->left)
		die("%s: tensor %zu gets more data than was declared",
			output_name(w->out), w->now);
	w->left -= n;
}

void safetensors_put_raw(struct st_writer *w, const void *p, size_t n)
{
	begin_part(w, n);
	output_write(w->out, p, n);
}

void safetensors_put(struct st_writer *w, const float *x, size_t n)
{
	enum dtype type;

	if (!n)
		return;
	begin_part(w, 0);	/* moves on to the next tensor */
	type = w->tensors[w->now].type;
	begin_part(w, dtype_bytes(type, n));
	dtype_write(w->out, type, x, n);
}

void safetensors_finish(struct st_writer *w)
{
	safetensors_put_raw(w, "", 0);
	while (!w->left && w->now + 1 < w->n)
		w->left = w->tensors[++w->now].bytes;
	if (w->left)
		die("%s: the data of tensor %zu is incomplete",
			output_name(w->out), w->now);
	output_close(w->out);
	buf_free(&w->header);
	buf_free(&w->meta);
	free(w->tensors);
	free(w);
}
