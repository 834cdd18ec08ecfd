/* oniguruma.c - translates patterns: see oniguruma.h
 *
 * A single pass reads the pattern and writes the translation. A class becomes one
 * expression that takes one character: what PCRE2 can express inside brackets
 * is collected as items, the rest (a negated class inside a class, \W) as
 * alternatives to them; an intersection is a chain of lookaheads.
 */
#include "common/format/oniguruma.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/format/oniguruma_names.h"
#include "common/format/oniguruma_recent.h"

#define DEPTH 100	/* nested groups and classes */

struct onig {
	const char *start, *p;
	struct buf *out;
	struct onig_error error;
	int depth;
	bool recent;
	bool icase, dotall, extended;
	uint32_t before;	/* the preceding literal, case-folded; 0 */
};

static bool refuse(struct onig *o, const char *what)
{
	if (!o->error.what)
		o->error = (struct onig_error){ (size_t)(o->p - o->start),
			what };
	return false;
}

static bool deeper(struct onig *o)
{
	return ++o->depth <= DEPTH ||
		refuse(o, "groups or classes nested too deeply");
}

static bool starts(const struct onig *o, const char *s)
{
	return !strncmp(o->p, s, strlen(s));
}

static uint32_t take_char(struct onig *o)
{
	uint32_t c;

	o->p += utf8_decode(o->p, strlen(o->p), &c, NULL);
	return c;
}

/* A literal, inside or outside brackets. */
static void add_char(struct buf *b, uint32_t c)
{
	if (c < 128 && ascii_alnum((char)c))
		buf_putc(b, (int)c);
	else
		buf_printf(b, "\\x{%x}", (unsigned)c);
}

static void insert(struct buf *b, size_t at, const char *s)
{
	size_t n = strlen(s);

	buf_room(b, n);
	memmove(b->p + at + n, b->p + at, b->n - at);
	memcpy(b->p + at, s, n);
	b->n += n;
	buf_end(b);
}

/* ---- escapes ---- */

/* The meaning of an escape or [:name:]: a character, or a set. */
struct set {
	const char *items;	/* NULL: the character c */
	uint32_t c;
	bool negated;
	char script[64];
};

static bool take_hex(struct onig *o, int least, int most, uint32_t *c)
{
	int n, digit;

	for (*c = 0, n = 0; n < most; n++, o->p++) {
		digit = ascii_hex(*o->p);
		if (digit < 0)
			break;
		*c = 16 * *c + (uint32_t)digit;
	}
	return (n >= least && *c < 0x110000 && (*c & ~0x7ffu) != 0xd800) ||
		refuse(o, "a \\x or \\u that is not a character");
}

/* After \x, \u: \x41, \x{1F600}, \u0041. */
static bool take_number(struct onig *o, bool four, uint32_t *c)
{
	if (four)
		return take_hex(o, 4, 4, c);
	if (*o->p != '{')
		return take_hex(o, 1, 2, c) && (*c < 128 ||
			refuse(o, "a byte \\x80 to \\xff"));
	o->p++;
	if (!take_hex(o, 1, 8, c))
		return false;
	if (*o->p++ == '}')
		return true;
	o->p--;
	return refuse(o, "\\x{ } of several characters");
}

/* Properties that depend on unassigned characters, which change with the version
 * of Unicode; blocks and ages. */
static bool is_refused(const char *name)
{
	static const char *const names[] = { "graph", "print", "cs", "lc",
		"c", "other", "cn", "unassigned", "assigned", "unknown" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, "age", 3) || (!strncmp(name, "in", 2) &&
		strcmp(name, "inherited") && strncmp(name, "inscription", 11));
}

/* The items of a property; a name that is not in the table is assumed to be a
 * script, and PCRE2 decides whether it exists. */
static bool find_property(struct onig *o, const char *name, size_t n,
	struct set *s)
{
	char folded[40];
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (!strchr(" -_", name[i]) && !ascii_alnum(name[i]))
			return refuse(o, "a property of that name");
		if (strchr(" -_", name[i]))
			continue;
		if (k + 1 == sizeof folded)
			return refuse(o, "a property of that name");
		folded[k++] = ascii_letter(name[i]) ? name[i] | 32 : name[i];
	}
	folded[k] = '\0';
	for (i = 0; i < sizeof onig_properties / sizeof *onig_properties; i++)
		if (!strcmp(folded, onig_properties[i].name)) {
			s->items = onig_properties[i].items;
			return true;
		}
	if (!k || is_refused(folded))
		return refuse(o, "a property of that name");
	snprintf(s->script, sizeof s->script, "\\p{sc:%s}", folded);
	s->items = s->script;
	return true;
}

