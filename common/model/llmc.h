/* llmc.h - checkpoints of llm.c (.bin), which are GPT-2 models
 *
 * A header of 256 int32, little-endian: magic 20240326, version 3 (fp32) or 5
 * (bf16), context, vocabulary, layers, heads, width, padded vocabulary; then
 * each kind of tensor over all layers, matrices as (out, in).
 */
#ifndef PIPELM_MODEL_LLMC_H
#define PIPELM_MODEL_LLMC_H

#include "common/model/source.h"

/* llmc_is: whether file is such a checkpoint by its first bytes, or claims to
 * be by its name. llmc_open: opens one as a source; any error is fatal. */
bool llmc_is(const char *file);
struct model_source *llmc_open(const char *file);

/* Writes m, a gpt2 with tied head and an MLP of four times the width, as F32 or
 * BF16; any other model is fatal. */
void llmc_write(const struct model *m, const char *file, enum dtype type);

#endif
