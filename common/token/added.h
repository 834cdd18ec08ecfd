/* added.h - added tokens, which are looked for in text before it is split
 *
 * As Hugging Face's tokenizers do: of all tokens that a text holds the
 * leftmost is taken, of those that begin there the longest. Special ones are
 * found, so that nothing that overlaps them is, but their text stays text.
 */
#ifndef PIPELM_ADDED_H
#define PIPELM_ADDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row of added_tokens in a tokenizer.json. */
struct added_token {
	char *content;
	size_t len;
	uint32_t id;
	bool special;
	bool single_word;	/* not inside of a longer word */
	bool lstrip, rstrip;	/* takes the white space before, behind */
	bool normalized;	/* looked for in the text in its normal form */
	bool in_vocab;		/* model.vocab has it too */
};

/* Zero-initialise it. A set without tokens, or with special ones only, finds
 * nothing. */
struct added_set {
	struct added_node *nodes;	/* a trie; 0 is the root */
	size_t n, cap;
	uint32_t root[256];		/* its children by their byte */
	const struct added_token **tokens;
	size_t ntoken, tokens_cap;
	bool useful;			/* one of them is not special */
};

/* Adds a token, which must outlive the set and have len > 0, to be looked for
 * by text[0..len): its content, or that in normal form. */
void added_add(struct added_set *s, const struct added_token *t,
	const char *text, size_t len);
void added_free(struct added_set *s);

/* A walk over one text: at = end = 0 at first. */
struct added_match {
	size_t at, end;			/* with the white space it takes */
	const struct added_token *token;
	size_t scanned;
};

/* The next token that is not special; false when there is none. */
bool added_next(const struct added_set *s, const char *text, size_t len,
	struct added_match *m);

#endif
