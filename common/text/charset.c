/* charset.c - decoding the bytes of a page: see charset.h
 *
 * The only file that knows iconv, which does the multi-byte encodings of
 * East Asia; the others are decoded here, by the tables of the standard.
 */
#include "common/text/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"

enum kind { UTF8, UTF16LE, UTF16BE, SINGLE, ICONV, USER, REPLACEMENT };

struct encoding {
	const char *name;
	enum kind kind;
	const char *iconv;		/* names, separated by spaces */
	const uint16_t *table;
};

#include "common/text/charset_table.h"

/* The standard looks at this many bytes before it begins to parse; a meta
 * element farther back makes it begin anew. */
#define PRESCAN 1024

#define FFFD "\xef\xbf\xbd"

static int compare(const char *s, size_t n, const char *label)
{
	size_t len = strlen(label);
	int d = strncasecmp(s, label, n < len ? n : len);

	return d ? d : (n > len) - (n < len);
}

static const struct encoding *find_label(const char *s, size_t n)
{
	size_t lo = 0, hi = sizeof labels / sizeof *labels;

	while (n && ascii_html_space(*s))
		s++, n--;
	while (n && ascii_html_space(s[n - 1]))
		n--;
	while (lo < hi && n) {
		size_t mid = (lo + hi) / 2;
		int d = compare(s, n, labels[mid].label);

		if (d == 0)
			return &encodings[labels[mid].encoding];
		if (d < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

/* ---- finding out ---- */

/* The value of charset= in s: of a header or of the content of a meta
 * element. NULL when there is none that is known. */
static const struct encoding *charset_of(const char *s, size_t n)
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
		return e ? find_label(s + 1, (size_t)(e - s - 1)) : NULL;
	}
	for (e = s; e < end && !ascii_html_space(*e) && *e != ';'; e++)
		;
	return find_label(s, (size_t)(e - s));
}

/* The first bytes of a page, and how far they are read. */
struct scan {
	const char *p, *end;
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

/* The standard's "get an attribute"; false when the tag has no more. */
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

/* A page that could be read this far is no UTF-16, and nobody means
 * x-user-defined. */
static const struct encoding *sensible(const struct encoding *e)
{
	if (e && (e->kind == UTF16LE || e->kind == UTF16BE))
		return find_label("utf-8", 5);
	if (e && e->kind == USER)
		return find_label("windows-1252", 12);
	return e;
}

/* What a meta element says, whose attributes begin at scan->p. Of attributes
 * of one name the first counts. */
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
				e = charset_of(value.s, value.n);
				from_content = e;
			}
		} else if (is(name, "charset") && !has_charset) {
			has_charset = true;
			from_content = false;
			e = find_label(value.s, value.n);
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

/* Goes behind a comment, another tag or what else begins with '<'. */
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
static const struct encoding *xml_declaration(const char *s, size_t n)
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
	return e ? sensible(find_label(p + 1, (size_t)(e - p - 1))) : NULL;
}

/* What a meta element or an XML declaration in page[0..n) says, or NULL; a tag
 * that is cut off at n says nothing. */
static const char *prescan(const char *page, size_t n)
{
	struct scan scan = { page, page + n };
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
				return e->name;
		} else
			skip_markup(&scan);
	}
	e = xml_declaration(page, n);
	return e ? e->name : NULL;
}

/* Whether the bytes above 0x7f are UTF-8, but for a few broken ones such as at
 * the end of a page that was cut off. */
static bool mostly_utf8(const char *s, size_t n)
{
	size_t i = 0, good = 0, bad = 0;

	while (i < n) {
		uint32_t c;
		bool valid;

		if (!(s[i] & 0x80)) {
			i++;
			continue;
		}
		i += (size_t)utf8_decode(s + i, n - i, &c, &valid);
		good += valid;
		bad += !valid;
	}
	return good > 8 * bad;
}

