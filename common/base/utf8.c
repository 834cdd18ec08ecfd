/* utf8.c - decodes and checks UTF-8: see utf8.h */
#include "common/base/utf8.h"

#include <string.h>

/* The length of the character that a lead byte starts (0: none) and the range of
 * its second byte, by table 3-7 of the Unicode standard. */
static int lead(unsigned char c, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (c < 0xc2)
		return 0;
	if (c < 0xe0)
		return 2;
	if (c < 0xf0) {
		if (c == 0xe0)
			*lo = 0xa0;
		if (c == 0xed)
			*hi = 0x9f;
		return 3;
	}
	if (c == 0xf0)
		*lo = 0x90;
	if (c == 0xf4)
		*hi = 0x8f;
	return c < 0xf5 ? 4 : 0;
}

int utf8_decode(const char *str, size_t n, uint32_t *c, bool *valid)
{
	const unsigned char *s = (const unsigned char *)str;
	unsigned char lo, hi;
	uint32_t v;
	int len, i;

	if (valid)
		*valid = true;
	*c = s[0];
	if (s[0] < 0x80)
		return 1;
	len = lead(s[0], &lo, &hi);
	v = s[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++, lo = 0x80, hi = 0xbf) {
		if ((size_t)i >= n || s[i] < lo || s[i] > hi)
			break;
		v = v << 6 | (s[i] & 0x3f);
	}
	if (len && i == len) {
		*c = v;
		return len;
	}
	*c = 0xfffd;
	if (valid)
		*valid = false;
	return i;
}

size_t utf8_partial(const char *s, size_t n)
{
	unsigned char lo, hi;
	uint32_t c;
	size_t k;

	for (k = 1; k <= 3 && k <= n; k++) {
		const char *p = s + n - k;

		if (((unsigned char)*p & 0xc0) == 0x80)
			continue;
		if ((size_t)lead((unsigned char)*p, &lo, &hi) <= k)
			return 0;
		return (size_t)utf8_decode(p, k, &c, NULL) == k ? k : 0;
	}
	return 0;
}

int utf8_encode(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* Eight bytes at a time. */
size_t utf8_ascii(const char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= 8) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		if (w & 0x8080808080808080u)
			break;
		i += 8;
	}
	while (i < n && (unsigned char)s[i] < 0x80)
		i++;
	return i;
}

bool utf8_valid(const char *s, size_t n)
{
	size_t i = 0;

	while ((i += utf8_ascii(s + i, n - i)) < n) {
		uint32_t c;
		bool ok;

		i += (size_t)utf8_decode(s + i, n - i, &c, &ok);
		if (!ok)
			return false;
	}
	return true;
}

size_t utf8_mark(const char *s, size_t n)
{
	return n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
}

size_t utf8_length(const char *s, size_t n)
{
	size_t i = 0, count = 0;

	while (i < n) {
		size_t run = utf8_ascii(s + i, n - i);
		uint32_t c;

		i += run;
		count += run;
		if (i < n) {
			i += (size_t)utf8_decode(s + i, n - i, &c, NULL);
			count++;
		}
	}
	return count;
}

void utf8_clean(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, good = 0;

	while ((i += utf8_ascii(s + i, n - i)) < n) {
		uint32_t c;
		bool ok;
		size_t len = (size_t)utf8_decode(s + i, n - i, &c, &ok);

		if (!ok) {
			buf_add(b, s + good, i - good);
			buf_str(b, "\xef\xbf\xbd");
			good = i + len;
		}
		i += len;
	}
	buf_add(b, s + good, n - good);
}
