/* gzip.c - decompresses gzip: see gzip.h. zlib verifies the checksum and length
 * of each member, which libarchive's own filter does not.
 */
#include "common/format/gzip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/base/mem.h"

#define CHUNK ((size_t)64 << 10)
#define KEEP ((size_t)8 << 20)	/* bytes of a member searched after damage */
#define TRIAL ((size_t)64 << 10)	/* a new member must inflate to this */
#define TRIAL_INPUT ((size_t)4096)	/* from at most this many bytes */

struct gzip {
	struct input *in;
	struct input *out;	/* the input that returns inflated data */
	z_stream z;		/* next_in points into buf */
	unsigned char *buf;	/* compressed data, buf[0..n) */
	size_t n, cap;
	size_t member;		/* start of the current member in buf */
	uint64_t given;		/* bytes inflated before this read */
	uint64_t sound;		/* given at the start of the member */
	bool inside;		/* within a member */
	bool ended;		/* damaged: there is no more */
};

bool gzip_begins(const unsigned char *p, size_t n)
{
	return n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8;
}

/* ---- the buffer ---- */

/* The start of the bytes still needed. What follows damage may be hidden in data
 * that was already inflated, so a member is kept from its start. */
static size_t first_needed(const struct gzip *g)
{
	size_t at = g->n - g->z.avail_in;

	if (!input_on_damage)
		return at;
	return at - g->member > KEEP ? at - KEEP : g->member;
}

/* Moves the needed bytes to the front and reads more after them. */
static bool read_more(struct gzip *g)
{
	size_t from = first_needed(g), got;

	if (from > g->cap / 2 || from == g->n) {
		memmove(g->buf, g->buf + from, g->n - from);
		g->n -= from;
		g->member = g->member > from ? g->member - from : 0;
	}
	if (g->cap - g->n < CHUNK) {
		g->cap *= 2;
		g->buf = xrealloc(g->buf, g->cap, 1);
	}
	got = input_read_some(g->in, g->buf + g->n, CHUNK);
	g->n += got;
	g->z.avail_in += (uInt)got;
	g->z.next_in = g->buf + g->n - g->z.avail_in;
	return got > 0;
}

static bool refill(struct gzip *g)
{
	return g->z.avail_in || read_more(g);
}

static void move_to(struct gzip *g, size_t at)
{
	g->z.next_in = g->buf + at;
	g->z.avail_in = (uInt)(g->n - at);
}

/* ---- damage ---- */

/* Whether buf[at..n) starts a member and inflates, as far as it goes. */
static bool member_at(const struct gzip *g, size_t at)
{
	unsigned char scratch[4096];
	z_stream z = { 0 };
	size_t total = 0;
	int status = Z_OK;

	if (!gzip_begins(g->buf + at, g->n - at) ||
		(g->n - at > 3 && g->buf[at + 3] & 0xe0) ||
		inflateInit2(&z, 15 + 16) != Z_OK)
		return false;
	z.next_in = g->buf + at;
	z.avail_in = (uInt)(g->n - at);
	while (status == Z_OK && z.avail_in && total < TRIAL) {
		z.next_out = scratch;
		z.avail_out = sizeof scratch;
		status = inflate(&z, Z_NO_FLUSH);
		total += sizeof scratch;
	}
	inflateEnd(&z);
	return status == Z_OK || status == Z_STREAM_END ||
		status == Z_BUF_ERROR;
}

/* Finds the next member after the start of the damaged one. Since inflating can
 * run past the end of a damaged member, the search starts where that member
 * started, as far as it is kept. */
static bool resume(void *ctx)
{
	struct gzip *g = ctx;
	size_t at = first_needed(g) + 1;

	at = at < g->n ? at : g->n;
	for (;;) {
		for (; at + TRIAL_INPUT <= g->n; at++)
			if (g->buf[at] == 0x1f && member_at(g, at))
				break;
		if (at + TRIAL_INPUT <= g->n)
			break;
		g->member = at;
		move_to(g, at);
		if (read_more(g)) {
			at = g->member;
			continue;
		}
		for (at = g->member; at < g->n && !member_at(g, at); at++)
			;
		if (at >= g->n)
			return false;
		break;
	}
	g->member = at;
	g->sound = g->given;
	move_to(g, at);
	inflateReset(&g->z);
	g->inside = true;
	g->ended = false;
	return true;
}

/* Ends the program, or the data. */
static void bad(struct gzip *g, enum input_end how, const char *what)
{
	unsigned long long at = input_offset(g->in) - g->z.avail_in;
	struct buf message = { 0 };

	if (!input_on_damage)
		die("%s: byte %llu: %s", input_name(g->in), at, what);
	buf_printf(&message, "%s: byte %llu: %s", input_name(g->in), at, what);
	input_on_damage(message.p);
	buf_free(&message);
	g->ended = true;
	input_break(g->out, how, g->sound, resume);
}

/* ---- members ---- */

/* Skips the zero padding between two members. False at the end. */
static bool next_member(struct gzip *g)
{
	while (refill(g) && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
	}
	if (!g->z.avail_in)
		return false;
	g->member = g->n - g->z.avail_in;
	g->sound = g->given;
	if (*g->z.next_in != 0x1f) {
		bad(g, INPUT_CUT, g->given ?
			"there is other data after the gzip data" :
			"not gzip data: is its beginning missing?");
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
			bad(g, INPUT_CUT, "the gzip data ends early: cut off?");
			break;
		}
		status = inflate(&g->z, Z_NO_FLUSH);
		if (status == Z_STREAM_END)
			g->inside = false;
		else if (status != Z_OK && status != Z_BUF_ERROR)
			bad(g, INPUT_DAMAGED, g->z.msg ? g->z.msg :
				"damaged gzip data");
	}
	g->given += want - g->z.avail_out;
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
	const void *p;

	g->in = in;
	g->cap = 4 * CHUNK;
	g->buf = xmalloc(g->cap);
	g->inside = input_peek(in, &p, 3) == 3 && gzip_begins(p, 3);
	if (inflateInit2(&g->z, 15 + 16) != Z_OK)
		die("out of memory");
	g->out = input_open_with(input_name(in), read_gzip, close_gzip, g);
	return g->out;
}

/* ---- in memory ---- */

/* The format, in the notation of inflateInit2, by the first bytes. */
static int window_bits(const unsigned char *p, size_t n)
{
	if (gzip_begins(p, n))
		return 15 + 16;
	if (n >= 2 && (p[0] & 15) == 8 && (p[0] << 8 | p[1]) % 31 == 0)
		return 15;
	return -15;
}

/* Inflates to the end of the stream, of the input, or of max. */
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

enum input_end gzip_inflate(struct buf *out, const void *p, size_t n,
	size_t max)
{
	z_stream z = { 0 };
	int bits = window_bits(p, n), status;

	if (n > 1u << 30 || inflateInit2(&z, bits) != Z_OK)
		return INPUT_DAMAGED;
	max += out->n;
	z.next_in = (unsigned char *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	do {
		status = inflate_all(&z, out, max);
	} while (bits == 31 && status == Z_STREAM_END &&
		gzip_begins(z.next_in, z.avail_in) && inflateReset(&z) == Z_OK);
	inflateEnd(&z);
	buf_end(out);
	if (status == Z_STREAM_END)
		return INPUT_WHOLE;
	return status == Z_OK || status == Z_BUF_ERROR ? INPUT_CUT :
		INPUT_DAMAGED;
}
