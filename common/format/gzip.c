/* gzip.c - undoing gzip: see gzip.h. zlib checks the checksum and the length
 * of each member, which libarchive's own filter leaves out.
 */
#include "common/format/gzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "common/base/mem.h"

#define CHUNK ((size_t)64 << 10)

struct gzip {
	struct input *in;
	z_stream z;
	unsigned char *buf;	/* CHUNK bytes of compressed data */
	bool inside;		/* a member has begun and not ended */
};

bool gzip_begins(const unsigned char *p, size_t n)
{
	return n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

_Noreturn static void bad(struct gzip *g, const char *what)
{
	die("%s: byte %llu: %s", input_name(g->in), (unsigned long long)
		(input_offset(g->in) - g->z.avail_in), what);
}

static bool refill(struct gzip *g)
{
	if (!g->z.avail_in) {
		g->z.next_in = g->buf;
		g->z.avail_in = (uInt)input_read_some(g->in, g->buf, CHUNK);
	}
	return g->z.avail_in > 0;
}

/* Between two members: zero bytes are padding. False at the end. */
static bool next_member(struct gzip *g)
{
	bool padded = false;

	while (refill(g) && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
		padded = true;
	}
	if (!g->z.avail_in)
		return false;
	if (padded || *g->z.next_in != 0x1f)
		bad(g, "there is something else behind the gzip data");
	inflateReset(&g->z);
	g->inside = true;
	return true;
}

static size_t read_gzip(void *ctx, void *buf, size_t n)
{
	struct gzip *g = ctx;
	uInt want = n > (1u << 30) ? 1u << 30 : (uInt)n;
	int status;

	g->z.next_out = buf;
	g->z.avail_out = want;
	while (g->z.avail_out == want) {
		if (!g->inside && !next_member(g))
			break;
		if (!refill(g))
			bad(g, "the gzip data ends early: cut off?");
		status = inflate(&g->z, Z_NO_FLUSH);
		if (status == Z_STREAM_END)
			g->inside = false;
		else if (status != Z_OK && status != Z_BUF_ERROR)
			bad(g, g->z.msg ? g->z.msg : "damaged gzip data");
	}
	return want - g->z.avail_out;
}

static void close_gzip(void *ctx)
{
	struct gzip *g = ctx;

	inflateEnd(&g->z);
	input_close(g->in);
	free(g->buf);
	free(g);
}

struct input *gzip_open(struct input *in)
{
	struct gzip *g = xcalloc(1, sizeof *g);

	g->in = in;
	g->buf = xmalloc(CHUNK);
	g->inside = true;
	if (inflateInit2(&g->z, 15 + 16) != Z_OK)
		die("out of memory");
	return input_open_with(input_name(in), read_gzip, close_gzip, g);
}
