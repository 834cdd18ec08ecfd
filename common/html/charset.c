/* charset.c - detects the encoding of a page: see charset.h */
#include "common/html/charset.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/utf16.h"
#include "common/base/utf8.h"
#include "common/html/charset_encodings.h"
#include "common/html/charset_guess.h"

/* The standard examines this many bytes before it starts parsing; a meta
 * element further on makes it start again. */
#define PRESCAN 1024

/* ---- what the page declares ---- */

/* The encoding of a label, or NULL. The first invalid label whose meaning is
 * clear is left in *hint. */
static const struct encoding *label(const char *s, size_t n,
	const struct encoding **hint)
{
	const struct encoding *e = charset_label(s, n);

	if (!e && !*hint)
		*hint = charset_near_label(s, n);
	return e;
}

/* The value of charset= in s, an HTTP header or the content of a meta element.
 * NULL if it is missing or unknown. */
static const struct encoding *charset_of(const char *s, size_t n,
	const struct encoding **hint)
{
	const char *end = s + n, *e;

	for (;; s++) {
		if (end - s < 7)
			return NULL;
		if (strncasecmp(s, "charset", 7) != 0)
			continue;
		for (s += 7; s < end && ascii_html_space(*s); s++)
			;
		if (s < end && *s == '=')
			break;
		s--;
	}
	for (s++; s < end && ascii_html_space(*s); s++)
		;
	if (s < end && (*s == '"' || *s == '\'')) {
		e = memchr(s + 1, *s, (size_t)(end - s - 1));
		return e ? label(s + 1, (size_t)(e - s - 1), hint) : NULL;
	}
	for (e = s; e < end && !ascii_html_space(*e) && *e != ';'; e++)
		;
	return label(s, (size_t)(e - s), hint);
}

/* The start of a page, and how far it has been read. */
struct scan {
	const char *p, *end;
	const struct encoding **hint;
};

struct piece {
	const char *s;
	size_t n;
};

static bool is(struct piece piece, const char *word)
{
	return piece.n == strlen(word) &&
		strncasecmp(piece.s, word, piece.n) == 0;
}

/* The standard's "get an attribute"; false when the tag has no more of them. */
static bool get_attribute(struct scan *scan, struct piece *name,
	struct piece *value)
{
	const char *p = scan->p, *end = scan->end;
	char quote;

	while (p < end && (ascii_html_space(*p) || *p == '/'))
		p++;
	scan->p = name->s = p;
	*value = (struct piece){ p, 0 };
	if (p == end || *p == '>')
		return false;
	for (p++; p < end && !memchr("=/> \t\n\f\r", *p, 8); p++)
		;
	name->n = (size_t)(p - name->s);
	while (p < end && ascii_html_space(*p))
		p++;
	scan->p = p;
	if (p == end || *p != '=')
		return true;
	for (p++; p < end && ascii_html_space(*p); p++)
		;
	value->s = p;
	if (p < end && (*p == '"' || *p == '\'')) {
		quote = *p++;
		value->s = p;
		while (p < end && *p != quote)
			p++;
		value->n = (size_t)(p - value->s);
		scan->p = p < end ? p + 1 : p;
		return p < end;
	}
	while (p < end && !ascii_html_space(*p) && *p != '>')
		p++;
	value->n = (size_t)(p - value->s);
	scan->p = p;
	return p < end;
}

/* A page that can be read this far is not UTF-16, and nobody means
 * x-user-defined. */
static const struct encoding *sensible(const struct encoding *e)
{
	if (e && (e->kind == UTF16LE || e->kind == UTF16BE))
		return charset_label("utf-8", 5);
	if (e && e->kind == USER)
		return charset_label("windows-1252", 12);
	return e;
}

/* The encoding that a meta element declares; its attributes start at scan->p.
 * The first of several attributes with the same name counts. */
static const struct encoding *meta(struct scan *scan)
{
	bool pragma = false, seen_pragma = false, seen_content = false;
	bool has_charset = false, from_content = false;
	const struct encoding *e = NULL;
	struct piece name, value;

	while (get_attribute(scan, &name, &value)) {
		if (is(name, "http-equiv") && !seen_pragma) {
			seen_pragma = true;
			pragma = is(value, "content-type");
		} else if (is(name, "content") && !seen_content) {
			seen_content = true;
			if (!e && !has_charset) {
				e = charset_of(value.s, value.n, scan->hint);
				from_content = e;
			}
		} else if (is(name, "charset") && !has_charset) {
			has_charset = true;
			from_content = false;
			e = label(value.s, value.n, scan->hint);
		}
	}
	if (scan->p == scan->end || (from_content && !pragma))
		return NULL;
	return sensible(e);
}

