/* vocab_parts.h - inside of struct vocab, for the files that make one */
#ifndef PIPELM_VOCAB_PARTS_H
#define PIPELM_VOCAB_PARTS_H

#include "common/base/buf.h"
#include "common/token/merge.h"
#include "common/token/vocab.h"

enum token_kind {
	TOKEN_NONE,		/* the id is not used */
	TOKEN_ORDINARY,
	TOKEN_SPECIAL
};

struct token {
	size_t at;		/* in vocab.text */
	uint32_t len;
	uint32_t kind;
};

struct vocab {
	struct splitter *splitter;
	struct buf text;	/* of all tokens */
	struct token *tokens;
	size_t ntoken, cap;
	uint32_t *index;	/* ids + 1 of ordinary tokens, by hash */
	size_t index_size, nordinary;
	struct merge *merges;	/* in order of rank */
	size_t nmerge, merges_cap;
	struct merge_table table;
	bool whole_words;	/* a word that is a token is not merged */
	int64_t eos;		/* of tokenizer_config.json; -1 */
};

/* Reads a tokenizer.json from text; pattern as for vocab_open. */
struct vocab *vocab_parse_json(const char *text, size_t len, const char *name,
	const char *pattern);

/* The character of GPT-2's alphabet that stands for a byte. */
uint32_t vocab_byte_char(unsigned char byte);

/* XXH3-64 of all ordinary tokens in order of ids, continuing from seed. */
uint64_t vocab_tokens_hash(const struct vocab *v, uint64_t seed);

/* Ends the making for a file: dies when a byte has no token. */
void vocab_finish_file(struct vocab *v, const char *name);

#endif
