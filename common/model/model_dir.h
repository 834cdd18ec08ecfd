/* model_dir.h - a model directory, as Hugging Face lays it out: model(5)
 *
 * config.json, model.safetensors, tokenizer.json, tokenizer_config.json,
 * generation_config.json, provenance.txt. Each file is whole or not there,
 * model.safetensors is written last.
 */
#ifndef PIPELM_MODEL_DIR_H
#define PIPELM_MODEL_DIR_H

#include "common/format/safetensors.h"
#include "common/model/model.h"

/* Reads a model by its path, a directory or a checkpoint of llm.c (source.h),
 * with weights of any type: flat, for training. What is wrong is fatal, with
 * file and tensor, a number that is not finite too. */
struct model *model_load(const char *path);

/* The same, packed for decoding: little more than its weights is in memory at
 * any moment. */
struct model *model_load_packed(const char *path);

/* Either of them, from a source, which is closed. */
struct model_source;
struct model *model_from(struct model_source *s, bool packed);

/* Writes config.json, generation_config.json, provenance.txt and, last,
 * model.safetensors, in the given type (F32, F16, BF16). The tokenizer's
 * files are the caller's. provenance: lines of the stages before, to which
 * this program's command line is added; NULL: what DIR has. meta: NULL or pairs
 * key, value, ..., NULL for the header of
 * model.safetensors. */
void model_save(const struct model *m, const char *dir, enum dtype type,
	const char *provenance, const char *const *meta);

/* Copies those files of tokenizer and chat template that exist, byte for byte;
 * does nothing if the two are the same directory. */
void model_copy_tokenizer(const char *from, const char *to);

/* Fatal when the model of dir says that it was trained with another vocabulary:
 * hash is vocab_hash_below of the first m->tokens ids of the one there. */
void model_check_tokenizer(const struct model *m, const char *dir,
	uint64_t hash);

/* Asked before a program works for a model that it will write to DIR: fatal
 * when DIR is a file, or holds a model already or files that the model's
 * would replace, unless it is `from`, the directory that is read (NULL: none).
 * instead: what to do about a model ("--force replaces it"). tokenizer: the
 * file that is to become DIR/tokenizer.json and may be it, or NULL. */
void model_dir_check(const char *dir, const char *from, const char *tokenizer,
	const char *instead);

/* Removes DIR/best, the best model of a run before, as far as programs here
 * write it. */
void model_remove_best(const char *dir);

/* The text of DIR/provenance.txt, "" when it is missing; the caller frees it. */
char *model_provenance(const char *dir);

#endif
