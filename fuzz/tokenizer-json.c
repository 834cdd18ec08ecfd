/* tokenizer-json.c - fuzz target: tokenizer.json, and what it accepts encodes
 * and decodes a text that holds every byte
 */
#include <stdlib.h>
#include <string.h>

#include "common/token/encode.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	struct vocab *v = vocab_parse((const char *)data, size, "fuzz", NULL);
	struct encoder *e = encoder_new(v);
	struct ids ids = { 0 };
	struct buf b = { 0 };
	char text[512];
	int i;

	for (i = 0; i < 512; i++)
		text[i] = (char)(i * 7 + i / 256);
	tok_encode(e, text, sizeof text, &ids);
	if (tok_decode(v, ids.v, ids.n, &b))
		abort();
	vocab_hash(v);
	ids_free(&ids);
	buf_free(&b);
	encoder_free(e);
	vocab_free(v);
}
