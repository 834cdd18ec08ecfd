/* charset_decode.c - labels and decoders of the Encoding Standard: charset.h
 *
 * The indexes for East Asian encodings are data/encodings.bin: a u16 for each
 * pointer of gb18030, Big5, EUC-KR, JIS X 0208 and JIS X 0212, 0 where it is
 * unused; then a bit for each Big5 pointer whose character is 0x20000 higher.
 */
#include "common/html/charset.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/bytes.h"
#include "common/base/utf16.h"
#include "common/base/utf8.h"
#include "common/html/charset_encodings.h"

#include "common/html/charset_table.h"

#define FFFD 0xfffdu

/* ---- labels ---- */

static int compare(const char *s, size_t n, const char *label)
{
	size_t len = strlen(label);
	int d = strncasecmp(s, label, n < len ? n : len);

	return d ? d : (n > len) - (n < len);
}

const struct encoding *charset_label(const char *s, size_t n)
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

/* Writes the letters and digits of s in lower case to squeezed[0..size);
 * returns false when there are too many. */
static bool squeeze(const char *s, size_t n, char *squeezed, size_t size)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		char c = ascii_lower(s[i]);

		if (!ascii_alnum(c))
			continue;
		if (k + 1 >= size)
			return false;
		squeezed[k++] = c;
	}
	squeezed[k] = 0;
	return k > 0;
}

/* Normalises common spellings of "windows" and "utf-8". */
static void usual_name(char *s, size_t size)
{
	static const char *const win[] = { "win", "windowscp", "mswin", NULL };
	char rest[24];
	int i;

	if (!strncmp(s, "utf8", 4))
		s[4] = 0;		/* utf8mb4 */
	for (i = 0; win[i]; i++) {
		size_t n = strlen(win[i]);

		if (strncmp(s, win[i], n) || s[n] < '0' || s[n] > '9' ||
		    strlen(s) - n + 3 > sizeof rest)
			continue;
		strcpy(rest, s + n);
		memcpy(s, "cp", 2);
		memmove(s + 2, rest, strlen(rest) + 1);
		return;
	}
}

const struct encoding *charset_near_label(const char *s, size_t n)
{
	const struct encoding *e = charset_label(s, n);
	char want[24], have[24];
	size_t i;

	if (e || !squeeze(s, n, want, sizeof want))
		return e;
	usual_name(want, sizeof want);
	for (i = 0; i < sizeof labels / sizeof *labels; i++)
		if (squeeze(labels[i].label, strlen(labels[i].label), have,
				sizeof have) && !strcmp(have, want))
			return &encodings[labels[i].encoding];
	return NULL;
}

