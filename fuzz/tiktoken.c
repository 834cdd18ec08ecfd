/* tiktoken.c - fuzz target: rank files; all single bytes are prepended so that
 * many inputs are complete, and then every text must survive a round trip
 */
#include <stdlib.h>
#include <string.h>

#include "common/token/encode.h"
#include "fuzz/target.h"

static void add_bytes(struct buf *b)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789+/";
	int i;

	for (i = 0; i < 256; i++)
		buf_printf(b, "%c%c== %d\n", digits[i >> 2],
			digits[(i & 3) << 4], i);
}

static void target(const uint8_t *data, size_t size)
{
	struct buf file = { 0 }, back = { 0 };
	struct ids ids = { 0 };
	struct encoder *e;
	struct vocab *v;

	add_bytes(&file);
	buf_add(&file, data, size);
	v = vocab_parse(file.p, file.n, "fuzz", "cl100k");
	e = encoder_new(v);
	tok_encode(e, (const char *)data, size, &ids);
	if (tok_decode(v, ids.v, ids.n, &back) || back.n != size ||
		(size && memcmp(back.p, data, size)))
		abort();
	ids_free(&ids);
	buf_free(&back);
	buf_free(&file);
	encoder_free(e);
	vocab_free(v);
}
