/* http.c - a stored HTTP response: see http.h */
#include "common/format/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/format/gzip.h"

/* Ends the line that begins at s with a NUL and returns the next; *len is its
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
	char *end;

	s += strspn(s, " \t");
	for (end = s + strlen(s); end > s && (end[-1] == ' ' ||
			end[-1] == '\t'); end--)
		;
	*end = 0;
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
		r->coding = v;
	else if (!strcasecmp(line, "Transfer-Encoding"))
		r->chunked = !strcasecmp(v, "chunked");
}

void http_parse(struct http_response *r, char *block, size_t n)
{
	char *s = block, *end = block + n, *line;
	size_t len;

	*r = (struct http_response){ 0, "", "", false, block, n };
	if (n < 5 || strncasecmp(block, "HTTP", 4))
		return;
	line = s;
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
	r->body = s;
	r->n = (size_t)(end - s);
}

/* ---- bodies ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Length of the line "SIZE[;...]\r\n" at s[0..n), 0: it is none. */
static size_t chunk_line(const char *s, size_t n, size_t *size)
{
	const char *nl;
	size_t i;

	*size = 0;
	for (i = 0; i < n && i < 8 && hex(s[i]) >= 0; i++)
		*size = *size << 4 | (size_t)hex(s[i]);
	if (i == 0 || i == n || !strchr(" \t;\r\n", s[i]))
		return 0;
	nl = memchr(s + i, '\n', n - i < 256 ? n - i : 256);
	return nl ? (size_t)(nl - s) + 1 : 0;
}

/* Undoes chunks as far as they go; a body that begins with none had them
 * undone before. */
static void undo_chunks(struct http_response *r, struct buf *out)
{
	const char *s = r->body, *end = s + r->n;
	size_t size, len = chunk_line(s, r->n, &size);

	if (!len)
		return;
	buf_reset(out);
	while (len) {
		s += len;
		if (!size)
			break;
		if (size > (size_t)(end - s))
			size = (size_t)(end - s);
		buf_add(out, s, size);
		s += size;
		if (s < end && *s == '\r')
			s++;
		if (s < end && *s == '\n')
			s++;
		len = chunk_line(s, (size_t)(end - s), &size);
	}
	r->body = out->p ? out->p : "";
	r->n = out->n;
}

/* Control characters that no text has. */
static bool looks_binary(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < 512; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 32 && c != '\t' && c != '\n' && c != '\r' &&
			c != '\f' && c != 0x1b)
			return true;
	}
	return false;
}

static bool names(const char *coding, const char *what)
{
	return strcasecmp(coding, what) == 0;
}

static const char *undo_coding(struct http_response *r, struct buf *out,
	size_t max)
{
	bool zlib = names(r->coding, "gzip") || names(r->coding, "x-gzip") ||
		names(r->coding, "deflate");

	if (!*r->coding || names(r->coding, "identity") ||
		(!zlib && !looks_binary(r->body, r->n)))
		goto plain;
	if (!zlib)
		return names(r->coding, "br") ? "brotli" : "unknown encoding";
	if (!looks_binary(r->body, r->n))
		goto plain;
	if (!gzip_inflate(out, r->body, r->n, max) && !out->n)
		return "damaged encoding";
	return NULL;
plain:
	buf_add(out, r->body, r->n < max ? r->n : max);
	return NULL;
}

const char *http_body(struct http_response *r, struct buf *out, size_t max)
{
	struct buf joined = { 0 };
	const char *why;

	if (r->chunked)
		undo_chunks(r, &joined);
	why = undo_coding(r, out, max);
	buf_free(&joined);
	return why;
}