const struct encoding *charset_named(const char *name)
{
	static const struct encoding unlabelled[] = {
		{ "UTF-32LE", UTF32LE, NULL }, { "UTF-32BE", UTF32BE, NULL }
	};
	size_t i;

	for (i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (!strcasecmp(encodings[i].name, name))
			return &encodings[i];
	for (i = 0; i < 2; i++)
		if (!strcmp(unlabelled[i].name, name))
			return &unlabelled[i];
	return charset_label(name, strlen(name));
}

/* ---- the indexes ---- */

extern const unsigned char data_encodings[];

enum { GB = 23940, BIG = 19782, KR = 23750, J0208 = 11280, J0212 = 8836 };
enum {
	AT_GB = 0, AT_BIG = AT_GB + GB, AT_KR = AT_BIG + BIG,
	AT_0208 = AT_KR + KR, AT_0212 = AT_0208 + J0208,
	AT_BITS = AT_0212 + J0212
};

/* The character at a pointer of the index of n entries that starts at `at`. */
static uint32_t indexed(int at, int n, int pointer)
{
	const unsigned char *p = data_encodings + 2 * (at + pointer);

	return pointer < n ? get_le16(p) : 0;
}

static uint32_t big5_indexed(int pointer)
{
	const unsigned char *bits = data_encodings + 2 * AT_BITS;
	uint32_t c = indexed(AT_BIG, BIG, pointer);

	return c && bits[pointer / 8] >> pointer % 8 & 1 ? c | 0x20000 : c;
}

static bool in(unsigned char c, int lo, int hi)
{
	return c >= lo && c <= hi;
}

/* ---- multi-byte decoders ----
 *
 * Each takes a character whose first byte, s[0] of n, is not ASCII, and
 * returns its length in bytes. An invalid sequence becomes U+FFFD, and an
 * ASCII byte inside it is left to be read again. */

typedef size_t take_fn(const unsigned char *s, size_t n, uint32_t *c);

/* Finishes a two-byte character. */
static size_t two(const unsigned char *s, uint32_t found, uint32_t *c)
{
	*c = found ? found : FFFD;
	return found || s[1] >= 0x80 ? 2 : 1;
}

static size_t one(uint32_t found, uint32_t *c)
{
	*c = found;
	return 1;
}

static uint32_t gb_range(uint32_t pointer)
{
	size_t i = sizeof gb18030_ranges / sizeof *gb18030_ranges;

	if ((pointer > 39419 && pointer < 189000) || pointer > 1237575)
		return FFFD;
	if (pointer == 7457)
		return 0xe7c7;
	while (gb18030_ranges[i - 1].pointer > pointer)
		i--;
	return gb18030_ranges[i - 1].code + pointer -
		gb18030_ranges[i - 1].pointer;
}

static size_t gb_four(const unsigned char *s, size_t n, uint32_t *c)
{
	*c = FFFD;
	if (n >= 3 && !in(s[2], 0x81, 0xfe))
		return 1;
	if (n < 4)
		return n;
	if (!in(s[3], 0x30, 0x39))
		return 1;
	*c = gb_range(((((uint32_t)s[0] - 0x81) * 10 + s[1] - 0x30) * 126 +
		s[2] - 0x81) * 10 + s[3] - 0x30);
	return 4;
}

static size_t gb18030(const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t found = 0;

	if (s[0] == 0x80)
		return one(0x20ac, c);
	if (s[0] == 0xff || n < 2)
		return one(FFFD, c);
	if (in(s[1], 0x30, 0x39))
		return gb_four(s, n, c);
	if (in(s[1], 0x40, 0x7e) || in(s[1], 0x80, 0xfe))
		found = indexed(AT_GB, GB, (s[0] - 0x81) * 190 + s[1] -
			(s[1] < 0x7f ? 0x40 : 0x41));
	return two(s, found, c);
}

static size_t euc_kr(const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t found = 0;

	if (!in(s[0], 0x81, 0xfe) || n < 2)
		return one(FFFD, c);
	if (in(s[1], 0x41, 0xfe))
		found = indexed(AT_KR, KR, (s[0] - 0x81) * 190 + s[1] - 0x41);
	return two(s, found, c);
}

static size_t big5(const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t found = 0;

	if (!in(s[0], 0x81, 0xfe) || n < 2)
		return one(FFFD, c);
	if (in(s[1], 0x40, 0x7e) || in(s[1], 0xa1, 0xfe))
		found = big5_indexed((s[0] - 0x81) * 157 + s[1] -
			(s[1] < 0x7f ? 0x40 : 0x62));
	return two(s, found, c);
}

/* Four Big5 pointers stand for two characters, the second a combining one.
 * Returns the second, or 0 for any other pointer. */
static uint32_t big5_second(const unsigned char *s)
{
	if (s[0] != 0x88)
		return 0;
	if (s[1] == 0x62 || s[1] == 0xa3)
		return 0x0304;
	return s[1] == 0x64 || s[1] == 0xa5 ? 0x030c : 0;
}

static size_t shift_jis(const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t found = 0;
	int pointer;

	if (s[0] == 0x80)
		return one(0x80, c);
	if (in(s[0], 0xa1, 0xdf))
		return one(0xff61u - 0xa1 + s[0], c);
	if (!(in(s[0], 0x81, 0x9f) || in(s[0], 0xe0, 0xfc)) || n < 2)
		return one(FFFD, c);
	if (in(s[1], 0x40, 0x7e) || in(s[1], 0x80, 0xfc)) {
		pointer = (s[0] - (s[0] < 0xa0 ? 0x81 : 0xc1)) * 188 + s[1] -
			(s[1] < 0x7f ? 0x40 : 0x41);
		found = pointer >= 8836 && pointer <= 10715 ?
			0xe000u - 8836 + (uint32_t)pointer :
			indexed(AT_0208, J0208, pointer);
	}
	return two(s, found, c);
}

static size_t euc_jp(const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t found = 0;

	if (!(s[0] == 0x8e || s[0] == 0x8f || in(s[0], 0xa1, 0xfe)) || n < 2)
		return one(FFFD, c);
	if (s[0] == 0x8f && in(s[1], 0xa1, 0xfe)) {
		if (n >= 3 && in(s[2], 0xa1, 0xfe))
			found = indexed(AT_0212, J0212,
				(s[1] - 0xa1) * 94 + s[2] - 0xa1);
		return n < 3 ? (*c = FFFD, n) : 1 + two(s + 1, found, c);
	}
	if (s[0] == 0x8e && in(s[1], 0xa1, 0xdf))
		found = 0xff61u - 0xa1 + s[1];
	else if (in(s[0], 0xa1, 0xfe) && in(s[1], 0xa1, 0xfe))
		found = indexed(AT_0208, J0208,
			(s[0] - 0xa1) * 94 + s[1] - 0xa1);
	return two(s, found, c);
}

static void add_char(struct buf *out, uint32_t c)
{
	out->n += (size_t)utf8_encode(buf_room(out, 4), c);
}

static void multi(struct buf *out, const unsigned char *s, size_t n,
	take_fn *take)
{
	size_t i = 0;

	while (i < n) {
		size_t run = utf8_ascii((const char *)s + i, n - i);
		uint32_t c;

		buf_add(out, s + i, run);
		i += run;
		if (i == n)
			break;
		if (take == big5 && n - i >= 2 && big5_second(s + i)) {
			add_char(out, s[i + 1] < 0xa0 ? 0xca : 0xea);
			add_char(out, big5_second(s + i));
			i += 2;
			continue;
		}
		i += take(s + i, n - i, &c);
		add_char(out, c);
	}
}

/* ---- ISO-2022-JP ---- */

enum jp { JP_ASCII, JP_ROMAN, JP_KATAKANA, JP_TWO, JP_NONE };

/* The character set selected by the escape sequence at s[0..n). */
static enum jp jp_escape(const unsigned char *s, size_t n)
{
	if (n < 3)
		return JP_NONE;
	if (s[1] == '$')
		return s[2] == '@' || s[2] == 'B' ? JP_TWO : JP_NONE;
	if (s[1] != '(')
		return JP_NONE;
	return s[2] == 'B' ? JP_ASCII : s[2] == 'J' ? JP_ROMAN :
		s[2] == 'I' ? JP_KATAKANA : JP_NONE;
}

/* A byte of a single-byte set. */
static uint32_t jp_single(enum jp set, unsigned char b)
{
	if (set == JP_KATAKANA)
		return in(b, 0x21, 0x5f) ? 0xff61u - 0x21 + b : FFFD;
	if (b >= 0x80 || b == 0x0e || b == 0x0f)
		return FFFD;
	if (set == JP_ROMAN && b == 0x5c)
		return 0xa5;
	return set == JP_ROMAN && b == 0x7e ? 0x203e : b;
}

/* A two-byte character; returns its length in bytes. */
static size_t jp_two(const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t found = 0;

	*c = FFFD;
	if (!in(s[0], 0x21, 0x7e))
		return 1;
	if (n < 2 || s[1] == 0x1b)
		return 1;
	if (in(s[1], 0x21, 0x7e))
		found = indexed(AT_0208, J0208,
			(s[0] - 0x21) * 94 + s[1] - 0x21);
	if (found)
		*c = found;
	return 2;
}

static void iso_2022_jp(struct buf *out, const unsigned char *s, size_t n)
{
	enum jp set = JP_ASCII, next;
	bool output = false;	/* the last thing was an escape sequence */
	size_t i = 0;
	uint32_t c;

	while (i < n) {
		if (s[i] == 0x1b) {
			next = jp_escape(s + i, n - i);
			if (next == JP_NONE || output)
				add_char(out, FFFD);
			output = next != JP_NONE;
			i += output ? 3 : 1;
			set = output ? next : set;
			continue;
		}
		output = false;
		if (set == JP_TWO) {
			i += jp_two(s + i, n - i, &c);
		} else {
			c = jp_single(set, s[i]);
			i++;
		}
		add_char(out, c);
	}
}

/* ---- the others ---- */

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
				table[s[i] - 0x80] : FFFD);
	out->n += (size_t)(o - start);
}

