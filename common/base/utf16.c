/* utf16.c - detects and decodes UTF-16 and UTF-32: see utf16.h */
#include "common/base/utf16.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"

enum { SAMPLE = 4096 };		/* bytes examined */

enum utf16_form utf16_mark(const char *s, size_t n, size_t *mark)
{
	enum utf16_form form = UTF16_NONE;
	size_t len = 0;

	if (n >= 4 && !memcmp(s, "\xff\xfe\0\0", 4))
		form = UTF32_LE, len = 4;
	else if (n >= 4 && !memcmp(s, "\0\0\xfe\xff", 4))
		form = UTF32_BE, len = 4;
	else if (n >= 2 && !memcmp(s, "\xff\xfe", 2))
		form = UTF16_LE, len = 2;
	else if (n >= 2 && !memcmp(s, "\xfe\xff", 2))
		form = UTF16_BE, len = 2;
	if (mark)
		*mark = len;
	return form;
}

static uint32_t unit_at(const unsigned char *s, enum utf16_form form)
{
	switch (form) {
	case UTF16_LE:
		return get_le16(s);
	case UTF16_BE:
		return get_be16(s);
	case UTF32_LE:
		return get_le32(s);
	default:
		return get_be32(s);
	}
}

static bool is_half(uint32_t c)
{
	return c >= 0xd800 && c < 0xe000;
}

/* Decodes the character at s[0..n), n > 0; returns its length in bytes. */
static size_t take(const unsigned char *s, size_t n, enum utf16_form form,
	uint32_t *c)
{
	size_t size = form == UTF16_LE || form == UTF16_BE ? 2 : 4;
	uint32_t low;

	if (n < size) {
		*c = 0xfffd;
		return n;
	}
	*c = unit_at(s, form);
	if (size == 2 && *c >= 0xd800 && *c < 0xdc00) {
		low = n >= 4 ? unit_at(s + 2, form) : 0;
		if (n == 3)		/* truncated inside one character */
			size = 3;
		if (low >= 0xdc00 && low < 0xe000) {
			*c = 0x10000 + ((*c & 0x3ff) << 10) + (low & 0x3ff);
			return 4;
		}
	}
	if (is_half(*c) || *c > 0x10ffff)
		*c = 0xfffd;
	return size;
}

void utf16_decode(struct buf *out, const char *s, size_t n,
	enum utf16_form form)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + n;
	uint32_t c;

	while (p < end) {
		p += take(p, (size_t)(end - p), form, &c);
		out->n += (size_t)utf8_encode(buf_room(out, 4), c);
	}
	buf_end(out);
}

/* ---- without a mark ---- */

/* Whether the character occurs in text: not a control, private use or unassigned
 * character. */
static bool is_text(uint32_t c)
{
	if (c < 0x20)
		return c && strchr("\t\n\f\r", (int)c);
	return c != 0x7f && c != 0xfffd && (c < 0x80 || c > 0x9f) &&
		unicode_class(c);
}

static bool all_text(const unsigned char *s, size_t n, enum utf16_form form)
{
	const unsigned char *end = s + n;
	uint32_t c;

	while (s < end) {
		s += take(s, (size_t)(end - s), form, &c);
		/* The sample may end inside a character. */
		if (!is_text(c) && s < end)
			return false;
	}
	return true;
}

/* Statistics of the bytes at even and odd offsets. */
struct halves {
	size_t zero[2], control[2], high[2];
};

static struct halves count_halves(const unsigned char *s, size_t n)
{
	struct halves h = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		h.zero[i & 1] += s[i] == 0;
		h.control[i & 1] += s[i] && s[i] < 0x20 &&
			!memchr("\t\n\f\r\033", s[i], 5);
		h.high[i & 1] += s[i] >= 0x80;
	}
	return h;
}

/* Zero bytes are the upper halves of ASCII, which every text contains: blanks,
 * digits, markup. A byte-oriented text may contain a stray zero too, but none of
 * the other bytes that only occur as halves of characters. */
static bool fits(const struct halves *h, size_t n, int upper)
{
	size_t units = n / 2, other = h->control[0] + h->control[1] +
		h->high[!upper];

	if (!h->zero[upper] || h->zero[!upper] > h->zero[upper] / 3)
		return false;
	if (h->zero[upper] >= units / (n < 32 ? 4 : 10))
		return true;
	return n >= 32 && other >= units / 6 && h->zero[upper] >= units / 100;
}

enum utf16_form utf16_guess(const char *str, size_t n)
{
	const unsigned char *s = (const unsigned char *)str;
	struct halves h;

	n = n < SAMPLE ? n : SAMPLE;
	if (!memchr(s, 0, n) || n < 4)
		return UTF16_NONE;
	if (n >= 8 && n % 4 == 0 && all_text(s, n, UTF32_LE))
		return UTF32_LE;
	if (n >= 8 && n % 4 == 0 && all_text(s, n, UTF32_BE))
		return UTF32_BE;
	h = count_halves(s, n);
	if (fits(&h, n, 1) && all_text(s, n, UTF16_LE))
		return UTF16_LE;
	if (fits(&h, n, 0) && all_text(s, n, UTF16_BE))
		return UTF16_BE;
	return UTF16_NONE;
}
