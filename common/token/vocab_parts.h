/* vocab_parts.h - inside of struct vocab, for the files that make one */
#ifndef PIPELM_VOCAB_PARTS_H
#define PIPELM_VOCAB_PARTS_H

#include "common/base/buf.h"
#include "common/token/added.h"
#include "common/token/merge.h"
#include "common/token/pretokenizer.h"
#include "common/token/vocab.h"

enum token_kind {
	TOKEN_NONE,		/* the id is not used */
	TOKEN_ORDINARY,
	TOKEN_ADDED,		/* text that no merging makes */
	TOKEN_SPECIAL
};

struct token {
	size_t at;		/* in vocab.text */
	uint32_t len;
	uint32_t kind;
};

struct vocab {
	struct splitter *splitter;
	struct pretokenizer *steps;	/* in its place, or NULL, and */
	char *steps_json;		/* as the file has it */
	bool nfc;			/* text is normalized first */
	struct added_token **added;	/* those of files */
	size_t nadded, added_cap;
	struct added_set plain, normalized;	/* the same, to be found */
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
	bool lacks[256];	/* bytes without a token */
	bool lacking;		/* there are some: they become unk, or, where */
	int64_t unk;		/* that is -1, nothing */
	bool fuse_unk;		/* one unk for all in a row */
	char *name;		/* of the file, for messages; or NULL */
	uint64_t *dropped;	/* bytes left out by all encoders */
};

/* Adds a token of a file's list, copied; its id must be in use. */
void vocab_put_added(struct vocab *v, const struct added_token *t);

/* Makes the list, when it is whole, ready to be looked for in text. */
void vocab_index_added(struct vocab *v);

/* Puts a token of the list, which has no bytes of its own so far, among the
 * ordinary ones, so that merges may make it. */
bool vocab_make_ordinary(struct vocab *v, uint32_t id, const void *bytes,
	size_t len);

/* Notes which bytes have no token. */
void vocab_note_lacks(struct vocab *v);

/* Dies where text, which is no vocabulary, is recognised as something else. */
void vocab_check_kind(const char *text, size_t len, const char *name);

/* Reads a tokenizer.json from text; pattern as for vocab_open. */
struct vocab *vocab_parse_json(const char *text, size_t len, const char *name,
	const char *pattern);

/* vocab_open of a directory, and of a file. */
struct vocab *vocab_open_dir(const char *name, const char *pattern);
struct vocab *vocab_open_file(const char *name, const char *pattern);

/* Reads a vocab.json, NULL where name is none of that name, with the
 * merges.txt beside it and what the files around say of added tokens. */
struct vocab *vocab_open_pair(const char *name, const char *pattern);

/* The character of GPT-2's alphabet that stands for a byte. */
uint32_t vocab_byte_char(unsigned char byte);

/* XXH3-64 of all ordinary tokens in order of ids, continuing from seed. */
uint64_t vocab_tokens_hash(const struct vocab *v, uint64_t seed);

/* Adds bytes in GPT-2's alphabet. */
void vocab_add_mapped(struct buf *b, const char *bytes, size_t n);

#endif
