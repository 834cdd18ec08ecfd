/* shard_shuffle.h - shuffles the documents of shards, by a seed */
#ifndef PIPELM_SHARD_SHUFFLE_H
#define PIPELM_SHARD_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/shard.h"

/* Writes the documents of files[0..nfile), at least one, as shards of up to
 * `size` tokens whose names start with prefix. If a shard does not say which
 * token ends a document, pieces of `window` tokens are shuffled instead. Dies
 * when a shard is damaged or the tokenizers differ. */
void shard_shuffle(char **files, size_t nfile, size_t window, uint64_t seed,
	const char *prefix, uint64_t size);

#endif
