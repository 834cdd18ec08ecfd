/* architecture.h - the table of architectures
 *
 * An architecture is a file: it names its tensors, and reads and writes its
 * config.json, where it says which features of struct model_config it has.
 * All else is shared. Another one is a file with a row and a line in
 * ARCHITECTURES.
 */
#ifndef PIPELM_ARCHITECTURE_H
#define PIPELM_ARCHITECTURE_H

#include "common/format/jsontree.h"
#include "common/model/model.h"

/* The table: a line X(NAME) each, in the order in which help lists them. */
#define ARCHITECTURES(X) \
	X(gpt2) \
	X(llama) \
	X(qwen2) \
	X(qwen3) \
	X(mistral) \
	/* the last line */

/* What programs make where nothing else is said. */
#define ARCHITECTURE_DEFAULT "llama"

/* The table of tensors while it is built. */
struct tensor_list {
	struct tensor *v;
	size_t n, cap;
	size_t size;		/* floats laid out so far */
};

struct architecture {
	const char *name;	/* "model_type" of config.json, --arch */
	const char *class;	/* in "architectures" */
	const char *file_prefix;	/* of tensors, which some files lack;
					 * or NULL */
	const char *head;	/* name of the head's tensor, tied or not */
	/* Names of blocks' tensors begin with one of these; NULL ends. */
	const char *const *block_prefixes;
	/* Ends of the names of tensors that files hold although they follow
	 * from the configuration (masks, frequencies); NULL ends. */
	const char *const *derived;

	/* Sets the features and, from the sizes that are set, those that
	 * follow (ffn, norm_eps): of a model that is made anew. */
	void (*begin)(struct model_config *c);

	/* Reads what it has of its own; dies of what is not computed. */
	void (*read)(struct model_config *c, const struct jsontree *f);

	/* Writes the same keys, each a line "  \"key\": value,\n". */
	void (*write)(struct buf *out, const struct model_config *c);

	/* NULL, or why this architecture cannot have these sizes. */
	const char *(*check)(const struct model_config *c);

	/* Names, places and shapes of tensors, in the order of the buffer. */
	void (*tensors)(struct tensor_list *l, const struct model_config *c);
};

/* The row of that name, or NULL; row i of the table, or NULL. */
const struct architecture *architecture_find(const char *name);
const struct architecture *architecture_at(size_t i);

/* All names, "gpt2|llama", for an option of words. */
extern const char architecture_word_list[];
#define ARCHITECTURE_WORDS (architecture_word_list + 1)

/* ---- for the files of architectures ---- */

/* Appends a tensor (rows, cols), cols 0 for a vector. name: where the place is
 * in a block, with "%zu" for the number of the layer; it ends in ".bias" for
 * biases. A further tensor of one place begins where the one before ends, so
 * that they are one matrix (out, in) together. */
struct tensor *tensor_add(struct tensor_list *l, enum tensor_place place,
	size_t layer, size_t rows, size_t cols, const char *name);

#endif
