/* tokenizer-bin.c - fuzz target: tokenizers of llama2.c; with an accepted one the
 * file itself, as text, must survive a round trip but for U+2581
 */
#include <stdlib.h>
#include <string.h>

#include "common/token/encode.h"
#include "common/token/vocab_parts.h"
#include "fuzz/target.h"

static void target(const uint8_t *data, size_t size)
{
	const char *want = (const char *)data;
	struct buf back = { 0 }, spaced = { 0 };
	struct ids ids = { 0 };
	int64_t before = -1;
	struct encoder *e;
	struct vocab *v;

	if (!vocab_llama2c_is(want, size))
		return;
	v = vocab_parse(want, size, "fuzz", NULL);
	e = encoder_new(v);
	tok_encode(e, want, size, &ids);
	metaspace_text(&want, &size, false, &spaced);
	if (tok_decode_on(v, &before, ids.v, ids.n, true, &back) ||
		back.n != size || memcmp(back.p, want, size))
		abort();
	ids_free(&ids);
	buf_free(&back);
	buf_free(&spaced);
	encoder_free(e);
	vocab_free(v);
}
