/* tokstream_read.c - reads token streams and shards alike: see tokstream.h
 */
#include "common/format/tokstream.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/bytes.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/format/shard.h"
#include "common/format/tokbytes.h"
#include "common/format/whatis.h"

#define HEADER_LINE ((size_t)1 << 16)	/* maximum bytes of a header line */
#define HEADER_LINES 10000
#define BLOCK ((size_t)16 << 10)	/* tokens unpacked at a time */

struct tokstream_reader {
	char *const *names;	/* not yet read */
	struct input *in;
	struct tok_info info;	/* of the first header */
	char *first;		/* name of the first file */
	struct tok_info now;	/* of the stream being read; by is unused */
	struct buf by;
	bool begun;		/* info is set */
	bool ended;		/* everything was read */
	bool in_shard;
	uint64_t left;		/* tokens left of the chunk or shard */
	uint64_t stream_count, count;
	uint32_t crc, shard_crc;
	bool check_crc;
	unsigned char *block;
};

static _Noreturn void ends_early(const struct tokstream_reader *r)
{
	die("%s: the token stream ends early", input_name(r->in));
}

static void need(struct tokstream_reader *r, void *p, size_t n)
{
	if (input_read(r->in, p, n) != n)
		ends_early(r);
}

/* ---- headers ---- */

static _Noreturn void bad_value(const struct tokstream_reader *r,
	const char *key)
{
	die("%s: the token stream's header has an invalid '%s'", input_name(r->in),
		key);
}

/* Parses value as a number from min to max. */
static int64_t number(const struct tokstream_reader *r, const char *key,
	const char *value, int64_t min, int64_t max)
{
	char *end;
	long long x = strtoll(value, &end, 10);

	if (end == value || *end || x < min || x > max)
		bad_value(r, key);
	return x;
}

/* The chain's memory may move. */
static void add_to_chain(struct tokstream_reader *r, const char *lines)
{
	tok_chain_add(&r->by, lines);
	r->info.by = r->by.p;
}

static void header_line(struct tokstream_reader *r, const char *line)
{
	char key[16] = "";
	size_t n = strcspn(line, " ");
	const char *value = line + n + (line[n] == ' ');
	char *end;

	if (n < sizeof key)
		memcpy(key, line, n);
	if (!strcmp(key, "version"))
		number(r, key, value, 1, 1);
	else if (!strcmp(key, "width"))
		r->now.width = (int)number(r, key, value, 2, 4);
	else if (!strcmp(key, "vocab"))
		r->now.vocab = (uint32_t)number(r, key, value, 0, UINT32_MAX);
	else if (!strcmp(key, "eot"))
		r->now.eot = number(r, key, value, -1, UINT32_MAX);
	else if (!strcmp(key, "by"))
		add_to_chain(r, value);
	else if (!strcmp(key, "tokenizer")) {
		r->now.tokenizer = strtoull(value, &end, 16);
		if (*end || end == value)
			bad_value(r, key);
	}
}

static void stream_header(struct tokstream_reader *r)
{
	char magic[8], *line;
	size_t n;
	int lines = 0;

	need(r, magic, 8);
	for (;;) {
		char *copy;

		if (!input_line(r->in, &line, &n, HEADER_LINE) ||
			!input_ended_in_newline(r->in))
			ends_early(r);
		if (!n)
			break;
		if (++lines > HEADER_LINES || memchr(line, 0, n))
			die("%s: not the header of a token stream",
				input_name(r->in));
		copy = xstrndup(line, n);
		header_line(r, copy);
		free(copy);
	}
	if (r->now.width != 2 && r->now.width != 4)
		bad_value(r, "width");
	r->in_shard = false;
	r->left = 0;
}

static void shard_header(struct tokstream_reader *r)
{
	unsigned char head[SHARD_HEADER];
	struct shard s = { 0 };
	const char *why;
	char *by;

	need(r, head, sizeof head);
	why = shard_parse_header(&s, head);
	if (why)
		die("%s: %s", input_name(r->in), why);
	r->now = s.info;
	by = shard_chain(input_name(r->in));
	if (by)
		add_to_chain(r, by);
	free(by);
	r->in_shard = true;
	r->left = s.count;
	r->shard_crc = s.crc;
	r->check_crc = s.ours;
}

bool tokstream_is(const void *head, size_t n)
{
	return n && !memcmp(head, "\x89TOK\r\n\x1a\n", n < 8 ? n : 8);
}

static _Noreturn void die_neither(struct tokstream_reader *r)
{
	const void *p;
	size_t n = input_peek(r->in, &p, WHATIS_HEAD);

	die("%s: neither a token stream nor a shard%s", input_name(r->in),
		whatis_note_bytes(p, n));
}

