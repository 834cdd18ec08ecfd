/* jinja_strings.c - string operations of filters and methods: see jinja_eval.h
 *
 * They work by characters, as Python does; each character keeps its mark.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/token/jinja_eval.h"

/* str.isspace(). */
static bool is_space(uint32_t c)
{
	return unicode_class(c) & UNI_SPACE || (c >= 0x1c && c <= 0x1f);
}

struct jv_string jinja_want_string(struct jinja_run *r, struct jv x,
	const char *what)
{
	if (x.type == JV_UNDEFINED)
		jinja_fail(&r->heap, "%s: '%s' is undefined", what, x.name);
	if (x.type != JV_STRING)
		jinja_fail(&r->heap, "%s takes a string, not %s", what,
			jv_type_name(x));
	return x.s;
}

int64_t jinja_want_int(struct jinja_run *r, struct jv x, const char *what)
{
	if (x.type == JV_BOOL)
		return x.b;
	if (x.type != JV_INT)
		jinja_fail(&r->heap, "%s takes a whole number, not %s", what,
			jv_type_name(x));
	return x.i;
}

/* ---- upper and lower case ---- */

struct pair {
	uint32_t lower, upper;
};

/* Upper-case letters that are not the upper case of their lower case. */
static const struct pair odd[] = {
	{ 0xb5, 0x39c }, { 0x131, 'I' }, { 0x17f, 'S' }, { 0x345, 0x399 },
	{ 0x3c2, 0x3a3 }, { 0x3d0, 0x392 }, { 0x3d1, 0x398 },
	{ 0x3d5, 0x3a6 }, { 0x3d6, 0x3a0 }, { 0x3f0, 0x39a },
	{ 0x3f1, 0x3a1 }, { 0x3f5, 0x395 }, { 0x1e9b, 0x1e60 },
	{ 0x1fbe, 0x399 }
};

static struct pair *uppers;	/* by lower case; the smallest upper case */
static size_t nupper;

static int by_lower(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->lower != y->lower)
		return x->lower < y->lower ? -1 : 1;
	return x->upper < y->upper ? -1 : x->upper > y->upper;
}

static void make_uppers(void)
{
	size_t cap = 0, i;
	uint32_t c;

	for (c = 'A'; c < 0x20000; c++)
		if (unicode_class(c) & UNI_UPPER && unicode_lower(c) != c) {
			uppers = grow(uppers, nupper, &cap, sizeof *uppers);
			uppers[nupper++] = (struct pair){ unicode_lower(c),
				c };
		}
	for (i = 0; i < sizeof odd / sizeof *odd; i++) {
		uppers = grow(uppers, nupper, &cap, sizeof *uppers);
		uppers[nupper++] = odd[i];
	}
	qsort(uppers, nupper, sizeof *uppers, by_lower);
}

static uint32_t upper_of(uint32_t c)
{
	size_t from = 0, to;

	if (c < 128)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	if (!uppers)
		make_uppers();
	for (to = nupper; from < to;) {
		size_t middle = (from + to) / 2;

		if (uppers[middle].lower < c)
			from = middle + 1;
		else
			to = middle;
	}
	return from < nupper && uppers[from].lower == c ? uppers[from].upper :
		c;
}

static void put_upper(struct jv_buf *b, uint32_t c, bool first,
	unsigned char mark)
{
	char text[4];

	if (c == 0xdf)
		jv_puts(b, first ? "Ss" : "SS", mark);
	else
		jv_put(b, text, (size_t)utf8_encode(text, upper_of(c)), mark);
}

/* Whether Jinja's title filter starts a word after c. */
static bool parts_words(uint32_t c)
{
	return c == '-' || c == '(' || c == '{' || c == '[' || c == '<' ||
		is_space(c);
}

struct jv_string jinja_change_case(struct jinja_heap *h, struct jv_string s,
	enum jinja_case how)
{
	struct jv_buf b = { .heap = h };
	bool begin = true;	/* at the start of a word */
	uint32_t c;
	size_t i;
	char text[4];
	int n;

