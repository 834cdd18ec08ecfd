/* brotli.c - decompresses brotli: see brotli.h */
#include "common/format/brotli.h"

#ifdef HAVE_BROTLI

#include <brotli/decode.h>

#define CHUNK ((size_t)64 << 10)

enum input_end brotli_inflate(struct buf *out, const void *p, size_t n,
	size_t max)
{
	BrotliDecoderState *d = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	BrotliDecoderResult status;
	const uint8_t *in = p;
	uint8_t *to;
	size_t room, part;

	if (!d)
		die("out of memory");
	do {
		part = room = max < CHUNK ? max : CHUNK;
		to = (uint8_t *)buf_room(out, room);
		status = BrotliDecoderDecompressStream(d, &n, &in, &room, &to,
			NULL);
		out->n += part - room;
		max -= part - room;
	} while (status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT && max);
	BrotliDecoderDestroyInstance(d);
	buf_end(out);
	if (status == BROTLI_DECODER_RESULT_ERROR)
		return INPUT_DAMAGED;
	/* Data after the end: it only looked like brotli. */
	if (status == BROTLI_DECODER_RESULT_SUCCESS)
		return n ? INPUT_DAMAGED : INPUT_WHOLE;
	return INPUT_CUT;
}

#else

enum input_end brotli_inflate(struct buf *out, const void *p, size_t n,
	size_t max)
{
	return INPUT_DAMAGED;
}

#endif
