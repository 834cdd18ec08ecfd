/* family.h - what Llama and the architectures that followed it share
 *
 * RMSNorm, rotary positions, SwiGLU, grouped queries; matrices are (out, in).
 * Their files in transformers use the same tensor names and the same keys of
 * config.json; an architecture's own source file adds what is specific to it.
 * The functions are members of struct architecture, or parts of such members.
 */
#ifndef PIPELM_MODEL_FAMILY_H
#define PIPELM_MODEL_FAMILY_H

#include "common/model/architecture.h"

void family_begin(struct model_config *c);
void family_read(struct model_config *c, const struct jsontree *f);
void family_write(struct buf *out, const struct model_config *c);
const char *family_check(const struct model_config *c);

/* Adds the tensors according to the features of c: norms of q and k, and
 * biases, if it has them. */
void family_tensors(struct tensor_list *l, const struct model_config *c);

/* Reads the attention window, "sliding_window", for an architecture that has
 * one. A window shorter than the context is fatal. */
void family_read_window(struct model_config *c, const struct jsontree *f);

extern const char *const family_block_prefixes[];
extern const char *const family_derived[];

/* The members of a row that all of them have. */
#define FAMILY_ROW \
	.head = "lm_head.weight", \
	.block_prefixes = family_block_prefixes, \
	.derived = family_derived, \
	.check = family_check, \
	.tensors = family_tensors

#endif
