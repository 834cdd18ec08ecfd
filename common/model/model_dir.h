/* model_dir.h - a model directory, as Hugging Face lays it out: model(5)
 *
 * config.json, model.safetensors, tokenizer.json, tokenizer_config.json,
 * generation_config.json, provenance.txt. Each file is whole or not there,
 * model.safetensors is written last.
 */
#ifndef PIPELM_MODEL_DIR_H
#define PIPELM_MODEL_DIR_H

#include "common/model/model.h"

/* DIR/NAME; the caller frees it. */
char *model_path(const char *dir, const char *name);

/* Reads config.json and model.safetensors (F32, F16 or BF16). What is wrong
 * is fatal, with file and tensor. */
struct model *model_load(const char *dir);

/* Writes config.json, generation_config.json, provenance.txt and, last,
 * model.safetensors, in the given type (F32, F16, BF16). provenance: lines of
 * the stages before, to which this program's command line is added; NULL:
 * what DIR has. meta: NULL or pairs key, value, ..., NULL for the header of
 * model.safetensors. */
void model_save(const struct model *m, const char *dir, enum dtype type,
	const char *provenance, const char *const *meta);

/* Copies tokenizer.json (a file that is a model directory stands for the one
 * in it) and writes tokenizer_config.json with the chat template or NULL. */
void model_save_tokenizer(const char *dir, const char *tokenizer,
	const struct model_config *c, const char *chat_template);

/* The text of DIR/provenance.txt, "" where there is none; caller frees. */
char *model_provenance(const char *dir);

#endif
