/* prompt_cache.h - the KV cache of a text in a file, for other prompts that begin
 * with it
 *
 * A file belongs to a model and to what determines the numbers: their type
 * (--kv), the instruction set and the version of the program. It is written once,
 * under its name only when it is complete, and never changed. Format,
 * little-endian: 16 bytes of magic; 64-bit numbers: hash of the model, hash of the
 * numbers' kind, layers, key-value heads, head size, tokens; the 32-bit ids, zeros
 * up to a multiple of 64 bytes, and for each layer and head the keys, then the
 * values, as kv.c in common/kernel lays them out, of the tokens in whole blocks; the
 * hash of these, XXH3-64, with that of all before as its seed.
 */
#ifndef PIPELM_PROMPT_CACHE_H
#define PIPELM_PROMPT_CACHE_H

#include "common/sample/generator.h"

struct prompt_cache;

/* Reads a file, if there is one, for the model of g. One that is damaged, or made
 * with another model or otherwise, is fatal, with the reason. */
struct prompt_cache *prompt_cache_open(const char *file,
	const struct generator *g);
void prompt_cache_close(struct prompt_cache *c);

/* Lets p start from the cache. Fatal if the prompt begins with another text. */
void prompt_cache_use(struct prompt_cache *c, struct prompt *p);

/* Writes the file, unless there was one: for the engine's callback computed. */
void prompt_cache_keep(struct prompt_cache *c, const struct prompt *p,
	const struct kv_segment *run);

#endif
