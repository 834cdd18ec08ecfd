/* source.h - where the weights of a model come from
 *
 * What a path is, is found out here for all programs: a directory as Hugging
 * Face lays it out (one safetensors file, or shards and their index), or a
 * checkpoint of llm.c. A source has the configuration and gives each tensor's
 * weight as a view of the mapped file, in the file's type: nothing is copied.
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

	/* The form's own: see source_weight; frees what it has. */
	struct weight (*weight)(const struct model_source *s,
		const struct tensor *t, bool *transposed);
	void (*close)(struct model_source *s);
	struct safetensors *safetensors;	/* of a directory */
	struct mapped map;	/* of a file */
	const unsigned char **places;	/* of a file's tensors */
	enum dtype type;	/* of a file's numbers */
};

/* Opens a model by its path. What is wrong with it is fatal, with file and
 * tensor. */
struct model_source *source_open(const char *path);
void source_close(struct model_source *s);

/* The weight of a tensor of the model; fatal when it is missing or has another
 * shape. *transposed: it stands with rows and columns
 * exchanged. */
struct weight source_weight(const struct model_source *s,
	const struct tensor *t, bool *transposed);

/* ---- the forms ---- */

/* source_dir.c: a directory; and the tensors of one, for those who look. */
struct model_source *source_open_dir(const char *dir);
struct safetensors *source_dir_tensors(const char *dir);

#endif
