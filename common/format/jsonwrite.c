/* jsonwrite.c - writes JSON: see jsonwrite.h. Runs without escapes are found eight
 * bytes at a time.
 */
#include "common/format/jsonwrite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/utf8.h"

#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u

/* A word with the high bit of each zero byte of x set (and possibly of bytes
 * above one, which the caller's exact loop corrects). */
static inline uint64_t zero_bytes(uint64_t x)
{
	return (x - ONES) & ~x & HIGHS;
}

/* The length of the run of s that is copied unchanged: ASCII without control
 * characters, quotes and backslashes. */
static size_t plain_run(const char *s, size_t n)
{
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t w;

		memcpy(&w, s + i, 8);
		if ((w | ((w - 0x20 * ONES) & ~w) | zero_bytes(w ^ '"' * ONES) |
			zero_bytes(w ^ '\\' * ONES)) & HIGHS)
			break;
	}
	while (i < n && (unsigned char)s[i] >= 0x20 &&
		(unsigned char)s[i] < 0x80 && s[i] != '"' && s[i] != '\\')
		i++;
	return i;
}

int json_escape(char text[8], unsigned char c)
{
	static const char named[] = "btn_fr";

	if (c == '"' || c == '\\')
		return snprintf(text, 8, "\\%c", c);
	if (c >= 8 && c <= 13 && c != 11)
		return snprintf(text, 8, "\\%c", named[c - 8]);
	return snprintf(text, 8, "\\u%04x", c);
}

static void add_control(struct buf *b, unsigned char c)
{
	char text[8];

	buf_add(b, text, (size_t)json_escape(text, c));
}

static void add_escaped(struct buf *b, const char *s, size_t n)
{
	size_t i = 0, kept = 0;	/* s[kept..i) is still to be copied */

	while ((i += plain_run(s + i, n - i)) < n) {
		uint32_t c;
		bool valid;
		size_t len = (size_t)utf8_decode(s + i, n - i, &c, &valid);

		if (c >= 0x80 && valid) {
			i += len;
			continue;
		}
		buf_add(b, s + kept, i - kept);
		if (c < 0x80)
			add_control(b, (unsigned char)c);
		else
			buf_str(b, "\xef\xbf\xbd");
		i += len;
		kept = i;
	}
	buf_add(b, s + kept, n - kept);
}

void json_add_string(struct buf *b, const char *s, size_t n)
{
	buf_putc(b, '"');
	add_escaped(b, s, n);
	buf_putc(b, '"');
}

void json_add_cstring(struct buf *b, const char *s)
{
	json_add_string(b, s, strlen(s));
}

void json_add_double(struct buf *b, double v)
{
	char s[32];
	int digits;

	if (!isfinite(v)) {
		buf_str(b, "null");
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, v);
		if (digits == 17 || strtod(s, NULL) == v)
			break;
	}
	buf_str(b, s);
}

void json_add_float(struct buf *b, float v)
{
	char s[32];
	int digits;

	if (!isfinite(v)) {
		buf_str(b, "null");
		return;
	}
	for (digits = 6; digits <= 9; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, (double)v);
		if (digits == 9 || strtof(s, NULL) == v)
			break;
	}
	buf_str(b, s);
}

void json_add_int(struct buf *b, int64_t v)
{
	char s[24];
	char *p = s + sizeof s;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(s + sizeof s - p));
}

void json_add_key(struct buf *b, const char *key)
{
	if (b->n && b->p[b->n - 1] != '{')
		buf_putc(b, ',');
	json_add_cstring(b, key);
	buf_putc(b, ':');
}

void json_add_comma(struct buf *b)
{
	if (b->n && b->p[b->n - 1] != '[')
		buf_putc(b, ',');
}

void json_add_ints(struct buf *b, const int32_t *v, size_t n)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (i)
			buf_putc(b, ',');
		json_add_int(b, v[i]);
	}
	buf_putc(b, ']');
}

void json_add_floats(struct buf *b, const float *v, size_t n)
{
	size_t i;

	buf_putc(b, '[');
	for (i = 0; i < n; i++) {
		if (i)
			buf_putc(b, ',');
		json_add_float(b, v[i]);
	}
	buf_putc(b, ']');
}
