/* vocab_parts.h - the contents of struct vocab, for the files that make one */
#ifndef PIPELM_VOCAB_PARTS_H
#define PIPELM_VOCAB_PARTS_H

#include "common/base/buf.h"
#include "common/token/added.h"
#include "common/token/merge.h"
#include "common/token/metaspace.h"
#include "common/token/pretokenizer.h"
#include "common/token/vocab.h"

enum token_kind {
	TOKEN_NONE,		/* unused id */
	TOKEN_ORDINARY,
	TOKEN_ADDED,		/* text that merging does not make */
	TOKEN_BYTE,		/* of a character without a token: metaspace.h */
	TOKEN_SPECIAL
};

struct token {
	size_t at;		/* in vocab.text */
	uint32_t len;
	uint32_t kind;
};

/* number: an id + 1, 0 where it is free; mark: of the token's hash, see vocab.c. */
struct indexed {
	uint32_t number, mark;
};

struct vocab {
	struct splitter *splitter;
	struct pretokenizer *steps;	/* instead of the splitter, or NULL, */
	char *steps_json;		/* and as spelled in the file */
	struct metaspace *spaces;	/* instead of both, or NULL for byte-level
					 * BPE */
	bool nfc;			/* normalize text first */
	struct added_token **added;	/* from files */
	size_t nadded, added_cap;
	struct added_set plain, normalized;	/* the same, for matching */
	struct buf text;	/* of all tokens */
	struct token *tokens;
	size_t ntoken, cap;
	struct indexed *index;	/* hash table of ordinary tokens */
	size_t index_size, nordinary;
	struct merge *merges;	/* in order of rank */
	size_t nmerge, merges_cap;
	struct merge_table table;
	bool whole_words;	/* a word that is a token is not merged */
	int64_t eos;		/* from tokenizer_config.json; -1 */
	int64_t first;		/* placed before a text by other programs, by
				 * the post-processor of the file; -1. Kept
				 * for files that we write. */
	bool lacks[256];	/* bytes without a token */
	bool lacking;		/* there are some: they become unk or, when */
	int64_t unk;		/* that is -1, nothing */
	bool fuse_unk;		/* a run of them becomes a single unk */
	char *name;		/* of the file, for messages; or NULL */
	uint64_t *dropped;	/* number of bytes dropped by all encoders */
};

/* Adds a copy of a token of a file's list; its id must be in use. */
void vocab_put_added(struct vocab *v, const struct added_token *t);

/* Adds the token of a byte, for vocabularies with spaces; false as for
 * vocab_put. */
bool vocab_put_byte(struct vocab *v, uint32_t id, unsigned char byte);

/* Adds a merge with a rank of its own. */
void vocab_add_merge(struct vocab *v, struct merge m);

/* Prepares the complete list for matching in text. */
void vocab_index_added(struct vocab *v);

/* Makes a token of the list, which has had no bytes of its own, an ordinary one
 * too, so that merges can make it. */
bool vocab_make_ordinary(struct vocab *v, uint32_t id, const void *bytes,
	size_t len);

/* Records which bytes have no token. */
void vocab_note_lacks(struct vocab *v);

/* Dies if text, which is not a vocabulary, is recognised as something else. */
void vocab_check_kind(const char *text, size_t len, const char *name);

/* Reads a tokenizer.json from text; pattern as for vocab_open. */
struct vocab *vocab_parse_json(const char *text, size_t len, const char *name,
	const char *pattern);

/* vocab_open for a directory, and for a file. */
struct vocab *vocab_open_dir(const char *name, const char *pattern);
struct vocab *vocab_open_file(const char *name, const char *pattern);

/* Whether text is a tokenizer.bin of llama2.c; reads one. */
bool vocab_llama2c_is(const char *text, size_t len);
struct vocab *vocab_parse_llama2c(const char *text, size_t len,
	const char *name);

/* The name of the tokenizer.bin beside a model that may be a checkpoint of
 * llama2.c, if it exists; else NULL. The caller frees it. */
char *vocab_llama2c_beside(const char *model);

/* Reads vocab.json with the merges.txt next to it and the added tokens in the
 * files around it. Returns NULL when name is not of that form. */
struct vocab *vocab_open_pair(const char *name, const char *pattern);

/* The character of GPT-2's alphabet that represents a byte. */
uint32_t vocab_byte_char(unsigned char byte);

/* XXH3-64 of all ordinary tokens in order of ids, continuing from seed. */
uint64_t vocab_tokens_hash(const struct vocab *v, uint64_t seed);

/* Appends bytes in GPT-2's alphabet. */
void vocab_add_mapped(struct buf *b, const char *bytes, size_t n);

/* Appends a token as files spell it: in GPT-2's alphabet, with U+2581 for spaces,
 * as "<0x0A>", or its text. */
void vocab_spell(const struct vocab *v, struct buf *b, uint32_t id);

#endif
