/* adapter_dir.h - an adapter directory, as PEFT lays it out: model(5)
 *
 * adapter_config.json, adapter_model.safetensors, and the files of a tokenizer.
 * An adapter is opened as the source of its base model; what reads that adds the
 * adapter: to the parameters of a flat model, beside the matrices of a packed one.
 */
#ifndef PIPELM_ADAPTER_DIR_H
#define PIPELM_ADAPTER_DIR_H

#include "common/format/adapter_config.h"
#include "common/model/lora.h"
#include "common/model/source.h"

/* What a source has of an adapter. */
struct adapter {
	struct adapter_config config;
	char *base;		/* path of the base model that was opened */
	struct safetensors *tensors;
};

/* The base model's source with the adapter in dir; base, unless NULL, is used
 * instead of the one that the adapter names. */
struct model_source *source_open_adapter(const char *dir, const char *base);
void adapter_close(struct adapter *a);

/* Opens the tensors of the adapter in dir; a missing file is fatal. */
struct safetensors *adapter_tensors(const char *dir);

/* The adapter of s for m, a model of s. Tensors that do not fit are fatal. */
struct lora *adapter_read(const struct model_source *s, const struct model *m);

/* ---- adapter_write.c: the parts of a directory, for model_save ---- */

/* Appends the text of adapter_config.json for m's adapter. */
void adapter_config_write(struct buf *out, const struct model *m);

/* Declares and writes the tensors of adapter_model.safetensors. */
void adapter_write_tensors(struct st_writer *w, const struct lora *l);

/* Before the names of lora's tensors in the file. */
#define ADAPTER_PREFIX "base_model.model."

#endif
