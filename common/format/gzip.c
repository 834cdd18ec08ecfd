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
	bool ended;		/* damaged: there is no more */
};

bool gzip_begins(const unsigned char *p, size_t n)
{
	return n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

void (*gzip_on_damage)(const char *message);

/* Ends the program, or the data. */
static void bad(struct gzip *g, const char *what)
{
	unsigned long long at = input_offset(g->in) - g->z.avail_in;
	struct buf message = { 0 };

	if (!gzip_on_damage)
		die("%s: byte %llu: %s", input_name(g->in), at, what);
	buf_printf(&message, "%s: byte %llu: %s", input_name(g->in), at, what);
	gzip_on_damage(message.p);
	buf_free(&message);
	g->ended = true;
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
	if (padded || *g->z.next_in != 0x1f) {
		bad(g, "there is something else behind the gzip data");
		return false;
	}
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
	while (g->z.avail_out == want && !g->ended) {
		if (!g->inside && !next_member(g))
			break;
		if (!refill(g)) {
			bad(g, "the gzip data ends early: cut off?");
			break;
		}
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

/* ---- in memory ---- */

/* What inflateInit2 calls a format: by the first bytes. */
static int window_bits(const unsigned char *p, size_t n)
{
	if (gzip_begins(p, n))
		return 15 + 16;
	if (n >= 2 && (p[0] & 15) == 8 && (p[0] << 8 | p[1]) % 31 == 0)
		return 15;
	return -15;
}

/* Inflates until the end of the stream, of the input or of max. */
static int inflate_all(z_stream *z, struct buf *out, size_t max)
{
	int status = Z_OK;

	while (status == Z_OK && out->n < max) {
		size_t room = max - out->n < CHUNK ? max - out->n : CHUNK;

		z->next_out = (unsigned char *)buf_room(out, room);
		z->avail_out = (uInt)room;
		status = inflate(z, Z_NO_FLUSH);
		out->n += room - z->avail_out;
	}
	return status;
}

bool gzip_inflate(struct buf *out, const void *p, size_t n, size_t max)
{
	z_stream z = { 0 };
	int bits = window_bits(p, n), status;

	if (n > 1u << 30 || inflateInit2(&z, bits) != Z_OK)
		return false;
	max += out->n;
	z.next_in = (unsigned char *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	do {
		status = inflate_all(&z, out, max);
	} while (bits == 31 && status == Z_STREAM_END &&
		gzip_begins(z.next_in, z.avail_in) && inflateReset(&z) == Z_OK);
	inflateEnd(&z);
	buf_end(out);
	return status == Z_STREAM_END;
}
