/* vocab.h - a byte-level BPE vocabulary: tokenizer(5)
 *
 * One structure for Hugging Face tokenizer.json files, vocab.json with
 * merges.txt, and tiktoken rank files. A token is a byte string with an id; a
 * merge makes one token of two neighbours, the lowest rank first. Added tokens
 * are looked for in text before it is split. Special tokens have ids and
 * names, but no text is ever encoded to them: programs place them. Only one
 * that merging makes too, as files may have it, is an ordinary token.
 *
 * A vocabulary is not changed any more once an encoder was made of it, except
 * by vocab_add_special.
 */
#ifndef PIPELM_VOCAB_H
#define PIPELM_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/token/split.h"

struct vocab;

/* ---- making one ---- */

/* Reads a tokenizer.json, a tiktoken rank file, a vocab.json with the
 * merges.txt beside it, or what of these a model directory has, with the
 * tokens that its tokenizer_config.json adds. pattern: NULL to take it from
 * the file (rank files name none; one of a known size and content gets its
 * own, else it is an error), else a name or a regular expression: see split.h.
 * Anything malformed or not supported is fatal with the file's name. */
struct vocab *vocab_open(const char *name, const char *pattern);

/* The same from memory; name is for messages. */
struct vocab *vocab_parse(const char *text, size_t len, const char *name,
	const char *pattern);

/* An empty one that splits text with pattern (see split.h; what is for its
 * message). The caller puts tokens, then merges, then calls vocab_finish. */
struct vocab *vocab_new(const char *pattern, const char *what);

/* Adds the token bytes[0..len) under the id, which must be free. Returns
 * false when the id is taken or over VOCAB_MAX, or the bytes are there. */
bool vocab_put(struct vocab *v, uint32_t id, const void *bytes, size_t len);

/* The same for a text that merging does not make; a special token or not. */
bool vocab_put_text(struct vocab *v, uint32_t id, const char *text, size_t len,
	bool special);

/* Adds the merge of next lower priority; both parts and their join must be
 * tokens, otherwise false. */
bool vocab_put_merge(struct vocab *v, uint32_t left, uint32_t right);

/* From now on pairs whose join is a token merge in the order of ids, as
 * tiktoken does: puts the merges that this amounts to. */
void vocab_merge_by_rank(struct vocab *v);

/* Ends the making. False, with the byte in *missing, when a byte has no token,
 * so that it could not encode every text. Only bytes that valid UTF-8 never
 * holds may lack one: they are left out. */
bool vocab_finish(struct vocab *v, int *missing);

/* Says how many bytes had no token and were left out, if there were any. */
void vocab_free(struct vocab *v);

#define VOCAB_MAX 4194304	/* ids are below it */

/* ---- asking ---- */

/* Highest id + 1, special tokens included. */
uint32_t vocab_size(const struct vocab *v);

/* Bytes of a token, or the name of a special one; NULL for an id that is not
 * used. Not followed by a NUL. */
const char *vocab_bytes(const struct vocab *v, uint32_t id, size_t *len);

/* Id of an ordinary token with these bytes, or -1. */
int64_t vocab_find(const struct vocab *v, const void *bytes, size_t len);

bool vocab_is_special(const struct vocab *v, uint32_t id);

/* Id of the special token of this name, or -1. */
int64_t vocab_special(const struct vocab *v, const char *name);

/* The token that ends a document: the first there is of <|endoftext|>,
 * <|end_of_text|>, <|eot|>, </s>, or the eos_token of tokenizer_config.json;
 * -1 when none is there. */
int64_t vocab_eot(const struct vocab *v);

/* Adds a special token behind the last id, unless it is there; returns its
 * id. */
uint32_t vocab_add_special(struct vocab *v, const char *name);

/* XXH3-64 of pattern, ordinary tokens and merges in order of ids, and of added
 * tokens and normalization where there are some: two files of one vocabulary
 * have the same hash, whatever format they are in. Special tokens do not
 * count, since the chat ones are added to a trained model. */
uint64_t vocab_hash(const struct vocab *v);

/* What differs between two vocabularies, special tokens included:
 * "token 400: 'ab' and 'ba'"; NULL when nothing does. The caller frees it. */
char *vocab_difference(const struct vocab *a, const struct vocab *b);

/* A hash of the tokens with ids below n, and of nothing else: the same when
 * special tokens are added behind them. */
uint64_t vocab_hash_below(const struct vocab *v, size_t n);

/* ---- writing ---- */

/* tokenizer.json as Hugging Face's tokenizers reads it, with equal ids. */
void vocab_write_json(const struct vocab *v, const char *name);

/* tiktoken ranks: base64 of the bytes, a space, the id; specials are left
 * out, since the format has no place for them. */
void vocab_write_tiktoken(const struct vocab *v, const char *name);

#endif
