/* vocab_build.h - makes a vocabulary of the tokens and merges of a file
 *
 * Private to common/token: what a tokenizer.json and a GGUF file have in common.
 * Tokens are spelled in GPT-2's byte alphabet ("Ġthe") or, in a vocabulary with
 * spaces, with U+2581 for those (metaspace.h). First come the added
 * tokens, then all tokens, then the merges. A contradiction is fatal; the message
 * names the file and the token.
 */
#ifndef PIPELM_VOCAB_BUILD_H
#define PIPELM_VOCAB_BUILD_H

#include "common/base/map.h"
#include "common/token/vocab_parts.h"

/* Set name and v; the rest starts as 0. */
struct vocab_build {
	const char *name;	/* of the file */
	struct vocab *v;
	struct map added;	/* content to index + 1 in v->added */
	struct buf bytes;
};

/* Frees what only building needed. */
void vocab_build_end(struct vocab_build *b);

/* Adds a copy of t, an added token. Of those with the same content only the
 * first counts, as for Hugging Face. */
void vocab_build_added(struct vocab_build *b, const struct added_token *t);

/* The added token with this content, or NULL. */
struct added_token *vocab_build_find_added(const struct vocab_build *b,
	const char *s, size_t n);

/* Adds a token, spelled s[0..n), which may be an added one. */
void vocab_build_token(struct vocab_build *b, const char *s, size_t n,
	uint32_t id);

/* The token spelled s[0..n), as part of a merge; negative if there is none. */
int64_t vocab_build_find(struct vocab_build *b, const char *s, size_t n);

/* Adds the merge with the next rank, of two tokens or spelled "a b". Returns
 * false unless both parts and the result are tokens. */
bool vocab_build_merge(struct vocab_build *b, int64_t left, int64_t right);
bool vocab_build_pair(struct vocab_build *b, const char *s, size_t n);

/* For a vocabulary with spaces, instead of vocab_finish: after the merges; and
 * after the tokens, when their scores, a number for each id, imply the merges. */
void vocab_build_spaces(const struct vocab_build *b);
void vocab_build_scores(const struct vocab_build *b, const float *score);

/* Dies: what, and the beginning of s[0..n). */
_Noreturn void vocab_build_bad(const struct vocab_build *b, const char *what,
	const char *s, size_t n);

#endif
