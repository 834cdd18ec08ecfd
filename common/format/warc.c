/* warc.c - reads records of web archives: see warc.h */
#include "common/format/warc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define MAX_LINE ((size_t)64 << 10)	/* of a header; input_peek's limit */
#define MAX_HEADER ((size_t)1 << 20)

struct warc {
	struct input *in;
	uint64_t left;		/* bytes of the block not yet read */
	bool arc;
	int arc_fields;		/* of a header line: 5, or 10 in version 2 */
	bool first;
	bool held;		/* line has not been used yet */
	uint64_t line_at;	/* offset of line in the input */
	struct buf header;	/* strings of the record, each with a NUL */
	struct buf line;
};

static const struct {
	const char *name;
	enum warc_type type;
} types[] = {
	{ "warcinfo", WARC_INFO }, { "response", WARC_RESPONSE },
	{ "resource", WARC_RESOURCE }, { "request", WARC_REQUEST },
	{ "metadata", WARC_METADATA }, { "revisit", WARC_REVISIT },
	{ "conversion", WARC_CONVERSION }
};

static bool begins_arc(const unsigned char *p, size_t n)
{
	return n >= 11 && !memcmp(p, "filedesc://", 11);
}

static bool begins_warc(const unsigned char *p, size_t n)
{
	return n >= 6 && !memcmp(p, "WARC/", 5) && p[5] >= '0' && p[5] <= '9';
}

