/* family.h - what Llama and the architectures that followed it share
 *
 * RMSNorm, rotary positions, SwiGLU, grouped queries; matrices are (out, in).
 * Their files in transformers name the same tensors and the same keys of
 * config.json; an architecture's own file says what it has besides. The
 * functions are rows of struct architecture, or parts of them.
 */
#ifndef PIPELM_MODEL_FAMILY_H
#define PIPELM_MODEL_FAMILY_H

#include "common/model/architecture.h"

void family_begin(struct model_config *c);
void family_read(struct model_config *c, const struct jsontree *f);
void family_write(struct buf *out, const struct model_config *c);
const char *family_check(const struct model_config *c);

/* By the features of c: norms of q and k, and biases, where it has them. */
void family_tensors(struct tensor_list *l, const struct model_config *c);

/* The window of attention in "sliding_window", of an architecture that has
 * one. One that is shorter than the context is fatal. */
void family_read_window(struct model_config *c, const struct jsontree *f);

extern const char *const family_block_prefixes[];
extern const char *const family_derived[];

#endif
