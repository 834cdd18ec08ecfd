/* pii.c - replaces e-mail and IPv4 addresses: see pii.h
 *
 * The searches match what the formatter's regular expressions match, leftmost
 * and longest, but look only near an '@' or a '.'.
 */
#include "common/filter/pii.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/filter/uchar.h"

static const char *const emails[] = {
	"email@example.com", "firstname.lastname@example.org"
};
/* Random addresses that did not respond when FineWeb's authors tried them. */
static const char *const addresses[] = {
	"22.214.171.124", "126.96.36.199", "188.8.131.52", "184.108.40.206",
	"220.127.116.11", "18.104.22.168"
};

/* ---- characters ---- */

static bool is_atom(char c)
{
	return ascii_alnum(c) || (c && strchr("!#$%&'*+/=?^_`{|}~-", c));
}

/* Whether the character that ends before s[at] is part of a word. */
static bool word_before(const char *s, size_t at)
{
	uint32_t c;
	size_t i = at;

	if (!at)
		return false;
	while (i > 0 && at - i < 4 && ((unsigned char)s[--i] & 0xc0) == 0x80)
		;
	utf8_decode(s + i, at - i, &c, NULL);
	return c == '_' || uchar_class(c) & (UC_LETTER | UC_DIGIT);
}

/* ---- octets ---- */

/* The length of the decimal octet s[0..n), without further digits, else 0. */
static size_t whole_octet(const char *s, size_t n, unsigned *value)
{
	size_t i;

	for (*value = 0, i = 0; i < n && i < 4 && ascii_digit(s[i]); i++)
		*value = 10 * *value + (unsigned)(s[i] - '0');
	return i >= 1 && i <= 3 && *value <= 255 ? i : 0;
}

/* The length of the longest octet at s[0..n); further digits may follow. */
static size_t some_octet(const char *s, size_t n, unsigned *value)
{
	size_t i;

	for (*value = 0, i = 0; i < n && i < 3 && ascii_digit(s[i]) &&
			10 * *value + (unsigned)(s[i] - '0') <= 255; i++)
		*value = 10 * *value + (unsigned)(s[i] - '0');
	return i;
}

/* The length of three octets, each with its '.', else 0. */
static size_t three_octets(const char *s, size_t n, unsigned *o)
{
	size_t at = 0, len;
	int i;

	for (i = 0; i < 3; i++) {
		len = whole_octet(s + at, n - at, &o[i]);
		at += len;
		if (!len || at == n || s[at++] != '.')
			return 0;
	}
	return at;
}

/* ---- e-mail ---- */

static size_t label_length(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && (ascii_alnum(s[i]) || s[i] == '-'); i++)
		;
	return i;
}

/* The length of the host name with at least one '.' at s[0..n). */
static size_t host_length(const char *s, size_t n)
{
	size_t at = 0, len, end, found = 0;
	bool first = true;

	while (at < n && ascii_alnum(s[at])) {
		len = label_length(s + at, n - at);
		for (end = at + len; s[end - 1] == '-'; end--)
			;
		if (!first)
			found = end;
		if (end != at + len || end == n || s[end] != '.')
			break;
		at = end + 1;
		first = false;
	}
	return found;
}

/* The length of [1.2.3.4] at s; the last octet may also be a word with a
 * colon. */
static size_t literal_length(const char *s, size_t n)
{
	unsigned o[4];
	size_t at, len;

	if (n < 3 || s[0] != '[' || !(at = three_octets(s + 1, n - 1, o)))
		return 0;
	at++;
	len = whole_octet(s + at, n - at, &o[3]);
	if (len && at + len < n && s[at + len] == ']')
		return at + len + 1;
	len = label_length(s + at, n - at);
	if (len && ascii_alnum(s[at + len - 1]) && at + len + 1 < n &&
		s[at + len] == ':' && s[at + len + 1] == ']')
		return at + len + 2;
	return 0;
}

/* The start, at or after from, of the local part that ends at s[at], an '@'; at
 * itself when there is none. */
