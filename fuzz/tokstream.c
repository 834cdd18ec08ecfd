/* tokstream.c - fuzz target: token streams and shards as a reader sees them */
#include <stdlib.h>

#include "common/format/tokstream.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	struct tokstream_reader *r;
	uint32_t ids[777];
	size_t n, i;

	r = tokstream_open_input(data_input(data, size, SIZE_MAX));
	while ((n = tokstream_read(r, ids, 777)) > 0)
		for (i = 0; i < n; i++)
			if (tokstream_info(r)->vocab &&
				ids[i] >= tokstream_info(r)->vocab)
				abort();
	if (tokstream_read(r, ids, 777))
		abort();
	tokstream_close(r);
}