/* Whether ignoring case changes a set: it contains one of two characters that
 * differ only in case, like ASCII K and the Kelvin sign, or U+0345, whose upper
 * case is a letter. */
static bool case_matters(const char *items)
{
	static const char *const changed[] = { "\\p{Lu}", "\\p{Ll}",
		"\\p{Lt}", "\\p{Uppercase}", "\\p{Lowercase}", "\\p{M}",
		"\\p{Mn}", "\\p{Emoji}", "\\p{Math}", "\\x{0}-\\x{7f}" };
	size_t i;

	for (i = 0; i < sizeof changed / sizeof *changed; i++)
		if (!strcmp(items, changed[i]))
			return true;
	return false;
}

/* After \p or \P. */
static bool take_property(struct onig *o, struct set *s)
{
	const char *end = strchr(o->p, '}');

	if (*o->p != '{' || !end)
		return refuse(o, "\\p without { }");
	o->p++;
	if (*o->p == '^') {
		s->negated = !s->negated;
		o->p++;
	}
	if (!find_property(o, o->p, (size_t)(end - o->p), s))
		return false;
	if (o->icase && (case_matters(s->items) || s->items == s->script))
		return refuse(o, "a property that (?i) changes");
	o->p = end + 1;
	return true;
}

/* [:alpha:] */
static bool take_posix(struct onig *o, struct set *s)
{
	const char *end = strstr(o->p, ":]");

	o->p += 2;
	if (*o->p == '^') {
		s->negated = true;
		o->p++;
	}
	if (!end || !find_property(o, o->p, (size_t)(end - o->p), s) ||
		s->items == s->script)
		return refuse(o, "[: in a class without a known name");
	if (o->icase && case_matters(s->items))
		return refuse(o, "a property that (?i) changes");
	if (!strncmp(o->p, "punct", 5))
		s->items = "\\p{P}\\p{S}";	/* unlike \p{Punct} */
	o->p = end + 2;
	return true;
}

static const char *letter_set(char c)
{
	return c == 's' || c == 'S' ? ONIG_SPACE :
		c == 'd' || c == 'D' ? "\\p{Nd}" :
		c == 'w' || c == 'W' ? ONIG_WORD :
		c == 'h' || c == 'H' ? ONIG_XDIGIT : NULL;
}

/* After a backslash: what means the same inside and outside brackets. */
static bool take_escape(struct onig *o, struct set *s)
{
	static const char letters[] = "tnrfvae", are[] = "\t\n\r\f\v\a\033";
	const char *at;
	char c = *o->p;

	*s = (struct set){ 0 };
	if (!c)
		return refuse(o, "a pattern that ends in a backslash");
	if (!ascii_alnum(c)) {
		s->c = take_char(o);
		return true;
	}
	o->p++;
	if ((at = strchr(letters, c)) != NULL) {
		s->c = (uint32_t)are[at - letters];
		return true;
	}
	if (c == 'x' || c == 'u')
		return take_number(o, c == 'u', &s->c);
	s->negated = c < 'a';
	if (c == 'p' || c == 'P')
		return take_property(o, s);
	s->items = letter_set(c);
	o->p -= !s->items;
	return s->items || refuse(o, ascii_digit(c) ?
		"a back reference or octal number" : "this escape");
}

/* ---- classes ---- */

/* A set of characters under construction. */
struct class {
	struct buf items;	/* what PCRE2 allows in brackets */
	struct buf others;	/* "|ALTERNATIVE" for the rest */
	struct buf both;	/* "(?=LEFT)" for each operand of && */
	bool recent;
};

static void class_free(struct class *c)
{
	buf_free(&c->items);
	buf_free(&c->others);
	buf_free(&c->both);
}

/* Characters from recent Unicode versions that have the properties in items. */
static void add_recent(struct buf *b, const char *items)
{
	const char *p = items, *end;
	size_t i;

	while ((p = strstr(p, "\\p{")) != NULL) {
		p += 3;
		end = strchr(p, '}');
		for (i = 0; i < sizeof onig_recent / sizeof *onig_recent; i++)
			if (strlen(onig_recent[i].name) == (size_t)(end - p) &&
				!strncmp(onig_recent[i].name, p,
					(size_t)(end - p)))
				buf_str(b, onig_recent[i].items);
	}
}

static void add_items(struct buf *b, const char *items, bool recent)
{
	buf_str(b, items);
	if (recent)
		add_recent(b, items);
}