/* The number of bytes of p[0..n) that may precede a record. */
static size_t padding(const unsigned char *p, size_t n)
{
	size_t i = n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;

	while (i < n && (!p[i] || p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r')))
		i++;
	return i;
}

bool warc_begins(const unsigned char *p, size_t n)
{
	size_t i = padding(p, n);

	return begins_warc(p + i, n - i) || begins_arc(p + i, n - i);
}

bool warc_follows(const void *p, size_t n)
{
	static const char between[] = "\r\n\r\nWARC/1.";
	const char *s = p, *end = s + n;
	size_t len = strlen(between);

	for (; s + len < end && (s = memchr(s, '\r', (size_t)(end - s)));
			s++) {
		const char *field;

		if ((size_t)(end - s) < len || memcmp(s, between, len))
			continue;
		field = memchr(s + len, '\n', (size_t)(end - s) - len);
		if (field && end - field > 5 && !memcmp(field + 1, "WARC-", 5))
			return true;
	}
	return false;
}

struct warc *warc_open(struct input *in)
{
	struct warc *w = xcalloc(1, sizeof *w);
	const void *p;
	size_t n = input_peek(in, &p, 4096), i = padding(p, n);

	w->in = in;
	w->arc = begins_arc((const unsigned char *)p + i, n - i);
	w->arc_fields = 5;
	w->first = true;
	return w;
}

void warc_close(struct warc *w)
{
	if (!w)
		return;
	buf_free(&w->header);
	buf_free(&w->line);
	free(w);
}

/* ---- lines ---- */

/* Returns how many of the n bytes were missing in the input. */
static uint64_t skip(struct warc *w, uint64_t n)
{
	char scratch[16384];
	size_t got;

	while (n > 0 && (got = input_read_some(w->in, scratch,
			n < sizeof scratch ? (size_t)n : sizeof scratch)) > 0)
		n -= got;
	return n;
}

/* The next line without its end, at most MAX_LINE bytes of it; the rest of a
 * longer line is returned as the next line. False at the end of the input. */
static bool take_line(struct warc *w)
{
	const void *p;
	const char *s, *nl;
	size_t n = input_peek(w->in, &p, 512), len;

	nl = n ? memchr(p, '\n', n) : NULL;
	if (!nl) {
		n = input_peek(w->in, &p, MAX_LINE);
		nl = n ? memchr(p, '\n', n) : NULL;
	}
	if (!n)
		return false;
	w->line_at = input_offset(w->in);
	s = p;
	len = nl ? (size_t)(nl - s) : n;
	buf_reset(&w->line);
	buf_add(&w->line, s, len);
	while (w->line.n && w->line.p[w->line.n - 1] == '\r')
		w->line.n--;
	buf_end(&w->line);
	skip(w, nl ? len + 1 : len);
	return true;
}

static bool line_begins_record(const struct warc *w)
{
	const unsigned char *p = (const unsigned char *)w->line.p;
	const char *s = w->line.p;
	int fields = 0;

	if (!w->arc)
		return begins_warc(p, w->line.n);
	for (; *s; s++)
		fields += *s == ' ';
	return fields >= w->arc_fields - 1 && s[-1] >= '0' && s[-1] <= '9' &&
		strchr(w->line.p, ':') && strchr(w->line.p, ':') <
		strchr(w->line.p, ' ');
}

/* ---- headers ---- */

/* Keeps s as a string of the record; returns its offset, since memory may move. */
static size_t keep(struct warc *w, const char *s, size_t n)
{
	size_t at = w->header.n;

	buf_add(&w->header, s, n);
	buf_add(&w->header, "", 1);
	return at;
}

/* Parses decimal digits only. */
static bool parse_length(const char *s, uint64_t *v)
{
	*v = 0;
	if (!*s)
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		if (*v > UINT64_MAX / 100)
			return false;
		*v = 10 * *v + (uint64_t)(*s - '0');
	}
	return ascii_only(s, strlen(s), ascii_blank);
}

struct places {
	size_t uri, date, id, content_type, payload_type;
};

/* The fields that a record must have. */
struct needed {
	bool type, length;
};

/* "Name: value" of a WARC header. False: its length is not a number. */
static bool take_field(struct warc *w, struct warc_record *r,
	struct places *at, struct needed *has)
{
	char *s = w->line.p, *v = strchr(s, ':'), *end = s + w->line.n;
	size_t i;

	if (!v)
		return true;
	*v++ = 0;
	while (*v == ' ' || *v == '\t')
		v++;
	while (end > v && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = 0;
	if (!strcasecmp(s, "WARC-Type")) {
		has->type = true;
		for (i = 0; i < sizeof types / sizeof *types; i++)
			if (!strcasecmp(v, types[i].name))
				r->type = types[i].type;
	} else if (!strcasecmp(s, "WARC-Target-URI")) {
		if (*v == '<' && end > v + 1 && end[-1] == '>') {
			v++;
			end--;
		}
		at->uri = keep(w, v, (size_t)(end - v));
	} else if (!strcasecmp(s, "WARC-Date")) {
		at->date = keep(w, v, (size_t)(end - v));
	} else if (!strcasecmp(s, "WARC-Record-ID")) {
		at->id = keep(w, v, (size_t)(end - v));
	} else if (!strcasecmp(s, "Content-Type")) {
		at->content_type = keep(w, v, (size_t)(end - v));
	} else if (!strcasecmp(s, "WARC-Identified-Payload-Type")) {
		at->payload_type = keep(w, v, (size_t)(end - v));
	} else if (!strcasecmp(s, "Content-Length")) {
		has->length = true;
		return parse_length(v, &r->length);
	}
	return true;
}

/* Reads the fields of a WARC record up to the blank line. */
static const char *read_fields(struct warc *w, struct warc_record *r,
	struct places *at)
{
	struct needed has = { 0 };

	while (take_line(w)) {
		if (ascii_only(w->line.p, w->line.n, ascii_blank)) {
			if (!has.length)
				return "it has no Content-Length";
			w->left = r->length;
			return has.type ? NULL : "it has no WARC-Type";
		}
		if (!take_field(w, r, at, &has))
			return "its Content-Length is not a number";
		if (w->header.n > MAX_HEADER)
			return "its header is longer than 1 MiB";
	}
	return "the input ends inside its header";
}

/* 20080430204825 as 2008-04-30T20:48:25Z; anything else unchanged. */
static size_t keep_arc_date(struct warc *w, const char *s, size_t n)
{
	size_t at = w->header.n;

	if (n != 14 || strspn(s, "0123456789") < 14)
		return keep(w, s, n);
	buf_printf(&w->header, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", s, s + 4,
		s + 6, s + 8, s + 10, s + 12);
	buf_add(&w->header, "", 1);
	return at;
}

/* URL IP-address date content-type length, or in version 2 ten fields with
 * content-type as the fourth. The URL may contain spaces. */
static const char *read_arc_line(struct warc *w, struct warc_record *r,
	struct places *at)
{
	char *s = w->line.p, *field[10];
	size_t len[10], end = w->line.n, i;

	for (i = (size_t)w->arc_fields - 1; i > 0; i--) {
		size_t begin = end;

		while (begin > 0 && s[begin - 1] != ' ')
			begin--;
		if (begin < 2)
			return "its line has too few fields";
		field[i] = s + begin;
		len[i] = end - begin;
		end = begin - 1;
	}
	at->uri = keep(w, s, end);
	at->date = keep_arc_date(w, field[2], len[2]);
	at->content_type = keep(w, field[3], len[3]);
	r->type = !strncmp(s, "filedesc://", 11) ? WARC_INFO : WARC_RESPONSE;
	return parse_length(field[w->arc_fields - 1], &r->length) ? NULL :
		"its length is not a number";
}

/* The block of the first record of an ARC file gives its version. */
static void find_arc_version(struct warc *w)
{
	const void *p;

	if (input_peek(w->in, &p, 2) == 2 && *(const char *)p == '2')
		w->arc_fields = 10;
}

static void set_stray(const struct warc *w, struct warc_record *r)
{
	if (r->bad)
		return;
	r->at = w->line_at;
	r->bad = "bytes that belong to no record";
}

/* Removes from the line what may precede a record. If other bytes come first, as
 * at the end of a block longer than its Content-Length, "WARC/1.0" at the end of
 * the line still starts a record. */
static void trim_line(struct warc *w, struct warc_record *r)
{
	unsigned char *p = (unsigned char *)w->line.p;
	size_t n = w->line.n, from = padding(p, n);

	if (!w->arc && n > from + 8 && begins_warc(p + n - 8, 8)) {
		set_stray(w, r);
		from = n - 8;
	}
	memmove(p, p + from, n - from + 1);
	w->line.n -= from;
	w->line_at += from;
}

/* The next line; when the input stops at damage, the next one after it. */
static bool next_line(struct warc *w)
{
	while (!take_line(w))
		if (!input_resume(w->in))
			return false;
	return true;
}

/* Finds the line that starts the next record. If something else comes first,
 * r->bad says so and the line is held for the next call. */
static bool find_record(struct warc *w, struct warc_record *r)
{
	while (w->held || next_line(w)) {
		bool begins;

		if (!w->held)
			trim_line(w, r);
		begins = line_begins_record(w);
		w->held = begins && r->bad;
		if (begins) {
			if (!r->bad)
				r->at = w->line_at;
			return true;
		}
		if (w->line.n)
			set_stray(w, r);
	}
	return r->bad != NULL;
}

static void set_strings(struct warc *w, struct warc_record *r,
	const struct places *at)
{
	r->uri = w->header.p + at->uri;
	r->date = w->header.p + at->date;
	r->id = w->header.p + at->id;
	r->content_type = w->header.p + at->content_type;
	r->payload_type = w->header.p + at->payload_type;
}

bool warc_next(struct warc *w, struct warc_record *r)
{
	struct places at = { 0 };
	const char *bad;

	w->left = skip(w, w->left);
	buf_reset(&w->header);
	keep(w, "", 0);
	*r = (struct warc_record){ .type = WARC_OTHER };
	set_strings(w, r, &at);
	if (w->left) {
		w->left = 0;
		r->at = input_offset(w->in);
		r->bad = "the input ends inside a block that is skipped";
		return true;
	}
	if (!find_record(w, r))
		return false;
	if (r->bad)
		return true;
	bad = w->arc ? read_arc_line(w, r, &at) : read_fields(w, r, &at);
	set_strings(w, r, &at);
	r->bad = bad;
	if (w->arc && !bad)
		w->left = r->length;
	if (w->arc && w->first)
		find_arc_version(w);
	w->first = false;
	return true;
}

/* Whether p[0..n) contains the start of a record. */
static bool has_record(const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n;

	while (p < end && (p = memchr(p, 'W', (size_t)(end - p))) != NULL &&
		!begins_warc(p, (size_t)(end - p)))
		p++;
	return p && p < end;
}

/* Whether the block just read is in damaged data. Damage in a separately compressed
 * record is noticed at the latest when data after it is requested, since that
 * verifies the checksum; the garbage that damaged data inflates to may be there
 * too. If another record follows, the block is accepted. */
static bool is_damaged(struct warc *w)
{
	uint64_t end = input_offset(w->in);
	const void *p;
	size_t n = input_peek(w->in, &p, 64);

	if (n == 64 && warc_begins(p, n))
		return false;
	if (n == 64)
		n = input_peek(w->in, &p, MAX_LINE);
	return n < MAX_LINE && input_ended(w->in) == INPUT_DAMAGED &&
		input_sound(w->in) < end && !has_record(p, n);
}

enum input_end warc_block(struct warc *w, struct buf *b, size_t max)
{
	size_t want = w->left < max ? (size_t)w->left : max, got, all = 0;

	while (all < want) {
		size_t part = want - all < 1 << 20 ? want - all : 1 << 20;

		got = input_read(w->in, buf_room(b, part), part);
		b->n += got;
		all += got;
		if (got < part)
			break;
	}
	buf_end(b);
	w->left -= all;
	if (all == want)
		return is_damaged(w) ? INPUT_DAMAGED : INPUT_WHOLE;
	w->left = 0;
	/* If another record follows, damage destroyed the end. */
	return input_ended(w->in) == INPUT_DAMAGED || input_resume(w->in) ?
		INPUT_DAMAGED : INPUT_CUT;
}
