/* model_dir.h - a model directory, as Hugging Face lays it out: model(5)
 *
 * config.json, model.safetensors, tokenizer.json, tokenizer_config.json,
 * generation_config.json, provenance.txt. Each file is either complete or
 * absent; model.safetensors is written last.
 */
#ifndef PIPELM_MODEL_DIR_H
#define PIPELM_MODEL_DIR_H

#include "common/format/safetensors.h"
#include "common/model/model.h"

/* Loads a model, flat for training, from its path, a directory or a file of the
 * forms in source.h, with weights of any type; an adapter is merged. Errors,
 * including a non-finite number, are fatal; the message names file and tensor. */
struct model *model_load(const char *path);

/* The same, packed for decoding: at no time is much more than the weights in
 * memory. An adapter stays beside them: they keep the types of the base. */
struct model *model_load_packed(const char *path, enum compute compute);

/* The same from a source, which they close. */
struct model_source;
struct model *model_from(struct model_source *s);
struct model *model_packed_from(struct model_source *s, enum compute compute);

/* Fatal unless the model of dir has the head that a program computes with: that
 * of a reward model, or a language model's. */
void model_check_head(const struct model_config *c, const char *dir,
	bool reward);

/* Writes config.json, generation_config.json, provenance.txt and, last,
 * model.safetensors, in the given type (F32, F16, BF16). The caller writes the
 * tokenizer's files. provenance: the lines of the upstream stages, to which
 * this program's command line is added; NULL: those in DIR. meta: NULL, or
 * pairs key, value, ..., NULL for the header of model.safetensors. Of a model with
 * an adapter only that is written, in F32: adapter_dir.h. */
void model_save(const struct model *m, const char *dir, enum dtype type,
	const char *provenance, const char *const *meta);

/* The file of the parameters that the directory holds, or is to hold:
 * model.safetensors or, of an adapter, adapter_model.safetensors. The caller frees
 * it. */
char *model_dir_weights(const char *dir);

/* Fatal if dir holds a model of the other kind, an adapter or a whole one. */
void model_dir_check_kind(const char *dir, bool adapter);

/* Fatal if the model of dir records that it was trained with another
 * vocabulary: hash is vocab_hash_below of the first m->tokens ids of the one in
 * dir, or in the file of that name. */
void model_check_tokenizer(const struct model *m, const char *dir,
	uint64_t hash);
void source_check_tokenizer(const struct model_source *s, const char *dir,
	uint64_t hash);

/* Called before a program starts work on a model that it will write to DIR:
 * fatal if DIR is a file, or already holds a model or files that the new
 * model's would replace, unless it is `from`, the directory that is read (NULL:
 * none). instead: what to do about a model ("--force replaces it"). tokenizer:
 * the file that will become DIR/tokenizer.json, and may already be it, or
 * NULL. */
void model_dir_check(const char *dir, const char *from, const char *tokenizer,
	const char *instead);

/* Removes DIR/best, the best model of an earlier run: only the files that these
 * programs write. */
void model_remove_best(const char *dir);

/* The text of DIR/provenance.txt, or that in a GGUF file; "" if it is missing. The
 * caller frees it. */
char *model_provenance(const char *dir);

#endif
