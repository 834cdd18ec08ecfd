/* source.h - where the weights of a model come from
 *
 * For all programs, this is the place that determines what a path is: a
 * directory as Hugging Face lays it out (one safetensors file, or shards and
 * their index), a GGUF file, a checkpoint of llm.c or llama2.c, or an adapter of
 * one of these (adapter_dir.h). A source has the
 * configuration and returns each tensor's weight as a view of the mapped file,
 * in the file's type: nothing is copied.
 */
#ifndef PIPELM_MODEL_SOURCE_H
#define PIPELM_MODEL_SOURCE_H

#include "common/base/io.h"
#include "common/format/safetensors.h"
#include "common/model/model.h"

/* A tensor as it is in the file. */
struct stored {
	struct weight w;
	const char *file;	/* that has it: of a model in shards, the shard */
	bool transposed;	/* rows and columns are swapped */
	size_t pairs;		/* 0, or the rows of a head: of the tensor's rows
				 * i and i + pairs / 2 of a head, which are
				 * rotated together, the file has the pair next
				 * to each other, as rows 2 i and 2 i + 1 */
};

/* Ids first..first+n-1. */
struct token_range {
	size_t first, n;
};

struct adapter;
struct gguf;
struct model_source {
	const char *name;	/* of the file, for messages; kept by reference */
	struct model_config config;
	size_t tokens;		/* as in struct model */
	uint64_t tokenizer;
	struct tensor *tensors;	/* model_tensors of the configuration */
	size_t ntensor;

	/* Set by each form: see source_weight; frees what the form owns. */
	struct stored (*weight)(const struct model_source *s,
		const struct tensor *t);
	void (*close)(struct model_source *s);
	struct safetensors *safetensors;	/* directory only */
	struct gguf *gguf;	/* GGUF file only */
	struct mapped map;	/* files of llm.c and llama2.c only, as are
				 * these: kinds.h */
	struct place {
		const unsigned char *data;
		bool pairs;
	} *places;		/* of the tensors */
	enum dtype type;	/* of the numbers */
	/* What the source adds to the weights, or NULL; and the tokens whose
	 * embeddings are not in the file, or are replaced. The vocabulary of
	 * config includes them, tensors have the shapes of the file. */
	struct adapter *adapter;
	struct token_range own;
};

/* Opens a model by its path. Any error is fatal; the message names file and
 * tensor. */
struct model_source *source_open(const char *path);
void source_close(struct model_source *s);

/* For an adapter with embeddings of its own for n tokens from `first` on, which is at
 * most the vocabulary. */
void source_own_tokens(struct model_source *s, size_t first, size_t n);

/* The weight of a tensor of the model, one of s->tensors or a copy of it; fatal
 * if it is missing or has another shape. */
struct stored source_weight(const struct model_source *s,
	const struct tensor *t);

/* n rows from row `first` on, in the tensor's order: a view of the file, or of
 * scratch if they have to be gathered, valid until its next use. */
struct buf;
struct weight stored_rows(const struct stored *t, size_t first, size_t n,
	struct buf *scratch);

/* These rows will not be read again soon: see file_release_some. */
struct release;
void stored_release(struct release *r, const struct stored *t, size_t first,
	size_t n);

/* ---- the forms ---- */

/* Sets tokens and tokenizer from the text that files have: the number of tokens,
 * a colon, their hash; NULL: unknown. */
void source_set_tokenizer(struct model_source *s, const char *text);

/* source_dir.c: a directory; and the tensors of one, for inspection. */
struct model_source *source_open_dir(const char *dir);
struct safetensors *source_dir_tensors(const char *dir);

/* source_gguf.c: a GGUF file. */
struct model_source *source_open_gguf(const char *file);

#endif