static size_t local_begin(const char *s, size_t from, size_t at)
{
	size_t i = at;

	while (i > from && (is_atom(s[i - 1]) || (s[i - 1] == '.' && i < at &&
			s[i] != '.' && i - 1 > from && is_atom(s[i - 2]))))
		i--;
	while (i < at && (s[i] == '.' || word_before(s, i) ==
			(ascii_alnum(s[i]) || s[i] == '_')))
		i++;
	return i;
}

static size_t replace_emails(struct buf *out, const char *s, size_t n)
{
	size_t done = 0, from = 0, count = 0, begin, len;
	const char *at;

	while ((at = memchr(s + from, '@', n - from))) {
		size_t i = (size_t)(at - s);

		from = i + 1;
		begin = local_begin(s, done, i);
		if (begin == i)
			continue;
		len = host_length(s + i + 1, n - i - 1);
		if (!len)
			len = literal_length(s + i + 1, n - i - 1);
		if (!len)
			continue;
		buf_add(out, s + done, begin - done);
		buf_str(out, emails[count++ % 2]);
		done = from = i + 1 + len;
	}
	buf_add(out, s + done, n - done);
	return count;
}

/* ---- IPv4 ---- */

/* IANA's blocks that are not globally reachable: address, prefix length. */
static const struct {
	uint32_t address;
	int bits;
} special[] = {
	{ 0x00000000, 8 }, { 0x0a000000, 8 }, { 0x64400000, 10 },
	{ 0x7f000000, 8 }, { 0xa9fe0000, 16 }, { 0xac100000, 12 },
	{ 0xc0000000, 24 }, { 0xc0000200, 24 }, { 0xc0a80000, 16 },
	{ 0xc6120000, 15 }, { 0xc6336400, 24 }, { 0xcb007100, 24 },
	{ 0xf0000000, 4 }
};

static bool is_public(const unsigned *o)
{
	uint32_t a = o[0] << 24 | o[1] << 16 | o[2] << 8 | o[3];
	size_t i;

	if (a == 0xc0000009 || a == 0xc000000a)	/* anycast */
		return true;
	for (i = 0; i < sizeof special / sizeof *special; i++)
		if ((a ^ special[i].address) >> (32 - special[i].bits) == 0)
			return false;
	return true;
}

/* An octet with a leading zero is not valid in an address. */
static bool has_leading_zero(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i + 1 < n; i++)
		if (s[i] == '0' && (i == 0 || s[i - 1] == '.') &&
			ascii_digit(s[i + 1]))
			return true;
	return false;
}

/* The length of the dotted quad at s[0..n), else 0. */
static size_t quad_length(const char *s, size_t n, unsigned *o)
{
	size_t three = three_octets(s, n, o), last;

	if (!three)
		return 0;
	last = some_octet(s + three, n - three, &o[3]);
	return last ? three + last : 0;
}

static size_t replace_addresses(struct buf *out, const char *s, size_t n)
{
	size_t done = 0, i = 0, count = 0, len;
	unsigned o[4];
	const char *dot;

	while ((dot = memchr(s + i, '.', n - i))) {
		size_t at = (size_t)(dot - s), begin = at;

		while (begin > i && at - begin < 3 && ascii_digit(s[begin - 1]))
			begin--;
		for (len = 0; begin < at; begin++)
			if ((len = quad_length(s + begin, n - begin, o)))
				break;
		if (!len) {
			i = at + 1;
			continue;
		}
		if (!has_leading_zero(s + begin, len) && is_public(o)) {
			buf_add(out, s + done, begin - done);
			buf_str(out, addresses[count++ % 6]);
			done = begin + len;
		}
		i = begin + len;
	}
	buf_add(out, s + done, n - done);
	return count;
}

static size_t replace_with(struct buf *text, struct buf *scratch,
	size_t (*replace)(struct buf *out, const char *s, size_t n))
{
	struct buf old = *text;
	size_t count;

	buf_reset(scratch);
	count = replace(scratch, text->p, text->n);
	if (count) {
		*text = *scratch;
		*scratch = old;
	}
	return count;
}

size_t pii_replace(struct buf *text, struct buf *scratch)
{
	size_t count = 0;

	if (!text->n)
		return 0;
	if (memchr(text->p, '@', text->n))
		count += replace_with(text, scratch, replace_emails);
	return count + replace_with(text, scratch, replace_addresses);
}
