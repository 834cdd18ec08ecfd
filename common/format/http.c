/* http.c - parses a stored HTTP response: see http.h */
#include "common/format/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/format/archive.h"
#include "common/format/brotli.h"
#include "common/format/gzip.h"

/* Terminates the line at s with a NUL and returns the next line; *len is its
 * length without CR and LF. */
static char *cut_line(char *s, char *end, size_t *len)
{
	char *nl = memchr(s, '\n', (size_t)(end - s)), *next;

	next = nl ? nl + 1 : end;
	if (!nl)
		nl = end;
	if (nl > s && nl[-1] == '\r')
		nl--;
	*nl = 0;
	*len = (size_t)(nl - s);
	return next;
}

static char *trim(char *s)
{
	const char *from = s;
	size_t n = ascii_trim(&from, strlen(s), ascii_blank);

	s += from - s;
	s[n] = 0;
	return s;
}

static void take_field(struct http_response *r, char *line)
{
	char *v = strchr(line, ':');

	if (!v)
		return;
	*v++ = 0;
	line = trim(line);
	v = trim(v);
	if (!strcasecmp(line, "Content-Type"))
		r->content_type = v;
	else if (!strcasecmp(line, "Content-Encoding"))
		r->content_encoding = v;
	else if (!strcasecmp(line, "Transfer-Encoding"))
		r->transfer_encoding = v;
}

static bool begins_response(const char *s, const char *end)
{
	return end - s >= 5 && !strncasecmp(s, "HTTP", 4) &&
		(s[4] == '/' || s[4] == ' ');
}

/* Parses a status line and the header up to the blank line; returns what follows
 * it. */
static char *take_header(struct http_response *r, char *s, char *end)
{
	char *line = s;
	size_t len;

	*r = (struct http_response){ 0, "", "", "", s, 0, false };
	s = cut_line(s, end, &len);
	line += strcspn(line, " \t");
	r->status = atoi(line);
	while (s < end) {
		line = s;
		s = cut_line(s, end, &len);
		if (!len)
			break;
		take_field(r, line);
	}
	return s;
}

void http_parse(struct http_response *r, char *block, size_t n)
{
	char *s = block, *end = block + n;

	*r = (struct http_response){ 0, "", "", "", block, n, false };
	while (begins_response(s, end)) {
		s = take_header(r, s, end);
		if (r->status / 100 != 1)
			break;
	}
	r->body = s;
	r->n = (size_t)(end - s);
}

/* ---- bodies ---- */

/* The length of the line "SIZE[;...]\r\n" at s[0..n), 0 if it is not one. */
static size_t chunk_line(const char *s, size_t n, size_t *size)
{
	const char *nl;
	size_t i;

	*size = 0;
	for (i = 0; i < n && i < 8 && ascii_hex(s[i]) >= 0; i++)
		*size = *size << 4 | (size_t)ascii_hex(s[i]);
	if (i == 0 || i == n || !strchr(" \t;\r\n", s[i]))
		return 0;
	nl = memchr(s + i, '\n', n - i < 256 ? n - i : 256);
	return nl ? (size_t)(nl - s) + 1 : 0;
}

static void swap(struct buf *a, struct buf *b)
{
	struct buf t = *a;

	*a = *b;
	*b = t;
}

/* Removes the chunk framing as far as it goes; a body that does not start with a
 * chunk has been decoded before. */
static void undo_chunks(struct buf *body, struct buf *out, bool *cut)
{
	const char *s = buf_end(body), *end = s + body->n;
	size_t size, len = chunk_line(s, body->n, &size);

	if (!len)
		return;
	buf_reset(out);
	while (len) {
		s += len;
		if (!size)
			break;
		if (size > (size_t)(end - s)) {
			size = (size_t)(end - s);
			*cut = true;
		}
		buf_add(out, s, size);
		s += size;
		if (s < end && *s == '\r')
			s++;
		if (s < end && *s == '\n')
			s++;
		len = chunk_line(s, (size_t)(end - s), &size);
	}
	swap(body, out);
}