static void user_defined(struct buf *out, const unsigned char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add_char(out, s[i] < 0x80 ? s[i] : 0xf700u + s[i]);
}

/* The length of that encoding's byte order mark if s starts with it. */
static size_t mark_length(const char *s, size_t n, enum charset_kind kind)
{
	static const enum utf16_form forms[] = {
		[UTF16LE] = UTF16_LE, [UTF16BE] = UTF16_BE,
		[UTF32LE] = UTF32_LE, [UTF32BE] = UTF32_BE
	};
	size_t len;

	if (kind == UTF8)
		return n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
	if (kind > UTF32BE || utf16_mark(s, n, &len) != forms[kind])
		return 0;
	return len;
}

void charset_decode(struct buf *out, const char *page, size_t n,
	const char *name)
{
	const struct encoding *e = charset_named(name);
	enum charset_kind kind = e ? e->kind : UTF8;
	size_t mark = mark_length(page, n, kind);
	const unsigned char *s = (const unsigned char *)page + mark;

	n -= mark;
	switch (kind) {
	case UTF8: utf8_clean(out, (const char *)s, n); break;
	case UTF16LE: utf16_decode(out, (const char *)s, n, UTF16_LE); break;
	case UTF16BE: utf16_decode(out, (const char *)s, n, UTF16_BE); break;
	case UTF32LE: utf16_decode(out, (const char *)s, n, UTF32_LE); break;
	case UTF32BE: utf16_decode(out, (const char *)s, n, UTF32_BE); break;
	case SINGLE: single(out, s, n, e->table); break;
	case GB18030: multi(out, s, n, gb18030); break;
	case BIG5: multi(out, s, n, big5); break;
	case EUC_JP: multi(out, s, n, euc_jp); break;
	case SHIFT_JIS: multi(out, s, n, shift_jis); break;
	case EUC_KR: multi(out, s, n, euc_kr); break;
	case ISO_2022_JP: iso_2022_jp(out, s, n); break;
	case USER: user_defined(out, s, n); break;
	case REPLACEMENT:
		if (n)
			add_char(out, FFFD);
	}
	buf_end(out);
}
