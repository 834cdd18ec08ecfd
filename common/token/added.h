/* added.h - added tokens, which are matched in text before it is split
 *
 * As in Hugging Face's tokenizers, the leftmost token in a text matches, and of
 * those at the same position the longest. Special tokens do match, so that
 * nothing overlaps them, but their text is encoded as ordinary text.
 */
#ifndef PIPELM_ADDED_H
#define PIPELM_ADDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An entry of added_tokens in a tokenizer.json. */
struct added_token {
	char *content;
	size_t len;
	uint32_t id;
	bool special;
	bool single_word;	/* not inside a longer word */
	bool lstrip, rstrip;	/* takes the white space before, after it */
	bool normalized;	/* matched in normalized text */
	bool in_vocab;		/* also in model.vocab */
};

/* Zero-initialise it. A set without tokens, or with only special ones, matches
 * nothing. */
struct added_set {
	struct added_node *nodes;	/* a trie; 0 is the root */
	size_t n, cap;
	uint32_t root[256];		/* children of the root, by byte */
	const struct added_token **tokens;
	size_t ntoken, tokens_cap;
	bool useful;			/* has a token that is not special */
};

/* Adds a token, which must outlive the set and have len > 0, to be matched as
 * text[0..len): its content, or the normalized content. */
void added_add(struct added_set *s, const struct added_token *t,
	const char *text, size_t len);
void added_free(struct added_set *s);

/* The state of matching in one text; initially at = end = 0. */
struct added_match {
	size_t at, end;			/* includes the white space taken */
	const struct added_token *token;
	size_t scanned;
};

/* The next token that is not special; false when there is none. */
bool added_next(const struct added_set *s, const char *text, size_t len,
	struct added_match *m);

#endif
