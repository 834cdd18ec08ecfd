/* encode.h - text to ids and back
 *
 * Finds added tokens, normalizes what is between, splits it into words, then
 * merges each by byte-pair encoding; a cache keeps the ids of words seen. Most
 * vocabularies need only the last two. Equal to tiktoken's encode_ordinary and
 * to Hugging Face's encode with encode_special_tokens set and without what its
 * post_processor adds: text that spells a special token stays text.
 * decode(encode(x)) == x for every byte string x, unless the vocabulary
 * normalizes, puts spaces in or drops something (tokenizer(5)).
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
uint32_t *ids_room(struct ids *ids, size_t n);	/* place for n more; add to n */
void ids_free(struct ids *ids);

/* An encoder belongs to one thread; v may be shared and must outlive it. */
struct encoder;
struct encoder *encoder_new(const struct vocab *v);
void encoder_free(struct encoder *e);

/* What messages call the texts that come: the name of a file, and a line of
 * it or 0. name must live as long. */
void encoder_place(struct encoder *e, const char *name, uint64_t line);

/* Appends the ids of text[0..len) to out. The result does not depend on what
 * was encoded before. Time is n log n at worst in the longest word. */
void tok_encode(struct encoder *e, const char *text, size_t len, struct ids *out);

/* A place at or after at where text may be cut so that the parts, encoded
 * apart, have the ids of the whole; len when there is none. */
size_t tok_safe_cut(const struct vocab *v, const char *text, size_t len,
	size_t at);

/* Appends the bytes of n ids; special tokens give their names. An id without
 * token is skipped; returns how many were. */
size_t tok_decode(const struct vocab *v, const uint32_t *ids, size_t n,
	struct buf *out);

/* As tok_decode, but special tokens give nothing. */
size_t tok_decode_text(const struct vocab *v, const uint32_t *ids, size_t n,
	struct buf *out);

#endif
