/* vocab.h - a BPE vocabulary: tokenizer(5)
 *
 * One structure for Hugging Face tokenizer.json files, vocab.json with
 * merges.txt, tiktoken rank files, GGUF files and llama2.c's, of byte-level BPE and
 * of SentencePiece's family (metaspace.h). A token is a byte string with an id; a
 * merge makes one token of two adjacent ones, lowest rank first. Added tokens
 * are matched in text before it is split. Special tokens have ids and names,
 * but text is never encoded to them: programs place them. Only a special token
 * that merging also makes, which files may have, is an ordinary token too.
 *
 * Once an encoder was made of a vocabulary, only vocab_add_special may change
 * it.
 */
#ifndef PIPELM_VOCAB_H
#define PIPELM_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/token/split.h"

struct vocab;

/* ---- construction ---- */

/* Reads a tokenizer.json, a tiktoken rank file, a vocab.json with the
 * merges.txt next to it, the tokenizer of a GGUF file, the tokenizer.bin of
 * llama2.c, also by the name of a checkpoint next to it, or whichever of these a
 * model directory has, with the tokens that its tokenizer_config.json adds.
 * pattern is a name or a regular
 * expression (split.h); NULL takes it from the file. Rank files have no
 * pattern: those with the size and content of a published one get its pattern,
 * for others NULL is an error. Anything malformed or not supported is fatal,
 * with the file's name. */
struct vocab *vocab_open(const char *name, const char *pattern);

/* Where a model's tokenizer is: in the model or, of an adapter without one, in its
 * base. The caller frees it. */
char *vocab_home(const char *model);

/* Whether a model, a directory or a file, has a tokenizer that can be opened. */
bool vocab_exists(const char *model);

/* The same as vocab_open from memory; name is for messages. */
struct vocab *vocab_parse(const char *text, size_t len, const char *name,
	const char *pattern);

/* An empty vocabulary that splits text with pattern (see split.h, also for
 * what). The caller puts tokens, then merges, then calls vocab_finish. */
struct vocab *vocab_new(const char *pattern, const char *what);

/* Adds the token bytes[0..len) with the given id. Returns false when the id is
 * taken or not below VOCAB_MAX, or the bytes are a duplicate. */
bool vocab_put(struct vocab *v, uint32_t id, const void *bytes, size_t len);

/* The same for a text that merging does not make, special or not. */
bool vocab_put_text(struct vocab *v, uint32_t id, const char *text, size_t len,
	bool special);

/* Adds the merge with the next rank. Returns false unless both parts and the
 * result are tokens. */
bool vocab_put_merge(struct vocab *v, uint32_t left, uint32_t right);

/* Adds the merges that amount to tiktoken's rule: pairs whose concatenation is a
 * token merge in the order of ids. */
void vocab_merge_by_rank(struct vocab *v);

/* Ends the construction. Returns false, with the byte in *missing, when a byte
 * has no token, so that not every text can be encoded. Only bytes that never
 * occur in valid UTF-8 may lack one: they are dropped. */
bool vocab_finish(struct vocab *v, int *missing);

/* Warns if bytes without a token were dropped, with their number. */
void vocab_free(struct vocab *v);

#define VOCAB_MAX 4194304	/* ids are below this */

/* ---- queries ---- */

/* The highest id + 1, including special tokens. */
uint32_t vocab_size(const struct vocab *v);

/* The bytes of a token, or the name of a special one; NULL for an unused id. Not
 * NUL-terminated. */
const char *vocab_bytes(const struct vocab *v, uint32_t id, size_t *len);

/* The id of the ordinary token with these bytes, or -1: not that of a byte token
 * (metaspace.h), which text reaches only for want of others. */
int64_t vocab_find(const struct vocab *v, const void *bytes, size_t len);

bool vocab_is_special(const struct vocab *v, uint32_t id);

/* The id of the special token with this name, or -1. */
int64_t vocab_special(const struct vocab *v, const char *name);

/* The token that ends a document: the first one found of <|endoftext|>,
 * <|end_of_text|>, <|eot|>, </s>, or the eos_token of tokenizer_config.json; -1
 * when there is none. */
int64_t vocab_eot(const struct vocab *v);

/* Returns the id of the special token, which is added after the last id if it
 * is missing. */
uint32_t vocab_add_special(struct vocab *v, const char *name);

/* XXH3-64 of the pattern, the ordinary tokens and merges in order of ids, and
 * added tokens and normalization if there are any. Files of the same vocabulary
 * have the same hash, whatever their format. Special tokens do not count, since
 * those for chat are added to a trained model. */
uint64_t vocab_hash(const struct vocab *v);

/* The first difference between two vocabularies, including special tokens:
 * "token 400: 'ab' and 'ba'"; NULL when there is none. The caller frees it. */
char *vocab_difference(const struct vocab *a, const struct vocab *b);

/* A hash of only the tokens with ids below n: the same after special tokens were
 * added after them. */
uint64_t vocab_hash_below(const struct vocab *v, size_t n);

/* ---- writing ---- */

/* Writes a tokenizer.json that gives equal ids in Hugging Face's tokenizers. */
void vocab_write_json(const struct vocab *v, const char *name);

/* Writes tiktoken ranks: base64 of the bytes, a space, the id. Special tokens are
 * omitted, since the format cannot express them. */
void vocab_write_tiktoken(const struct vocab *v, const char *name);

#endif
