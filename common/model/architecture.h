/* architecture.h - the table of architectures
 *
 * An architecture is one source file, which names its tensors, and reads and
 * writes its config.json, from which it sets the features of struct
 * model_config. Everything else is shared. To add one, add a file with a row,
 * and a line in ARCHITECTURES.
 */
#ifndef PIPELM_ARCHITECTURE_H
#define PIPELM_ARCHITECTURE_H

#include "common/format/jsontree.h"
#include "common/model/model.h"

/* The table: a line X(NAME) for each, in the order of the help. */
#define ARCHITECTURES(X) \
	X(gpt2) \
	X(llama) \
	X(qwen2) \
	X(qwen3) \
	X(mistral) \
	/* the last line */

/* The architecture of new models by default. */
#define ARCHITECTURE_DEFAULT "llama"

/* The table of tensors under construction. */
struct tensor_list {
	struct tensor *v;
	size_t n, cap;
	size_t size;		/* floats allocated so far */
};

/* How models of an architecture are in GGUF files. */
enum architecture_gguf {
	GGUF_HAS_PAIRS = 1,	/* q and k: the two halves of each head's rows
				 * are interleaved */
	GGUF_HAS_FACTORS = 2,	/* rotary frequencies are scaled by a tensor */
	GGUF_HAS_BIASES = 4,	/* optional, of all matrices of the attention
				 * and of all of the MLP */
	GGUF_HAS_SQUARE = 8	/* heads together are as wide as the model */
};

struct architecture {
	const char *name;	/* "model_type" of config.json, --arch */
	const char *class;	/* in "architectures" */
	const char *reward_class;	/* that of its reward models */
	const char *file_prefix;	/* of tensor names; some files lack it;
					 * or NULL */
	const char *head;	/* name of the head's tensor, even if tied */
	/* Prefixes of the names of block tensors; NULL-terminated. */
	const char *const *block_prefixes;
	/* Suffixes of the names of tensors that files contain although they
	 * follow from the configuration (masks, frequencies);
	 * NULL-terminated. */
	const char *const *derived;
	const char *gguf;	/* "general.architecture" of GGUF files; of two
				 * rows with the same, files are read as the
				 * first */
	unsigned gguf_has;	/* enum architecture_gguf */

	/* For a new model: sets the features and what follows from the given
	 * sizes (ffn, norm_eps). */
	void (*begin)(struct model_config *c);

	/* Reads its own keys; fatal if a feature is not supported. */
	void (*read)(struct model_config *c, const struct jsontree *f);

	/* Writes the same keys, one per line: "  \"key\": value,\n". */
	void (*write)(struct buf *out, const struct model_config *c);

	/* NULL, or why this architecture cannot have these sizes. */
	const char *(*check)(const struct model_config *c);

	/* Adds names, places and shapes of tensors, in the order of the buffer,
	 * all but the head's. */
	void (*tensors)(struct tensor_list *l, const struct model_config *c);
};

/* Finds a row of the table by name or by index; NULL if there is none. */
const struct architecture *architecture_find(const char *name);
const struct architecture *architecture_at(size_t i);

/* All names, "gpt2|llama", for an OPT_ENUM. */
extern const char architecture_word_list[];
#define ARCHITECTURE_WORDS (architecture_word_list + 1)

/* ---- for the files of architectures ---- */

/* Appends a tensor (rows, cols), cols 0 for a vector. name: for a place in a block
 * with "%zu" for the layer number; it ends in ".bias" for a bias. A second tensor
 * with the same place follows the first in memory, so that together they are one
 * matrix (out, in). */
struct tensor *tensor_add(struct tensor_list *l, enum tensor_place place,
	size_t layer, size_t rows, size_t cols, const char *name);

#endif
