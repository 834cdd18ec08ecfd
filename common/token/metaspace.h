/* metaspace.h - text as vocabularies of SentencePiece's family see it
 *
 * Such a vocabulary does not split text into words: it merges the characters of
 * a whole text, in which a space is a character that files spell as U+2581, and
 * puts a space before the text. Characters without a token become one token per
 * byte, a kind of its own (TOKEN_BYTE) that files spell "<0x0A>" and that text
 * reaches in no other way. Where no merge joins two characters the text can be
 * cut without any effect on its ids; so there are words after all, short enough
 * for a cache.
 *
 * Private to common/token.
 */
#ifndef PIPELM_METASPACE_H
#define PIPELM_METASPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/format/jsonscan.h"
#include "common/token/merge.h"

struct vocab;

/* Where a space is inserted. */
enum metaspace_prefix {
	METASPACE_NEVER,
	METASPACE_ALWAYS,	/* before each text, and after each token that
				 * is matched in text or placed by a program */
	METASPACE_MISSING,	/* in these places, unless there is one */
	METASPACE_FIRST		/* at the start of a text, unless there is one */
};

/* metaspace_new, then set split and late, then metaspace_prepare. */
struct metaspace {
	enum metaspace_prefix prefix;
	bool split;		/* every space begins a word */
	bool late;		/* spaces are inserted after added tokens were
				 * matched in normalized text, not before */
	uint32_t byte_id[256];	/* of byte tokens, or METASPACE_NONE */
	uint32_t char_id[128];	/* of ASCII characters, or METASPACE_NONE */
	uint64_t joins[1024];	/* a bit for each two bytes at which some merge
				 * joins characters */
	struct map lone;	/* characters without a token that merges join
				 * nevertheless, to numbers from 1 on */
	struct buf lone_text;	/* the same, 4 bytes each; while merging, their
				 * ids are VOCAB_MAX and following */
};

/* Longer tokens cannot be merged by score: looking for their parts takes the
 * square of the length. */
#define METASPACE_LONGEST 1024

#define METASPACE_NONE UINT32_MAX
#define METASPACE_CHAR "\xe2\x96\x81"	/* U+2581 */

struct metaspace *metaspace_new(enum metaspace_prefix prefix);
void metaspace_free(struct metaspace *m);

/* Reads normalizer and pre_tokenizer of a tokenizer.json with byte_fallback, root;
 * sets *nfc if text is to be normalized to NFC. Dies with the file's name and the
 * construct if they are not those of the family. */
struct metaspace *metaspace_parse(const struct json *root, const char *file,
	bool *nfc);

/* Appends the same two fields, and the value of decoder, for a file that we
 * write. */
void metaspace_write(struct buf *b, const struct metaspace *m, bool nfc);
void metaspace_write_decoder(struct buf *b, const struct metaspace *m);

/* After all merges were added. Returns false, with the byte in *missing, when a
 * byte has no token. */
bool metaspace_prepare(struct vocab *v, int *missing);

/* Adds the merges of SentencePiece's rule: adjacent tokens whose concatenation is
 * a token merge, the one with the highest score first. score has a number for
 * each id. Returns the id of a token that is too long, or -1. */
int64_t metaspace_merge_by_score(struct vocab *v, const float *score);

/* The reverse: sets score[0..n), n not below the number of tokens, so that this
 * rule merges alike, and returns the number of tokens for which it does not. */
size_t metaspace_scores(const struct vocab *v, float *score, size_t n);

/* The id while merging of a character that has no token, or -1. */
int64_t metaspace_lone(const struct metaspace *m, const char *s, size_t n);

/* ---- spelling in files ---- */

/* Appends the bytes of a token spelled s[0..n) to b; false when it contains a
 * space, which no text does. */
bool metaspace_unspell(struct buf *b, const char *s, size_t n);
void metaspace_spell(struct buf *b, const char *bytes, size_t n);

/* The byte that "<0x0A>" stands for, or -1. */
int metaspace_byte(const char *s, size_t n);

/* ---- encoding ---- */

/* Replaces *text and *len by the text with U+2581 as spaces and, if `space`, one
 * in front, in b if it differs. */
void metaspace_text(const char **text, size_t *len, bool space,
	struct buf *b);

/* The end of the word that starts at text[at], at < len. */
size_t metaspace_word(const struct metaspace *m, const char *text, size_t len,
	size_t at);

/* Encodes a word into ids[], which has room for len ids, and returns their
 * number. */
size_t metaspace_encode(const struct vocab *v, struct merge_scratch *s,
	const char *word, size_t len, uint32_t *ids);

#endif
