/* arch.h - what differs between architectures, inside common/model
 *
 * An architecture names its tensors, reads and writes its config.json, and
 * says where its weights stand. All else is shared.
 */
#ifndef PIPELM_MODEL_ARCH_H
#define PIPELM_MODEL_ARCH_H

#include "common/model/model.h"

/* The table of tensors while it is built. */
struct tensor_list {
	struct tensor *v;
	size_t n, cap;
	size_t size;		/* floats laid out so far */
};

/* Appends a tensor (rows, cols), cols 0 for a vector. With joined it begins
 * where the one before ends, otherwise on a cache line. */
struct tensor *tensor_add(struct tensor_list *l, enum tensor_role role,
	bool joined, size_t rows, size_t cols, const char *fmt, ...)
	PRINTF_LIKE(6, 7);

/* Names and shapes, in the order of the buffer. */
void gpt2_tensors(struct tensor_list *l, const struct model_config *c);
void llama_tensors(struct tensor_list *l, const struct model_config *c);

/* Points w, whose blocks are allocated, into buffer. */
void gpt2_view(struct weights *w, const struct model *m, float *buffer);
void llama_view(struct weights *w, const struct model *m, float *buffer);

#endif
