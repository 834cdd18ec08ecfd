/* tensor_writer.c - writes data of declared tensors: see tensor_writer.h */
#include "common/format/tensor_writer.h"

#include <stdlib.h>

#include "common/base/mem.h"

uint64_t tensor_writer_declare(struct tensor_writer *w, enum dtype type,
	size_t n)
{
	uint64_t offset = w->offset;
	size_t bytes = dtype_bytes(type, n);

	w->v = grow(w->v, w->n, &w->cap, sizeof *w->v);
	w->v[w->n].type = type;
	w->v[w->n++].bytes = bytes;
	w->offset += bytes;
	w->offset += -w->offset % w->align;
	return offset;
}

void tensor_writer_pad(struct tensor_writer *w, uint64_t n)
{
	for (n = -n % w->align; n; n--)
		output_putc(w->out, 0);
}

/* Moves on to the tensor that the next byte belongs to, if there is one. */
static void advance(struct tensor_writer *w)
{
	while (!w->left && w->begun < w->n)
		w->left = w->v[w->begun++].bytes;
}

/* Accounts for n bytes, which the caller has written or will write next. */
static void take(struct tensor_writer *w, size_t n)
{
	if (n > w->left)
		die("%s: tensor %zu gets more data than was declared",
			output_name(w->out), w->begun ? w->begun - 1 : 0);
	w->left -= n;
}

static void end_part(struct tensor_writer *w)
{
	if (!w->left)
		tensor_writer_pad(w, w->v[w->begun - 1].bytes);
}

void tensor_writer_put_raw(struct tensor_writer *w, const void *p, size_t n)
{
	if (!n)
		return;
	advance(w);
	take(w, n);
	output_write(w->out, p, n);
	end_part(w);
}

void tensor_writer_put(struct tensor_writer *w, const float *x, size_t n)
{
	enum dtype type;

	if (!n)
		return;
	advance(w);
	type = w->begun ? w->v[w->begun - 1].type : DTYPE_F32;
	take(w, dtype_bytes(type, n));
	dtype_write(w->out, type, x, n);
	end_part(w);
}

void tensor_writer_close(struct tensor_writer *w)
{
	advance(w);
	if (w->left)
		die("%s: the data of tensor %zu is incomplete",
			output_name(w->out), w->begun - 1);
	output_close(w->out);
	free(w->v);
}
