/* shard.c - fuzz target: shards as mapped files */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/format/shard.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	struct shard s;
	uint32_t *ids;

	shard_open(&s, data_file(data, size));
	ids = xmalloc((s.count + 1) * sizeof *ids);
	shard_copy(&s, 0, s.count, ids);
	shard_check(&s);
	free(ids);
	shard_close(&s);
}
