/* gzip.c - fuzz target: compressed data and archives; input read in pieces
 * inflates to the same bytes as input read at once
 */
#include <stdlib.h>
#include <string.h>

#include "common/format/archive.h"
#include "common/format/gzip.h"
#include "fuzz/data.h"
#include "fuzz/target.h"

#define MOST ((size_t)1 << 20)	/* bytes read per member */

static void read_all(struct input *in)
{
	char buf[4096];
	size_t n, all = 0;

	while (all < MOST && (n = input_read_some(in, buf, sizeof buf)) > 0) {
		if (n > sizeof buf)
			abort();
		all += n;
	}
}

static void target(const uint8_t *data, size_t size)
{
	struct archive_member m;
	struct archive_walk *w;
	struct buf whole = { 0 };
	struct input *in;

	gzip_inflate(&whole, data, size, MOST);
	if (whole.n > MOST)
		abort();
	buf_free(&whole);
	if (gzip_begins(data, size)) {
		in = gzip_open(data_input(data, size, 7));
		read_all(in);
		input_close(in);
	}
	w = archive_walk_open(data_file(data, size));
	while (archive_walk_next(w, &m))
		read_all(m.in);
	archive_walk_close(w);
}
