/* vocab_gguf.h - the tokenizer in a GGUF file: its vocabulary and template
 *
 * Private to common/token, except for writing. Keys are those of llama.cpp;
 * model(5) lists them. Supported are byte-level BPE (tokenizer.ggml.model
 * "gpt2"), with the ways of splitting text in the table below, and SentencePiece's
 * BPE ("llama"), see metaspace.h.
 */
#ifndef PIPELM_VOCAB_GGUF_H
#define PIPELM_VOCAB_GGUF_H

#include "common/format/gguf.h"
#include "common/token/template.h"
#include "common/token/vocab.h"

/* Types of tokens, with the numbers of the format. */
enum gguf_token {
	GGUF_TOKEN_NORMAL = 1,
	GGUF_TOKEN_UNKNOWN,
	GGUF_TOKEN_CONTROL,	/* special */
	GGUF_TOKEN_USER,	/* matched in text before it is split */
	GGUF_TOKEN_UNUSED,
	GGUF_TOKEN_BYTE		/* SentencePiece only: <0x0A> */
};

/* A way of splitting text: tokenizer.ggml.pre. */
struct gguf_pre {
	const char *name;
	const char *pattern;	/* a known name or a regular expression */
	bool nfc;		/* the tokenizer normalizes text; llama.cpp
				 * does not */
	bool whole_words;	/* a word that is a token is not merged */
	bool adds_bos;		/* texts begin with the bos token, unless the
				 * file says otherwise */
};

/* Row i of the table; NULL after the last. */
const struct gguf_pre *gguf_pre_at(size_t i);

/* Whether a GGUF file has a vocabulary that is supported. */
bool vocab_gguf_has(const char *file);

/* Reads the vocabulary; pattern as for vocab_open. Anything malformed or not
 * supported is fatal. */
struct vocab *vocab_open_gguf(const char *file, const char *pattern);

/* The value of a GGUF file's tokenizer.ggml.NAME_token_id, a token of v: its
 * text, which the caller frees; NULL if there is none. */
char *vocab_gguf_name(const struct gguf *g, const struct vocab *v,
	const char *name);

/* The ids that a model has besides its vocabulary; -1: none. */
struct gguf_ids {
	int64_t bos, eos;
	const int32_t *more_eos;	/* other ids that end a text */
	size_t nmore_eos;
};

/* Writes vocabulary, special ids and, if t is not NULL and has one of its own,
 * the chat template; rows: tokens including spare ones. Fatal if the format
 * cannot express how v splits text. Warns about what is lost. */
void vocab_write_gguf(struct gguf_writer *w, const struct vocab *v,
	const struct template *t, const struct gguf_ids *ids, size_t rows);

#endif
