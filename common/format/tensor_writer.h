/* tensor_writer.h - the data of tensors that were declared before, in that order
 *
 * What writers of files with named tensors have in common: the format writes its
 * header between the last declaration and the first data.
 */
#ifndef PIPELM_TENSOR_WRITER_H
#define PIPELM_TENSOR_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/format/weight.h"

/* Zero-initialise all but the first two. */
struct tensor_writer {
	struct output *out;
	size_t align;		/* bytes; zeros fill up to it after a tensor */
	struct {
		enum dtype type;
		size_t bytes;
	} *v;
	size_t n, cap;
	uint64_t offset;	/* of the next declared tensor */
	size_t begun, left;	/* tensors begun; bytes missing in the last */
};

/* Declares a tensor of n elements, whole blocks of its type. Returns the offset
 * of its data from that of the first. */
uint64_t tensor_writer_declare(struct tensor_writer *w, enum dtype type,
	size_t n);

/* Write n elements of the current tensor from fp32, whole blocks of its type, or
 * n bytes as they are. A number that the type cannot hold, and more data than
 * was declared, are fatal. */
void tensor_writer_put(struct tensor_writer *w, const float *x, size_t n);
void tensor_writer_put_raw(struct tensor_writer *w, const void *p, size_t n);

/* Writes the zeros that must follow n bytes, for headers. */
void tensor_writer_pad(struct tensor_writer *w, uint64_t n);

/* Closes the output; incomplete data are fatal. */
void tensor_writer_close(struct tensor_writer *w);

#endif
