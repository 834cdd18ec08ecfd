/* safetensors_write.c - writes named tensors: see safetensors.h
 *
 * All tensors are declared first, so the header is complete before the first byte
 * of data. It is padded with spaces to a multiple of 64 bytes, so that the data
 * of a mapped file is aligned.
 */
#include "common/format/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/format/tensor_writer.h"

struct st_writer {
	struct tensor_writer data;
	struct buf header;
	struct buf meta;
	bool begun;
};

struct st_writer *safetensors_create(const char *file)
{
	struct st_writer *w = xcalloc(1, sizeof *w);

	w->data.out = output_open(file);
	w->data.align = 1;
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
	uint64_t offset;
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
	offset = tensor_writer_declare(&w->data, type, n);
	buf_printf(&w->header, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}",
		offset, w->data.offset);
}

/* Writes the header before the first data. */
static void begin(struct st_writer *w)
{
	struct buf all = { 0 };
	unsigned char size[8];

	if (w->begun)
		return;
	w->begun = true;
	buf_printf(&all, "{\"__metadata__\":{%s}", w->meta.n ? w->meta.p : "");
	if (w->header.n)
		buf_add(&all, w->header.p, w->header.n);
	buf_putc(&all, '}');
	while ((all.n + 8) % 64)
		buf_putc(&all, ' ');
	put_le64(size, all.n);
	output_write(w->data.out, size, 8);
	output_write(w->data.out, all.p, all.n);
	buf_free(&all);
}

void safetensors_put_raw(struct st_writer *w, const void *p, size_t n)
{
	begin(w);
	tensor_writer_put_raw(&w->data, p, n);
}

void safetensors_put(struct st_writer *w, const float *x, size_t n)
{
	begin(w);
	tensor_writer_put(&w->data, x, n);
}

void safetensors_finish(struct st_writer *w)
{
	begin(w);
	tensor_writer_close(&w->data);
	buf_free(&w->header);
	buf_free(&w->meta);
	free(w);
}
