/* gguf_model.h - models in GGUF files: names of tensors, configuration, writing
 *
 * Private to common/model, except for writing. Features of a model follow from
 * general.architecture, from keys that begin with it, and from which tensors
 * there are; model(5) lists them. source_gguf.c opens a file for reading.
 */
#ifndef PIPELM_GGUF_MODEL_H
#define PIPELM_GGUF_MODEL_H

#include "common/format/gguf.h"
#include "common/model/model.h"

/* Keys of our own. */
#define GGUF_MODEL_PROVENANCE "pipelm.provenance"
#define GGUF_MODEL_TOKENIZER "pipelm.tokenizer"

/* The factors by which rotary frequencies are divided, (head size / 2). */
#define GGUF_MODEL_FACTORS "rope_freqs.weight"

/* ---- gguf_names.c ---- */

/* The name in GGUF files of tensor i of t, the tensors of a model with this
 * configuration; out has room for any. */
#define GGUF_MODEL_NAME 64
void gguf_model_name(char *out, const struct model_config *c,
	const struct tensor *t, size_t i);

/* 0, or how many rows of a head of tensor i are stored as pairs: see struct
 * stored. */
size_t gguf_model_pairs(const struct model_config *c, const struct tensor *t,
	size_t i);

/* ---- gguf_config.c ---- */

/* Reads the configuration. An architecture or a feature that is not supported,
 * or a key that is missing, is fatal; the message names the file and the key. */
void gguf_config_read(struct model_config *c, const struct gguf *g);

/* Writes it; fatal if the format cannot express it. */
void gguf_config_write(struct gguf_writer *w, const struct model_config *c);

/* ---- gguf_save.c ---- */

/* Writes m in two steps: its keys, declaring the tensors; then, after the caller
 * has set its own keys, the tensors. Matrices get the type; vectors and the table
 * of positions are F32, and what the type cannot hold or should not (model(5))
 * gets a wider one. Reports rows that do not divide into blocks. provenance:
 * lines to which this program's command line is added. */
void gguf_save_keys(struct gguf_writer *w, const struct model *m,
	enum dtype type, const char *provenance);
void gguf_save_tensors(struct gguf_writer *w, const struct model *m);

#endif
