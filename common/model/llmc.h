/* llmc.h - checkpoints of llm.c (.bin), which are GPT-2 models
 *
 * A header of 256 int32, little-endian: magic 20240326, version 3 (fp32) or 5
 * (bf16), context, vocabulary, layers, heads, width, padded vocabulary; then
 * each kind of tensor over all layers, matrices as (out, in).
 */
#ifndef PIPELM_MODEL_LLMC_H
#define PIPELM_MODEL_LLMC_H

#include "common/model/source.h"

/* Is it such a file, by its first bytes, or one that ought to be, by its name?
 * Opens one; what is wrong with it is fatal. */
bool llmc_is(const char *file);
struct model_source *llmc_open(const char *file);

/* Writes m, a gpt2 with tied head and an MLP four times the width, with F32
 * or BF16; another model is fatal. */
void llmc_write(const struct model *m, const char *file, enum dtype type);

#endif