static void add_set(struct class *c, const struct set *s)
{
	if (!s->negated)
		add_items(&c->items, s->items, c->recent);
	else if (!strcmp(s->items, ONIG_SPACE))
		buf_str(&c->items, "\\S\\x{180e}");
	else if (!c->recent && !strncmp(s->items, "\\p{", 3) &&
		!strchr(s->items + 3, '\\'))
		buf_printf(&c->items, "\\P%s", s->items + 2);
	else {
		buf_str(&c->others, "|[^");
		add_items(&c->others, s->items, c->recent);
		buf_putc(&c->others, ']');
	}
}

/* Writes the collected set as an expression that takes one character. */
static void write_operand(struct class *c, struct buf *out)
{
	if (!c->others.n)
		buf_printf(out, "[%s]", c->items.p);
	else if (c->items.n)
		buf_printf(out, "(?:[%s]%s)", c->items.p, c->others.p);
	else
		buf_printf(out, "(?:%s)", c->others.p + 1);
}

static void write_class(struct class *c, bool negated, struct buf *out)
{
	if (negated && !c->both.n && !c->others.n) {
		buf_printf(out, "[^%s]", c->items.p);
		return;
	}
	if (negated)
		buf_str(out, "(?:(?!");
	if (c->both.n)
		buf_printf(out, "(?:%s", c->both.p);
	write_operand(c, out);
	if (c->both.n)
		buf_putc(out, ')');
	if (negated)
		buf_str(out, ")(?s:.))");
}

static bool take_class(struct onig *o, struct buf *out);

/* A character of a class that may start or end a range. */
static bool take_member(struct onig *o, struct set *s)
{
	if (*o->p == '\\') {
		o->p++;
		if (*o->p == 'b') {
			*s = (struct set){ .c = '\b' };
			o->p++;
			return true;
		}
		return take_escape(o, s);
	}
	*s = (struct set){ .c = take_char(o) };
	return true;
}

static bool take_range(struct onig *o, struct class *c)
{
	struct set from, to;

	if (!take_member(o, &from))
		return false;
	if (from.items) {
		add_set(c, &from);
		return *o->p != '-' || o->p[1] == ']' ||
			refuse(o, "a - after a set in a class");
	}
	if (o->icase && from.c >= 128)
		return refuse(o, "a character beyond ASCII under (?i)");
	add_char(&c->items, from.c);
	if (*o->p != '-' || o->p[1] == ']' || starts(o, "-&&"))
		return true;
	o->p++;
	if (*o->p == '[' || !take_member(o, &to) || to.items || to.c < from.c)
		return refuse(o, "a range without a later end in a class");
	if (o->icase && to.c >= 128)
		return refuse(o, "a character beyond ASCII under (?i)");
	buf_putc(&c->items, '-');
	add_char(&c->items, to.c);
	return *o->p != '-' || o->p[1] == ']' ||
		refuse(o, "a - after a range in a class");
}

static bool take_operator(struct onig *o, struct class *c)
{
	o->p += 2;
	if ((!c->items.n && !c->others.n) || *o->p == ']' || starts(o, "&&"))
		return refuse(o, "&& without a set on both sides");
	buf_str(&c->both, "(?=");
	write_operand(c, &c->both);
	buf_putc(&c->both, ')');
	buf_reset(&c->items);
	buf_reset(&c->others);
	return true;
}

/* A nested class: a plain one adds its items, as [a[bc]] is [abc]. */
static bool take_inner(struct onig *o, struct class *c)
{
	struct buf inner = { 0 };
	bool good;

	if (starts(o, "[:")) {
		struct set s = { 0 };

		if (!take_posix(o, &s))
			return false;
		add_set(c, &s);
		return true;
	}
	o->p++;
	good = take_class(o, &inner);
	if (good && inner.p[0] == '[' && inner.p[1] != '^')
		buf_add(&c->items, inner.p + 1, inner.n - 2);
	else if (good)
		buf_printf(&c->others, "|%s", inner.p);
	buf_free(&inner);
	return good;
}

static bool take_members(struct onig *o, struct class *c)
{
	while (*o->p != ']') {
		bool good = !*o->p ? refuse(o, "a class without its ]") :
			starts(o, "&&") ? take_operator(o, c) :
			*o->p == '[' ? take_inner(o, c) : take_range(o, c);

		if (!good)
			return false;
	}
	o->p++;
	return true;
}

/* After [. */
static bool take_class(struct onig *o, struct buf *out)
{
	struct class c = { .recent = o->recent };
	bool negated = *o->p == '^', good;

	o->p += negated;
	buf_str(&c.items, "");
	good = *o->p == ']' ? refuse(o, "a class that starts with ]") :
		deeper(o) && take_members(o, &c);
	o->depth--;
	if (good)
		write_class(&c, negated, out);
	class_free(&c);
	return good;
}

