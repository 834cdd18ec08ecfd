/* adapter_config.h - the settings of a LoRA adapter (Hu et al. 2021), as PEFT
 * writes them: adapter_config.json, model(5)
 *
 * An adapter is a directory with this file and adapter_model.safetensors; it
 * changes the base model that the file names.
 */
#ifndef PIPELM_ADAPTER_CONFIG_H
#define PIPELM_ADAPTER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define ADAPTER_MAX_RANK 65536

struct adapter_config {
	char *base;		/* path of the base model, as written */
	size_t rank;
	double alpha;
	bool root;		/* the scale is alpha / sqrt(rank), otherwise
				 * alpha / rank: "use_rslora" */
	size_t first, tokens;	/* ids first..first+tokens-1 have embeddings of
				 * their own: "trainable_token_indices" */
};

/* Whether a directory holds an adapter, and no whole model, which would come
 * first. */
bool adapter_is(const char *dir);

/* Reads DIR/adapter_config.json. What it says of matrices is left to the tensors
 * that are there; whatever else would change the computation and is not supported
 * is fatal, with its key. */
void adapter_config_read(struct adapter_config *c, const char *dir);
void adapter_config_free(struct adapter_config *c);

/* The path of the base model: as it is written or, if nothing is there, relative
 * to dir. Fatal if there is none. The caller frees it. */
char *adapter_base(const struct adapter_config *c, const char *dir);

/* The base of the adapter in dir; NULL if dir holds none. The caller frees it. */
char *adapter_base_of(const char *dir);

#endif