static bool at(const struct scan *scan, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(scan->end - scan->p) >= n &&
		strncasecmp(scan->p, word, n) == 0;
}

/* Skips a comment, another tag, or anything else that starts with '<'. */
static void skip_markup(struct scan *scan)
{
	const char *p = scan->p, *end = scan->end;
	struct piece name, value;

	if (at(scan, "<!--")) {
		for (p += 2; p + 3 <= end && memcmp(p, "-->", 3) != 0; p++)
			;
		scan->p = p + 3 <= end ? p + 3 : end;
		return;
	}
	p++;
	if (p < end && (ascii_letter(*p) || (*p == '/' && p + 1 < end &&
			ascii_letter(p[1])))) {
		while (p < end && !ascii_html_space(*p) && *p != '>')
			p++;
		scan->p = p;
		while (get_attribute(scan, &name, &value))
			;
	} else if (p < end && (*p == '!' || *p == '/' || *p == '?')) {
		p = memchr(p, '>', (size_t)(end - p));
		scan->p = p ? p : end;
	}
	if (scan->p < end)
		scan->p++;
}

/* The encoding of an XML declaration, `<?xml ... encoding="..."`. */
static const struct encoding *xml_declaration(const char *s, size_t n,
	const struct encoding **hint)
{
	const char *gt, *p, *e;

	if (n < 5 || memcmp(s, "<?xml", 5) != 0 || !(gt = memchr(s, '>', n)))
		return NULL;
	for (p = s; gt - p >= 8 && memcmp(p, "encoding", 8) != 0; p++)
		;
	if (gt - p < 8)
		return NULL;
	for (p += 8; p < gt && ascii_html_space(*p); p++)
		;
	if (p == gt || *p++ != '=')
		return NULL;
	while (p < gt && ascii_html_space(*p))
		p++;
	if (p == gt || (*p != '"' && *p != '\''))
		return NULL;
	e = memchr(p + 1, *p, (size_t)(gt - p - 1));
	return e ? sensible(label(p + 1, (size_t)(e - p - 1), hint)) : NULL;
}

/* The encoding that a meta element or an XML declaration in page[0..n)
 * declares, or NULL. A tag that is cut off at n declares nothing. */
static const struct encoding *prescan(const char *page, size_t n,
	const struct encoding **hint)
{
	struct scan scan = { page, page + n, hint };
	const struct encoding *e;

	while (scan.p < scan.end) {
		if (*scan.p != '<') {
			scan.p = memchr(scan.p, '<',
				(size_t)(scan.end - scan.p));
			if (!scan.p)
				break;
		}
		if (at(&scan, "<meta") && scan.end - scan.p > 5 &&
		    (ascii_html_space(scan.p[5]) || scan.p[5] == '/')) {
			scan.p += 5;
			e = meta(&scan);
			if (e)
				return e;
		} else
			skip_markup(&scan);
	}
	return xml_declaration(page, n, hint);
}

/* ---- what the bytes show ---- */

/* Counts non-ASCII characters that are valid UTF-8, and invalid bytes. Stops
 * as soon as the answer is clear. */
struct utf8_count {
	size_t good, bad;
	bool joined;	/* a valid one is next to an ASCII letter */
};

enum { CLEAR = 1024 };

static struct utf8_count count_utf8(const char *s, size_t n)
{
	struct utf8_count count = { 0 };
	size_t i = 0, len;

	while ((i += utf8_ascii(s + i, n - i)) < n) {
		uint32_t c;
		bool valid;

		len = (size_t)utf8_decode(s + i, n - i, &c, &valid);
		count.good += valid;
		count.bad += !valid;
		count.joined |= valid && ((i > 0 && ascii_letter(s[i - 1])) ||
			(i + len < n && ascii_letter(s[i + len])));
		i += len;
		if (count.good + count.bad > CLEAR && (!count.bad ||
			count.bad > count.good))
			break;
	}
	return count;
}

/* Tolerates some invalid bytes, such as at the end of a truncated page. If a
 * page was put together from two encodings, the larger part decides. */
static bool is_utf8(const struct utf8_count *count)
{
	return count->good > 8 * count->bad ||
		(count->good >= 32 && count->good > 2 * count->bad);
}

static const char *wide_name(enum utf16_form form)
{
	static const char *const names[] = {
		NULL, "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"
	};

	return names[form];
}