	for (i = 0; i < s.n; i += (size_t)n) {
		n = utf8_decode(s.p + i, s.n - i, &c, NULL);
		if (how == JINJA_UPPER || (how != JINJA_LOWER && begin))
			put_upper(&b, c, how != JINJA_UPPER, jv_mark(s, i));
		else if (c == 0x130)	/* dotted I: i and a combining dot */
			jv_puts(&b, "i\xcc\x87", jv_mark(s, i));
		else
			jv_put(&b, text, (size_t)utf8_encode(text,
				unicode_lower(c)), jv_mark(s, i));
		begin = how == JINJA_TITLE ? !(unicode_class(c) &
			(UNI_UPPER | UNI_LOWER)) :
			how == JINJA_TITLE_FILTER && parts_words(c);
	}
	return jv_taken(&b);
}

/* ---- strip, replace, lines ---- */

static bool is_stripped(struct jinja_heap *h, struct jv_string c,
	struct jv chars)
{
	uint32_t code;

	if (chars.type == JV_STRING) {
		jinja_steps(h, chars.s.n / 64);
		return jv_find(chars.s, c, 0) != SIZE_MAX;
	}
	utf8_decode(c.p, c.n, &code, NULL);
	return is_space(code);
}

struct jv_string jinja_strip(struct jinja_heap *h, struct jv_string s,
	struct jv chars, bool left, bool right)
{
	size_t from = 0, to = s.n, n;
	uint32_t c;

	if (chars.type != JV_STRING && chars.type != JV_NONE &&
		chars.type != JV_UNDEFINED)
		jinja_fail(h, "strip takes characters, not %s",
			jv_type_name(chars));
	while (left && from < to) {
		n = (size_t)utf8_decode(s.p + from, to - from, &c, NULL);
		if (!is_stripped(h, jv_part(s, from, from + n), chars))
			break;
		from += n;
	}
	while (right && to > from) {
		for (n = 1; n < 4 && to - n > from &&
				(s.p[to - n] & 0xc0) == 0x80;)
			n++;
		if (!is_stripped(h, jv_part(s, to - n, to), chars))
			break;
		to -= n;
	}
	return jv_part(s, from, to);
}

/* The length in bytes of the character at i. */
static size_t character(struct jv_string s, size_t i)
{
	uint32_t c;

	return i < s.n ? (size_t)utf8_decode(s.p + i, s.n - i, &c, NULL) : 1;
}

struct jv_string jinja_replace(struct jinja_heap *h, struct jv_string s,
	struct jv_string old, struct jv_string with, int64_t most)
{
	struct jv_buf b = { .heap = h };
	size_t from = 0, at = 0;

	for (; most; most--) {
		at = jv_find(s, old, at);
		if (at == SIZE_MAX || at > s.n)
			break;
		jinja_steps(h, 1);
		jv_put_string(&b, jv_part(s, from, at));
		jv_put_string(&b, with);
		from = at + old.n;
		/* An empty string occurs before each character. */
		at = old.n ? from : at + character(s, at);
	}
	if (from < s.n)
		jv_put_string(&b, jv_part(s, from, s.n));
	return jv_taken(&b);
}

static bool ends_line(uint32_t c)
{
	return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) ||
		c == 0x85 || c == 0x2028 || c == 0x2029;
}

struct jv jinja_lines(struct jinja_heap *h, struct jv_string s, bool keep)
{
	struct jv list = jv_list(h);
	size_t from = 0, i = 0, end;
	uint32_t c;

	while (i < s.n) {
		end = i;
		i += (size_t)utf8_decode(s.p + i, s.n - i, &c, NULL);
		if (!ends_line(c))
			continue;
		if (c == '\r' && i < s.n && s.p[i] == '\n')
			i++;
		jv_append(h, list.list, jv_of(jv_part(s, from,
			keep ? i : end)));
		from = i;
	}
	if (from < s.n)
		jv_append(h, list.list, jv_of(jv_part(s, from, s.n)));
	return list;
}
