/* shard.c - fuzz target: shards as files that are mapped */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/format/shard.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	static char name[64];
	struct shard s;
	uint32_t *ids;
	FILE *f;

	if (!name[0])
		snprintf(name, sizeof name, "/tmp/fuzz-shard.%ld",
			(long)getpid());
	f = fopen(name, "wb");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		abort();
	shard_open(&s, name);
	ids = xmalloc((s.count + 1) * sizeof *ids);
	shard_copy(&s, 0, s.count, ids);
	shard_check(&s);
	free(ids);
	shard_close(&s);
}
