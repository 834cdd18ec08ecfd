/* tokstream.c - fuzz target: token streams and shards as a reader takes them */
#include <stdlib.h>
#include <string.h>

#include "common/format/tokstream.h"
#include "fuzz/target.h"

static const uint8_t *data_left;
static size_t size_left;

static size_t give(void *ctx, void *buf, size_t n)
{
	if (n > size_left)
		n = size_left;
	if (n)
		memcpy(buf, data_left, n);
	data_left += n;
	size_left -= n;
	return n;
}

static void target(const uint8_t *data, size_t size)
{
	struct tokstream_reader *r;
	uint32_t ids[777];
	size_t n, i;

	data_left = data;
	size_left = size;
	r = tokstream_open_input(input_open_with("fuzz", give, NULL, NULL));
	while ((n = tokstream_read(r, ids, 777)) > 0)
		for (i = 0; i < n; i++)
			if (tokstream_info(r)->vocab &&
				ids[i] >= tokstream_info(r)->vocab)
				abort();
	if (tokstream_read(r, ids, 777))
		abort();
	tokstream_close(r);
}