/* Reads the header at the current position, which has at least one byte. */
static void read_header(struct tokstream_reader *r)
{
	const void *p;
	size_t n = input_peek(r->in, &p, 8);

	r->now = (struct tok_info){ .eot = -1 };
	r->crc = 0;
	r->stream_count = 0;
	if (n >= 4 && shard_is(p, n))
		shard_header(r);
	else if (tokstream_is(p, n))
		stream_header(r);
	else
		die_neither(r);
	if (r->begun) {
		tok_info_match(&r->info, r->first, &r->now,
			input_name(r->in));
		return;
	}
	r->begun = true;
	r->info = r->now;
	r->info.by = r->by.p;
	r->first = xstrdup(input_name(r->in));
}

/* ---- tokens ---- */

static void stream_trailer(struct tokstream_reader *r)
{
	unsigned char t[16];
	uint64_t total;

	need(r, t, sizeof t);
	total = get_le64(t);
	if (memcmp(t + 12, "END\n", 4) || total != r->stream_count)
		die("%s: the token stream is damaged: its trailer does not "
			"fit", input_name(r->in));
	if (get_le32(t + 8) != r->crc)
		die("%s: the token stream is damaged: wrong CRC",
			input_name(r->in));
}

static void need_content(struct tokstream_reader *r)
{
	const void *p;

	if (!input_peek(r->in, &p, 1))
		die("%s: is empty, not a token stream", input_name(r->in));
}

/* Opens the next file; false when there is none. */
static bool next_file(struct tokstream_reader *r)
{
	if (!*r->names)
		return false;
	input_close(r->in);
	r->in = input_open(*r->names++);
	need_content(r);
	return true;
}

/* Reads what follows the end of a stream or shard: another header, in this file
 * or the next; false at the end of all. */
static bool next_stream(struct tokstream_reader *r)
{
	const void *p;

	r->ended = !input_peek(r->in, &p, 1) && !next_file(r);
	if (!r->ended)
		read_header(r);
	return !r->ended;
}

/* Makes left > 0 by reading on; false at the end of all. */
static bool next_chunk(struct tokstream_reader *r)
{
	unsigned char head[4];

	while (!r->left) {
		if (r->ended)
			return false;
		if (!r->in_shard) {
			need(r, head, sizeof head);
			r->left = get_le32(head);
			if (r->left)
				return true;
			stream_trailer(r);
		} else if (r->check_crc && r->crc != r->shard_crc) {
			die("%s: the shard is damaged: wrong CRC",
				input_name(r->in));
		}
		if (!next_stream(r))
			return false;
	}
	return true;
}

static void check_ids(const struct tokstream_reader *r, const uint32_t *ids,
	size_t n)
{
	uint32_t top = 0;
	size_t i;

	for (i = 0; i < n; i++)
		top = ids[i] > top ? ids[i] : top;
	if (r->now.vocab && n && top >= r->now.vocab)
		die("%s: token %" PRIu32 ", but the vocabulary has %" PRIu32,
			input_name(r->in), top, r->now.vocab);
}

size_t tokstream_read(struct tokstream_reader *r, uint32_t *ids, size_t n)
{
	size_t done = 0;

	/* The trailer is read together with the last tokens, so that a caller
	 * that stops at its count has seen the stream end correctly. */
	while (next_chunk(r) && done < n) {
		size_t some = n - done, bytes;

		if (some > r->left)
			some = (size_t)r->left;
		if (some > BLOCK)
			some = BLOCK;
		bytes = some * (size_t)r->now.width;
		need(r, r->block, bytes);
		r->crc = crc32_add(r->crc, r->block, bytes);
		tok_unpack(ids + done, r->block, some, r->now.width);
		check_ids(r, ids + done, some);
		r->left -= some;
		r->stream_count += some;
		done += some;
	}
	r->count += done;
	return done;
}

static struct tokstream_reader *new_reader(char *const *names)
{
	struct tokstream_reader *r = xcalloc(1, sizeof *r);

	r->names = names;
	r->block = xmalloc(4 * BLOCK);
	return r;
}

struct tokstream_reader *tokstream_open(char **names)
{
	struct tokstream_reader *r = new_reader(input_names(names));

	next_file(r);
	read_header(r);
	return r;
}

struct tokstream_reader *tokstream_open_input(struct input *in)
{
	static char *const none[] = { NULL };
	struct tokstream_reader *r = new_reader(none);

	r->in = in;
	need_content(r);
	read_header(r);
	return r;
}

const struct tok_info *tokstream_info(const struct tokstream_reader *r)
{
	return &r->info;
}

const char *tokstream_name(const struct tokstream_reader *r)
{
	return input_name(r->in);
}

uint64_t tokstream_count(const struct tokstream_reader *r)
{
	return r->count;
}

void tokstream_close(struct tokstream_reader *r)
{
	if (!r)
		return;
	input_close(r->in);
	buf_free(&r->by);
	free(r->first);
	free(r->block);
	free(r);
}