/* ---- groups, and everything outside classes ---- */

static bool take_alternatives(struct onig *o);

static bool take_to_close(struct onig *o)
{
	if (!deeper(o) || !take_alternatives(o))
		return false;
	o->depth--;
	if (*o->p != ')')
		return refuse(o, "a group without its )");
	o->p++;
	buf_putc(o->out, ')');
	return true;
}

/* After (?: options and : or ). Without the : they apply until the end of the
 * enclosing group, alternatives included, as in Ruby. */
static bool take_options(struct onig *o)
{
	bool icase = o->icase, dotall = o->dotall, extended = o->extended;
	bool on = true, good;

	for (; strchr("imx-", *o->p) && *o->p; o->p++) {
		if (*o->p == '-')
			on = false;
		else
			*(*o->p == 'i' ? &o->icase : *o->p == 'm' ?
				&o->dotall : &o->extended) = on;
	}
	if (*o->p != ':' && *o->p != ')')
		return refuse(o, "a group of this kind");
	buf_str(o->out, o->icase ? "(?i:" : "(?-i:");
	if (*o->p++ == ':') {
		good = take_to_close(o);
	} else {
		good = deeper(o) && take_alternatives(o);
		o->depth--;
		buf_putc(o->out, ')');
	}
	o->icase = icase;
	o->dotall = dotall;
	o->extended = extended;
	return good;
}

/* After (. */
static bool take_group(struct onig *o)
{
	static const char *const same[] = { "?:", "?=", "?!", "?>", "?<=",
		"?<!" };
	size_t i;

	if (*o->p == '*')
		return refuse(o, "a callout (*");
	if (*o->p != '?') {
		buf_str(o->out, "(?:");
		return take_to_close(o);
	}
	for (i = 0; i < sizeof same / sizeof *same; i++)
		if (starts(o, same[i])) {
			buf_printf(o->out, "(%s", same[i]);
			o->p += strlen(same[i]);
			return take_to_close(o);
		}
	o->p++;
	if (*o->p == '<') {
		while (*o->p && *o->p != '>')
			o->p++;
		o->p += *o->p == '>';
		buf_str(o->out, "(?:");
		return take_to_close(o);
	}
	return take_options(o);
}

/* \b, or \B if both sides must be the same. */
static void add_border(struct onig *o, bool same)
{
	struct buf word = { 0 };

	add_items(&word, ONIG_OUTER_WORD, o->recent);
	buf_printf(o->out, "(?:(?<=[%s])(?%s[%s])|(?<![%s])(?%s[%s]))", word.p,
		same ? "=" : "!", word.p, word.p, same ? "!" : "=", word.p);
	buf_free(&word);
}

static bool take_outer_escape(struct onig *o)
{
	struct class c = { .recent = o->recent };
	struct set s;

	if (strchr("AzZR", *o->p) && *o->p) {
		buf_printf(o->out, "\\%c", *o->p++);
		return true;
	}
	if (*o->p == 'b' || *o->p == 'B') {
		add_border(o, *o->p++ == 'B');
		return true;
	}
	if (!take_escape(o, &s))
		return false;
	if (!s.items) {
		if (o->icase && s.c >= 128)
			return refuse(o, "a character beyond ASCII under (?i)");
		add_char(o->out, s.c);
		return true;
	}
	if (!strcmp(s.items, ONIG_WORD))
		s.items = ONIG_OUTER_WORD;
	buf_str(&c.items, "");
	add_set(&c, &s);
	write_class(&c, false, o->out);
	class_free(&c);
	return true;
}

/* Under (?i), Oniguruma matches ss with U+00DF, and a few others. */
static bool take_literal(struct onig *o)
{
	static const char *const joined[] = { "ss", "st", "ff", "fi", "fl" };
	uint32_t c = take_char(o), before = o->before;
	size_t i;

	o->before = 0;
	add_char(o->out, c);
	if (!o->icase)
		return true;
	if (c >= 128)
		return refuse(o, "a character beyond ASCII under (?i)");
	c |= ascii_letter((char)c) ? 32 : 0;
	for (i = 0; i < sizeof joined / sizeof *joined; i++)
		if (before == (uint32_t)joined[i][0] &&
			c == (uint32_t)joined[i][1])
			return refuse(o, "ss, st, ff, fi or fl under (?i)");
	o->before = c;
	return true;
}

/* {n}, {n,}, {,m}, {n,m} at p: its length, and its bounds (-1: none); 0 if it is
 * not an interval, so that { is a literal. */
