/* encode.h - encodes text to ids and decodes ids
 *
 * Encoding matches added tokens, normalizes the text between them, splits it
 * into words and merges each word by byte-pair encoding; a cache keeps the ids
 * of earlier words. Most vocabularies need only splitting and merging. Results
 * equal tiktoken's encode_ordinary, and Hugging Face's encode with
 * encode_special_tokens set and without the additions of its post_processor:
 * text that spells a special token stays text. decode(encode(x)) == x for every
 * byte string x, unless the vocabulary normalizes, inserts spaces or drops
 * something (tokenizer(5)).
 */
#ifndef PIPELM_ENCODE_H
#define PIPELM_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/token/vocab.h"

/* A growing list of ids: zero-initialise it. */
struct ids {
	uint32_t *v;
	size_t n, cap;
};

void ids_add(struct ids *ids, uint32_t id);
uint32_t *ids_room(struct ids *ids, size_t n);	/* room for n more; add to n */
void ids_free(struct ids *ids);

/* An encoder belongs to one thread; v may be shared and must outlive it. */
struct encoder;
struct encoder *encoder_new(const struct vocab *v);
void encoder_free(struct encoder *e);

/* Sets the place of the texts for messages: the name of a file, and a line
 * number or 0. name must stay valid. */
void encoder_place(struct encoder *e, const char *name, uint64_t line);

/* Appends the ids of text[0..len) to out. The result does not depend on what was
 * encoded before. Worst-case time is n log n in the length of the longest
 * word. */
void tok_encode(struct encoder *e, const char *text, size_t len, struct ids *out);

/* Where a text is, for vocabularies that put a space before it. */
enum tok_place {
	TOK_START,	/* at the start of a context; tok_encode's */
	TOK_AFTER,	/* after a token that a program placed */
	TOK_INSIDE	/* after other text */
};
void tok_encode_at(struct encoder *e, enum tok_place place, const char *text,
	size_t len, struct ids *out);

/* A position at or after `at` where text may be cut so that the parts, encoded
 * separately, those after the first as TOK_INSIDE, give the ids of the whole; len
 * when there is none. */
size_t tok_safe_cut(const struct vocab *v, const char *text, size_t len,
	size_t at);

/* Appends the bytes of n ids; special tokens give their names. Ids that are not
 * in the vocabulary are skipped; returns their number. A space that encoding put
 * before a text is kept. */
size_t tok_decode(const struct vocab *v, const uint32_t *ids, size_t n,
	struct buf *out);

/* The bytes of a token after the token `before`, or -1 at the start of a context:
 * without a space that encoding put there. NULL for an unused id. */
const char *tok_bytes(const struct vocab *v, int64_t before, uint32_t id,
	size_t *len);

/* Like tok_decode, but of these bytes: the inverse of encoding, for all ids at once
 * or in parts. *before is the token before them, initially -1. Unless specials is
 * set, special tokens give nothing. */
size_t tok_decode_on(const struct vocab *v, int64_t *before,
	const uint32_t *ids, size_t n, bool specials, struct buf *out);

#endif