/* Whether it has control characters that do not occur in text. */
static bool looks_binary(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->n && i < 512; i++) {
		unsigned char c = (unsigned char)b->p[i];

		if (c < 32 && c != '\t' && c != '\n' && c != '\r' &&
			c != '\f' && c != 0x1b)
			return true;
	}
	return false;
}

struct coding {
	const char *name;
	enum input_end (*inflate)(struct buf *out, const void *p, size_t n,
		size_t max);
	bool text;		/* its output may look like text */
};

static const struct coding codings[] = {
	{ "gzip", gzip_inflate, false }, { "x-gzip", gzip_inflate, false },
	{ "deflate", gzip_inflate, false }, { "zstd", archive_inflate, false },
	{ "compress", archive_inflate, false },
	{ "x-compress", archive_inflate, false },
	{ "br", brotli_inflate, true }, { NULL, NULL, false }
};

/* Decodes one coding. A body that looks like text was decoded before, or never
 * encoded. */
static const char *undo_coding(const struct coding *c, struct buf *body,
	struct buf *out, size_t max, bool *cut)
{
	enum input_end end;

	if (!c->text && !looks_binary(body))
		return NULL;
	if (!c->inflate)
		return "unknown encoding";
	buf_reset(out);
	end = c->inflate(out, body->p, body->n, max);
	if (end != INPUT_WHOLE && !looks_binary(body))
		return NULL;
	if (end == INPUT_DAMAGED)
		return "damaged encoding";
	*cut |= end == INPUT_CUT && out->n < max;
	swap(body, out);
	return NULL;
}

static bool is_name(const char *s, size_t n, const char *name)
{
	return strlen(name) == n && !strncasecmp(s, name, n);
}

static const struct coding *find_coding(const char *s, size_t n)
{
	const struct coding *c = codings;

	while (c->name && !is_name(s, n, c->name))
		c++;
	return c;
}

/* Decodes a list such as "gzip, chunked", the last first. */
static const char *undo_list(const char *list, struct buf *body,
	struct buf *out, size_t max, bool *cut)
{
	size_t n = strlen(list), len;
	const char *why = NULL;

	while (n && !why) {
		for (; n && strchr(" \t,", list[n - 1]); n--)
			;
		for (len = 0; n && !strchr(" \t,", list[n - 1]); len++)
			n--;
		if (is_name(list + n, len, "chunked"))
			undo_chunks(body, out, cut);
		else if (len && !is_name(list + n, len, "identity"))
			why = undo_coding(find_coding(list + n, len), body,
				out, max, cut);
	}
	return why;
}

/* Unannounced gzip and zstd data is recognised by its first bytes. */
static const char *undo_unannounced(struct buf *body, struct buf *out,
	size_t max, bool *cut)
{
	const unsigned char *p;
	const char *why = NULL;
	int depth;

	for (depth = 0; depth < 3 && !why; depth++) {
		p = (const unsigned char *)body->p;
		if (gzip_begins(p, body->n))
			why = undo_coding(find_coding("gzip", 4), body, out,
				max, cut);
		else if (body->n > 4 && !memcmp(p, "\x28\xb5\x2f\xfd", 4))
			why = undo_coding(find_coding("zstd", 4), body, out,
				max, cut);
		else
			break;
	}
	return why;
}

const char *http_body(struct http_response *r, struct buf *out, size_t max)
{
	struct buf scratch = { 0 };
	const char *why;

	r->cut = false;
	buf_reset(out);
	buf_add(out, r->body, r->n);
	why = undo_list(r->transfer_encoding, out, &scratch, max, &r->cut);
	if (!why)
		why = undo_list(r->content_encoding, out, &scratch, max,
			&r->cut);
	if (!why)
		why = undo_unannounced(out, &scratch, max, &r->cut);
	out->n = out->n < max ? out->n : max;
	buf_end(out);
	buf_free(&scratch);
	return why;
}

bool http_type_is(const char *type, const char *want)
{
	size_t n = strlen(want);

	return !strncasecmp(type, want, n) && (!type[n] ||
		strchr("; \t,", type[n]));
}