static size_t find_interval(const char *p, long *from, long *to)
{
	int n = 0;

	*from = *to = -1;
	if (sscanf(p, "{%5ld}%n", from, &n) == 1 && n) {
		*to = *from;
		return (size_t)n;
	}
	if (sscanf(p, "{%5ld,%5ld}%n", from, to, &n) == 2 && n)
		return (size_t)n;
	if (sscanf(p, "{%5ld,}%n", from, &n) == 1 && n) {
		*to = -1;
		return (size_t)n;
	}
	if (sscanf(p, "{,%5ld}%n", to, &n) == 1 && n) {
		*from = 0;
		return (size_t)n;
	}
	return 0;
}

static bool take_atom(struct onig *o)
{
	char c = *o->p;
	long from, to;

	if (find_interval(o->p, &from, &to))
		return refuse(o, "a repetition of nothing");
	if (!strchr("([\\.^$*+?", c))
		return take_literal(o);
	o->before = 0;
	o->p++;
	switch (c) {
	case '(':
		return take_group(o);
	case '[':
		return take_class(o, o->out);
	case '\\':
		return take_outer_escape(o);
	case '.':
		buf_str(o->out, o->dotall ? "(?s:.)" : "[^\\n]");
		return true;
	case '^':
	case '$':
		buf_printf(o->out, "(?m:%c)", c);
		return true;
	default:
		o->p--;
		return refuse(o, "a repetition of nothing");
	}
}

static bool take_interval(struct onig *o, size_t n, long from, long to)
{
	if (from < 0 || (to >= 0 && to < from) || from > 60000 || to > 60000 ||
		memchr(o->p, ' ', n) || memchr(o->p, '+', n))
		return refuse(o, "this repetition");
	o->p += n;
	if (to < 0)
		buf_printf(o->out, "{%ld,}", from);
	else
		buf_printf(o->out, "{%ld,%ld}", from, to);
	if (*o->p == '?' && from == to)
		return refuse(o, "{n}?");
	if (*o->p == '?') {
		o->p++;
		buf_putc(o->out, '?');
	}
	return true;
}

/* The quantifiers after what was written from `at` on. A second one repeats the
 * first, including {n,m}+. */
static bool take_repeats(struct onig *o, size_t at)
{
	bool first = true;
	long from, to;
	size_t n;

	while (*o->p && (strchr("*+?", *o->p) ||
			find_interval(o->p, &from, &to))) {
		if (!first) {
			insert(o->out, at, "(?:");
			buf_putc(o->out, ')');
		}
		first = false;
		o->before = 0;
		n = find_interval(o->p, &from, &to);
		if (n) {
			if (!take_interval(o, n, from, to))
				return false;
			continue;
		}
		buf_putc(o->out, *o->p++);
		if (*o->p == '?' || *o->p == '+')
			buf_putc(o->out, *o->p++);
	}
	return true;
}

/* Skips comments, and blanks under (?x). */
static bool skip_nothing(struct onig *o)
{
	for (;;) {
		if (starts(o, "(?#")) {
			while (*o->p && *o->p != ')')
				o->p++;
			if (!*o->p)
				return refuse(o, "a comment without its )");
			o->p++;
		} else if (o->extended && *o->p == '#') {
			while (*o->p && *o->p != '\n')
				o->p++;
		} else if (o->extended && ascii_space(*o->p)) {
			o->p++;
		} else {
			return true;
		}
	}
}

static bool take_alternatives(struct onig *o)
{
	o->before = 0;
	for (;;) {
		size_t at = o->out->n;

		if (!skip_nothing(o))
			return false;
		if (!*o->p || *o->p == ')')
			return true;
		if (*o->p == '|') {
			o->before = 0;
			o->p++;
			buf_putc(o->out, '|');
			continue;
		}
		if (!take_atom(o) || !skip_nothing(o) || !take_repeats(o, at))
			return false;
	}
}

bool onig_is_recent(uint32_t c)
{
	size_t low = 0;
	size_t high = sizeof onig_recent_ranges / sizeof *onig_recent_ranges;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c > onig_recent_ranges[mid][1])
			low = mid + 1;
		else if (c < onig_recent_ranges[mid][0])
			high = mid;
		else
			return true;
	}
	return false;
}

bool onig_translate(const char *pattern, bool recent, struct buf *out,
	struct onig_error *e)
{
	struct onig o = { .start = pattern, .p = pattern, .out = out,
		.recent = recent };
	bool good;

	buf_str(out, "");
	good = take_alternatives(&o) &&
		(!*o.p || refuse(&o, "a ) without its ("));
	*e = o.error;
	return good;
}
