/* source.h - where the weights of a model come from
 *
 * For all programs, this is the place that determines what a path is: a
 * directory as Hugging Face lays it out (one safetensors file, or shards and
 * their index), or a checkpoint of llm.c. A source has the configuration and
 * returns each tensor's weight as a view of the mapped file, in the file's
 * type: nothing is copied.
 */
#ifndef PIPELM_MODEL_SOURCE_H
#define PIPELM_MODEL_SOURCE_H

#include "common/base/io.h"
#include "common/format/safetensors.h"
#include "common/model/model.h"

struct model_source {
	const char *name;	/* of the file, for messages; kept by reference */
	struct model_config config;
	size_t tokens;		/* as in struct model */
	uint64_t tokenizer;
	struct tensor *tensors;	/* model_tensors of the configuration */
	size_t ntensor;

	/* Set by each form: see source_weight; frees what the form owns. */
	struct weight (*weight)(const struct model_source *s,
		const struct tensor *t, bool *transposed);
	void (*close)(struct model_source *s);
	struct safetensors *safetensors;	/* directory only */
	struct mapped map;	/* llm.c file only, as are these: */
	const unsigned char **places;	/* of its tensors */
	enum dtype type;	/* of its numbers */
};

/* Opens a model by its path. Any error is fatal; the message names file and
 * tensor. */
struct model_source *source_open(const char *path);
void source_close(struct model_source *s);

/* The weight of a tensor of the model; fatal if it is missing or has another
 * shape. *transposed: it is stored with rows and columns swapped. */
struct weight source_weight(const struct model_source *s,
	const struct tensor *t, bool *transposed);

/* ---- the forms ---- */

/* source_dir.c: a directory; and the tensors of one, for inspection. */
struct model_source *source_open_dir(const char *dir);
struct safetensors *source_dir_tensors(const char *dir);

#endif
