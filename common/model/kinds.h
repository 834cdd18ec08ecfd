/* kinds.h - files that have each kind of tensor over all layers: llm.c, llama2.c
 *
 * Private to common/model.
 */
#ifndef PIPELM_MODEL_KINDS_H
#define PIPELM_MODEL_KINDS_H

#include "common/model/source.h"

enum kind_flags {
	KIND_LAYERED = 1,
	KIND_TRANSPOSED = 2,	/* rows and columns are swapped */
	KIND_PAIRS = 4		/* rows of heads are pairs: struct stored */
};

struct kind {
	const char *name;	/* of layer %zu, or the only one */
	unsigned flags;
};

/* The name of a kind's tensor in a layer, valid until the next call; in how many
 * layers there are such tensors. */
const char *kind_name(const struct kind *k, size_t layer);
size_t kind_layers(const struct model_config *c, const struct kind *k);

/* Makes s, whose file is mapped and whose configuration and type are set, a source
 * of tensors of n kinds in the order of the file, from byte `at` on. elements: how
 * many numbers a tensor of kind number `kind` occupies. name is kept by
 * reference. */
void kinds_place(struct model_source *s, const char *name,
	const struct kind *kinds, size_t n, size_t at,
	size_t (*elements)(const struct model_source *s, size_t kind,
		const struct tensor *t));

#endif
