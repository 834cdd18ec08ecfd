/* warc.c - fuzz target: web archives and the HTTP responses in them
 *
 * The input is read in small pieces, so that lines and blocks cross their
 * boundaries, and inflated if it is gzip data, past damage too. Checked: record
 * offsets increase; a block has no more bytes than its record states, and no
 * fewer unless the input ends; every body respects the limit.
 */
#include <stdlib.h>
#include <string.h>

#include "common/format/gzip.h"
#include "common/format/http.h"
#include "common/format/warc.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

#define MOST 5000	/* bytes kept of a block or body */

static void try_response(struct buf *block)
{
	struct http_response http;
	struct buf body = { 0 };

	http_parse(&http, block->p, block->n);
	if (http.n > block->n || strlen(http.content_type) > block->n)
		abort();
	if (!http_body(&http, &body, MOST) && body.n > MOST)
		abort();
	buf_free(&body);
}

static void ignore(const char *message)
{
}

static void target(const uint8_t *data, size_t size)
{
	struct input *in = data_input(data, size, 61);
	struct warc_record r;
	struct buf block = { 0 };
	struct warc *w;
	uint64_t last = 0;
	bool whole, gzip = gzip_begins(data, size);

	input_on_damage = ignore;
	in = gzip ? gzip_open(in) : in;
	w = warc_open(in);
	while (warc_next(w, &r)) {
		if (r.at < last || (!gzip && r.at > size))
			abort();
		last = r.at;
		if (r.bad)
			continue;
		buf_reset(&block);
		whole = warc_block(w, &block, MOST) == INPUT_WHOLE;
		if (block.n > r.length || block.n > MOST)
			abort();
		if (whole && r.length <= MOST && block.n != r.length)
			abort();
		buf_putc(&block, '\0');
		block.n--;
		try_response(&block);
	}
	buf_free(&block);
	warc_close(w);
	input_close(in);
}