/* The encoding shown by a byte order mark, or by the zero bytes of UTF-16. */
static const char *by_marks(const char *s, size_t n)
{
	enum utf16_form form = utf16_mark(s, n, NULL);

	if (n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3))
		return "UTF-8";
	return wide_name(form ? form : utf16_guess(s, n));
}

static bool decodes(const char *s, size_t n, const char *name)
{
	struct buf out = { 0 };
	bool good;

	charset_decode(&out, s, n, name);
	good = !strstr(out.p, "\xef\xbf\xbd");
	buf_free(&out);
	return good;
}

/* ISO-2022-JP: no byte above 0x7f, and every escape sequence is valid. */
static bool is_iso_2022_jp(const char *s, size_t n)
{
	const char *esc = memchr(s, 0x1b, n);

	if (!esc || s + n - esc < 3 || (esc[1] != '$' && esc[1] != '('))
		return false;
	return decodes(s, n, "ISO-2022-JP");
}

/* ---- both together ---- */

static bool is_multi_byte(const struct encoding *e)
{
	return e && e->kind >= GB18030 && e->kind <= EUC_KR;
}

/* The encoding of a page with no byte above 0x7f. */
static const char *of_ascii(const char *page, size_t n,
	const struct encoding *e, const struct encoding *hint)
{
	if (is_iso_2022_jp(page, n))
		return "ISO-2022-JP";
	if (!e)
		e = prescan(page, n, &hint);
	if (e && (e->kind == UTF16LE || e->kind == UTF16BE) &&
	    !memchr(page, 0, n))
		return "UTF-8";
	return e ? e->name : "windows-1252";
}

/* Whether a page whose bytes are valid UTF-8 is in the encoding that it
 * declares all the same: two or three characters may be valid in both. */
static bool is_claimed(const char *page, size_t n, const struct encoding *e,
	const struct utf8_count *count)
{
	return is_multi_byte(e) && count->good < 4 && !count->joined &&
		decodes(page, n, e->name);
}

/* Nats per byte: the most that text in a language of the model costs, and more
 * than any text costs. */
#define KNOWN 3.1
#define RUBBISH 4.0

/* Whether the guess is so much likelier that the declaration must be wrong. In
 * a language that the model does not know, many encodings look slightly
 * likelier than the right one. */
static bool outdoes(const struct charset_guess *g, double margin)
{
	double more = g->claimed - g->cost;

	if (g->cost < KNOWN * (double)g->length)
		return more > margin;
	return (g->high >= 4 || !margin) &&
		more > 2 * margin + .1 * g->claimed;
}

/* The encoding of a page that is not UTF-8 and declares e, or nothing (NULL). */
static const char *of_bytes(const char *page, size_t n,
	const struct encoding *e)
{
	bool legacy = e && (e->kind == SINGLE || is_multi_byte(e));
	const char *claim = legacy ? e->name : "windows-1252";
	struct charset_guess g;

	if (e && (e->kind == REPLACEMENT || (e->kind == ISO_2022_JP &&
			memchr(page, 0x1b, n))))
		return e->name;
	g = charset_guess(page, n, claim);
	if (e && e->kind == UTF8 && g.cost > RUBBISH * (double)g.length)
		return e->name;
	/* A declaration is worth more than the default, which the model favours. */
	return outdoes(&g, legacy ? 6 : 0) ? g.name : claim;
}

const char *charset_declared(const char *page, size_t n,
	const char *content_type)
{
	const char *marked = by_marks(page, n);
	const struct encoding *e = NULL, *hint = NULL;

	if (marked)
		return marked;
	if (content_type)
		e = charset_of(content_type, strlen(content_type), &hint);
	if (!e)
		e = prescan(page, n < PRESCAN ? n : PRESCAN, &hint);
	if (!e)
		e = prescan(page, n, &hint);
	return e ? e->name : "windows-1252";
}

const char *charset_sniff(const char *page, size_t n,
	const char *content_type)
{
	const char *marked = by_marks(page, n);
	const struct encoding *e = NULL, *hint = NULL;
	struct utf8_count count;

	if (marked)
		return marked;
	if (content_type)
		e = charset_of(content_type, strlen(content_type), &hint);
	if (!e)
		e = prescan(page, n < PRESCAN ? n : PRESCAN, &hint);
	count = count_utf8(page, n);
	if (!count.good && !count.bad)
		return of_ascii(page, n, e, hint);
	if (is_utf8(&count))
		return is_claimed(page, n, e, &count) ? e->name : "UTF-8";
	if (!e)
		e = prescan(page, n, &hint);
	return of_bytes(page, n, e ? e : hint);
}
