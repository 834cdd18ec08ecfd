/* shard_shuffle.h - the documents of shards in an order drawn from a seed */
#ifndef PIPELM_SHARD_SHUFFLE_H
#define PIPELM_SHARD_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/shard.h"

/* Writes the documents of files[0..nfile), at least one, as shards of up to
 * `size` tokens whose names begin with prefix. Where a shard does not say which
 * token ends a document, pieces of `window` tokens stand for documents. Dies
 * when a shard is damaged or the shards are of different tokenizers. */
void shard_shuffle(char **files, size_t nfile, size_t window, uint64_t seed,
	const char *prefix, uint64_t size);

#endif