static const struct encoding *byte_order_mark(const char *s, size_t n)
{
	if (n >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		return find_label("utf-8", 5);
	if (n >= 2 && memcmp(s, "\xfe\xff", 2) == 0)
		return find_label("utf-16be", 8);
	if (n >= 2 && memcmp(s, "\xff\xfe", 2) == 0)
		return find_label("utf-16le", 8);
	return NULL;
}

/* UTF-16 without a mark, by the NULs of an XML declaration. */
static const struct encoding *xml_utf16(const char *s, size_t n)
{
	if (n >= 6 && memcmp(s, "<\0?\0x\0", 6) == 0)
		return find_label("utf-16le", 8);
	if (n >= 6 && memcmp(s, "\0<\0?\0x", 6) == 0)
		return find_label("utf-16be", 8);
	return NULL;
}

const char *charset_sniff(const char *page, size_t n,
	const char *content_type)
{
	const struct encoding *e = byte_order_mark(page, n);
	const char *name;

	if (e)
		return e->name;
	if (content_type)
		e = charset_of(content_type, strlen(content_type));
	if (!e)
		e = xml_utf16(page, n);
	if (!e && (name = prescan(page, n < PRESCAN ? n : PRESCAN)))
		e = find_label(name, strlen(name));
	if (e && e->kind != SINGLE)
		return e->name;
	if (mostly_utf8(page, n))
		return "UTF-8";
	if (e)
		return e->name;
	name = prescan(page, n);
	return name ? name : "windows-1252";
}

/* ---- decoding ---- */

static void add_char(struct buf *out, uint32_t c)
{
	out->n += (size_t)utf8_encode(buf_room(out, 4), c);
}

static void single(struct buf *out, const unsigned char *s, size_t n,
	const uint16_t *table)
{
	char *o = buf_room(out, 3 * n), *start = o;
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < 0x80)
			*o++ = (char)s[i];
		else
			o += utf8_encode(o, table[s[i] - 0x80] ?
				table[s[i] - 0x80] : 0xfffd);
	out->n += (size_t)(o - start);
}

static void utf16(struct buf *out, const unsigned char *s, size_t n, int high)
{
	uint32_t lead = 0;
	size_t i;

	for (i = 0; i + 1 < n; i += 2) {
		uint32_t c = (uint32_t)s[i + (size_t)high] |
			(uint32_t)s[i + 1 - (size_t)high] << 8;

		if (lead && c >= 0xdc00 && c < 0xe000) {
			add_char(out, 0x10000 + ((lead & 0x3ff) << 10) +
				(c & 0x3ff));
			lead = 0;
			continue;
		}
		if (lead)
			add_char(out, 0xfffd);
		lead = 0;
		if (c >= 0xd800 && c < 0xdc00)
			lead = c;
		else if (c >= 0xdc00 && c < 0xe000)
			add_char(out, 0xfffd);
		else
			add_char(out, c);
	}
	if (lead || i < n)
		add_char(out, 0xfffd);
}

/* The first of the names that the C library knows. */
static iconv_t open_iconv(const char *names)
{
	char name[32];
	size_t n;

	for (; *names; names += n + (names[n] == ' ')) {
		iconv_t cd;

		n = strcspn(names, " ");
		memcpy(name, names, n);
		name[n] = 0;
		cd = iconv_open("UTF-8", name);
		if (cd != (iconv_t)-1)
			return cd;
	}
	return (iconv_t)-1;
}

static void with_iconv(struct buf *out, const char *page, size_t n,
	const char *names)
{
	iconv_t cd = open_iconv(names);
	char *s = (char *)page;

	if (cd == (iconv_t)-1) {
		utf8_clean(out, page, n);
		return;
	}
	while (n) {
		size_t room = 2 * n + 64, left = room;
		char *o = buf_room(out, room);

		if (iconv(cd, &s, &n, &o, &left) != (size_t)-1) {
			out->n += room - left;
			break;
		}
		out->n += room - left;
		if (errno == E2BIG)
			continue;
		buf_str(out, FFFD);
		if (errno == EINVAL || !n)
			break;
		s++;
		n--;
	}
	iconv_close(cd);
}

static void user_defined(struct buf *out, const unsigned char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add_char(out, s[i] < 0x80 ? s[i] : 0xf700u + s[i]);
}

void charset_decode(struct buf *out, const char *page, size_t n,
	const char *name)
{
	const struct encoding *e = find_label(name, strlen(name));
	const struct encoding *mark = byte_order_mark(page, n);
	const unsigned char *s = (const unsigned char *)page;

	if (!e && strcasecmp(name, "replacement") == 0)
		e = find_label("hz-gb-2312", 10);
	if (e && mark == e) {
		s += e->kind == UTF8 ? 3 : 2;
		n -= e->kind == UTF8 ? 3 : 2;
	}
	switch (e ? e->kind : UTF8) {
	case UTF8:
		utf8_clean(out, (const char *)s, n);
		break;
	case UTF16LE:
	case UTF16BE:
		utf16(out, s, n, e->kind == UTF16BE);
		break;
	case SINGLE:
		single(out, s, n, e->table);
		break;
	case ICONV:
		with_iconv(out, page, n, e->iconv);
		break;
	case USER:
		user_defined(out, s, n);
		break;
	case REPLACEMENT:
		if (n)
			buf_str(out, FFFD);
	}
	buf_end(out);
}
