/* jinja_lex.c - splits a template into tokens: see jinja_node.h
 *
 * Also removes white space around tags, by Jinja's rules with trim_blocks and
 * lstrip_blocks: `-` removes all of it; a newline right after a block or
 * comment is removed, and so are blanks before one that is first on its line,
 * unless there is a `+`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/token/jinja_node.h"

struct lexer {
	struct jinja_heap *h;
	const char *p;
	size_t n, at;
	bool line_start;	/* the previous token ended a line */
	struct jinja_tokens *out;
};

static void add(struct lexer *l, enum jinja_token_type type, const char *p,
	size_t n)
{
	struct jinja_tokens *o = l->out;

	if (o->n == o->cap) {
		size_t cap = o->cap ? 2 * o->cap : 64;
		struct jinja_token *v = jinja_alloc(l->h, cap * sizeof *v);

		if (o->n)
			memcpy(v, o->v, o->n * sizeof *v);
		o->v = v;
		o->cap = cap;
	}
	o->v[o->n++] = (struct jinja_token){ .type = type,
		.line = l->h->line, .text = { p, NULL, n } };
}

/* Advances to `to`, counting lines. */
static void go(struct lexer *l, size_t to)
{
	for (; l->at < to; l->at++)
		l->h->line += l->p[l->at] == '\n';
}

static bool is_at(const struct lexer *l, size_t at, const char *s)
{
	size_t n = strlen(s);

	return at + n <= l->n && !memcmp(l->p + at, s, n);
}

static size_t skip_space(const struct lexer *l, size_t at)
{
	while (at < l->n && ascii_space(l->p[at]))
		at++;
	return at;
}

/* ---- text ---- */

/* The end of the text from..tag that precedes the tag at `tag`. */
static size_t text_end(const struct lexer *l, size_t from, size_t tag)
{
	char sign = tag + 2 < l->n ? l->p[tag + 2] : 0;
	size_t i = tag;

	if (sign == '-') {
		while (i > from && ascii_space(l->p[i - 1]))
			i--;
		return i;
	}
	if (sign == '+' || l->p[tag + 1] == '{')
		return tag;
	while (i > from && ascii_space(l->p[i - 1]) && l->p[i - 1] != '\n')
		i--;
	return i > from || l->line_start ?
		(i == from || l->p[i - 1] == '\n' ? i : tag) : tag;
}

static void add_text(struct lexer *l, size_t from, size_t to)
{
	if (to > from)
		add(l, JT_TEXT, l->p + from, to - from);
}

/* The position after the "%}" or "#}" at `at`; sign is the one before it. */
static size_t behind(const struct lexer *l, size_t at, char sign)
{
	at += 2;
	if (sign == '-')
		return skip_space(l, at);
	if (sign != '+' && at < l->n && l->p[at] == '\n')
		at++;
	return at;
}

static void end_tag(struct lexer *l, size_t to)
{
	go(l, to);
	l->line_start = l->p[to - 1] == '\n';
}

/* "{%" [-+] NAME [-+]? "%}" at `at`: sets *end to the position after "%}",
 * without trimming, and *sign to the sign before it. */
static bool is_tag(const struct lexer *l, size_t at, const char *name,
	size_t *end, char *sign)
{
	if (!is_at(l, at, "{%"))
		return false;
	at += 2;
	if (at < l->n && (l->p[at] == '-' || l->p[at] == '+'))
		at++;
	at = skip_space(l, at);
	if (!is_at(l, at, name))
		return false;
	at = skip_space(l, at + strlen(name));
	*sign = at < l->n ? l->p[at] : 0;
	if (*sign == '-' || *sign == '+')
		at++;
	*end = at + 2;
	return is_at(l, at, "%}");
}

static void lex_raw(struct lexer *l, size_t end, char sign)
{
	size_t from = sign == '-' ? skip_space(l, end) : end, i;

	end_tag(l, from);
	for (i = from; i < l->n; i++) {
		if (l->p[i] != '{' || !is_tag(l, i, "endraw", &end, &sign))
			continue;
		add_text(l, from, text_end(l, from, i));
		end_tag(l, behind(l, end - 2, sign));
		return;
	}
	jinja_fail(l->h, "{%% raw %%} without {%% endraw %%}");
}

static void lex_comment(struct lexer *l)
{
	size_t i;

	for (i = l->at + 2; i + 1 < l->n; i++)
		if (is_at(l, i, "#}")) {
			end_tag(l, behind(l, i, l->p[i - 1]));
			return;
		}
	jinja_fail(l->h, "unterminated comment: #} is missing");
}

/* ---- inside tags ---- */

/* \xHH, \uHHHH, \UHHHHHHHH: the value of the n digits at s. */
static uint32_t hex_escape(struct lexer *l, const char *s, const char *end,
	int n)
{
	uint32_t c = 0;

	while (n--) {
		int digit = s < end ? ascii_hex(*s++) : -1;

		if (digit < 0)
			jinja_fail(l->h, "an escape sequence in a string lacks "
				"hexadecimal digits");
		c = c << 4 | (uint32_t)digit;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		jinja_fail(l->h, "an escape sequence in a string is not a "
			"character");
	return c;
}

/* The escape sequence whose backslash is before s; returns its end. */
static const char *escape(struct lexer *l, struct jv_buf *b, const char *s,
	const char *end)
{
	static const char from[] = "ntrabfv\\'\"", to[] = "\n\t\r\a\b\f\v\\'\"";
	const char *known = *s ? strchr(from, *s) : NULL;
	int digits = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0, n = 0;
	uint32_t c = 0;
	char text[4];

	if (known) {
		jv_put(b, to + (known - from), 1, 0);
		return s + 1;
	}
	if (*s == '\n')
		return s + 1;
	if (*s == 'N')
		jinja_fail(l->h, "\\N{...} in a string is not supported");
	if (digits) {
		c = hex_escape(l, s + 1, end, digits);
		jv_put(b, text, (size_t)utf8_encode(text, c), 0);
		return s + 1 + digits;
	}
	for (; n < 3 && s + n < end && s[n] >= '0' && s[n] < '8'; n++)
		c = 8 * c + (uint32_t)(s[n] - '0');
	if (n)
		jv_put(b, text, (size_t)utf8_encode(text, c), 0);
	else
		jv_put(b, "\\", 1, 0);
	return s + n;
}

static void lex_string(struct lexer *l)
{
	char quote = l->p[l->at];
	const char *s = l->p + l->at + 1, *end = s, *stop = l->p + l->n;
	struct jv_buf b = { .heap = l->h };
	struct jv_string text;

	while (end < stop && *end != quote)
		end += *end == '\\' ? 2 : 1;
	if (end >= stop)
		jinja_fail(l->h, "unterminated string");
	while (s < end) {
		const char *back = memchr(s, '\\', (size_t)(end - s));

		jv_put(&b, s, (size_t)((back ? back : end) - s), 0);
		s = back ? escape(l, &b, back + 1, end) : end;
	}
	text = jv_taken(&b);
	add(l, JT_STRING, text.p, text.n);
	go(l, (size_t)(end - l->p) + 1);
}

static bool name_byte(char c)
{
	return ascii_alnum(c) || c == '_' || (unsigned char)c >= 128;
}

/* Copies the number without '_' to digits[64]; only base 10 may be a float. */
static size_t number_end(struct lexer *l, bool *real)
{
	const char *p = l->p;
	size_t i = l->at;

	*real = false;
	while (i < l->n && (ascii_digit(p[i]) || p[i] == '_'))
		i++;
	if (l->at && p[l->at - 1] == '.')
		return i;
	if (i + 1 < l->n && p[i] == '.' && ascii_digit(p[i + 1])) {
		*real = true;
		for (i++; i < l->n && (ascii_digit(p[i]) || p[i] == '_');)
			i++;
	}
	if (i + 1 < l->n && (p[i] | 32) == 'e' && (ascii_digit(p[i + 1]) ||
			(i + 2 < l->n && strchr("+-", p[i + 1]) &&
			ascii_digit(p[i + 2])))) {
		*real = true;
		for (i += 2; i < l->n && ascii_digit(p[i]);)
			i++;
	}
	return i;
}

static void lex_number(struct lexer *l)
{
	char digits[64];
	size_t i, n = 0, end;
	bool real;

	end = number_end(l, &real);
	if (end < l->n && name_byte(l->p[end]))
		jinja_fail(l->h, "a number that is not decimal, or a name "
			"that starts with a digit");
	for (i = l->at; i < end && n < sizeof digits - 1; i++)
		if (l->p[i] != '_')
			digits[n++] = l->p[i];
	digits[n] = 0;
	errno = 0;
	add(l, real ? JT_FLOAT : JT_INT, l->p + l->at, end - l->at);
	l->out->v[l->out->n - 1].i = strtoll(digits, NULL, 10);
	if (n == sizeof digits - 1 || (!real && errno))
		jinja_fail(l->h, "a number has too many digits");
	l->out->v[l->out->n - 1].d = strtod(digits, NULL);
	l->at = end;
}

/* Takes two characters where two form an operator. */
static void lex_operator(struct lexer *l)
{
	static const char *const two[] = { "==", "!=", ">=", "<=", "//", "**" };
	size_t i, n = 1;

	for (i = 0; i < sizeof two / sizeof *two; i++)
		if (is_at(l, l->at, two[i]))
			n = 2;
	if (n == 1 && (!l->p[l->at] || !strchr("+-/*%~[](){}><=.:|,;",
			l->p[l->at])))
		jinja_fail(l->h, "unexpected character '%c'",
			l->p[l->at]);
	add(l, JT_OP, l->p + l->at, n);
	l->at += n;
}

/* The end of a tag at the current position: "}}" or "%}" with a sign. */
static bool lex_end(struct lexer *l, bool print)
{
	char sign = l->p[l->at];
	bool signed_ = sign == '-' || (sign == '+' && !print);
	size_t at = l->at + signed_;

	if (!is_at(l, at, print ? "}}" : "%}"))
		return false;
	add(l, print ? JT_PRINT_END : JT_BLOCK_END, l->p + l->at, 0);
	if (!print)
		end_tag(l, behind(l, at, signed_ ? sign : 0));
	else
		end_tag(l, signed_ ? skip_space(l, at + 2) : at + 2);
	return true;
}

static void lex_tag(struct lexer *l, bool print)
{
	size_t open = 0, begin = l->at;

	add(l, print ? JT_PRINT : JT_BLOCK, l->p + l->at, 0);
	l->at += 2;
	if (l->at < l->n && (l->p[l->at] == '-' || (l->p[l->at] == '+')))
		l->at++;
	while (l->at < l->n) {
		char c = l->p[l->at];

		if (ascii_space(c)) {
			go(l, l->at + 1);
		} else if (!open && lex_end(l, print)) {
			return;
		} else if (c == '"' || c == '\'') {
			lex_string(l);
		} else if (ascii_digit(c)) {
			lex_number(l);
		} else if (name_byte(c)) {
			for (begin = l->at; l->at < l->n &&
					name_byte(l->p[l->at]);)
				l->at++;
			add(l, JT_NAME, l->p + begin, l->at - begin);
		} else {
			open += strchr("([{", c) != NULL && c;
			open -= open && strchr(")]}", c) != NULL && c;
			lex_operator(l);
		}
	}
	jinja_fail(l->h, "unterminated tag: %s is missing", print ? "}}" : "%}");
}

/* ---- the whole template ---- */

static size_t next_tag(const struct lexer *l)
{
	size_t i;

	for (i = l->at; i + 1 < l->n; i++)
		if (l->p[i] == '{' && (l->p[i + 1] == '{' ||
				l->p[i + 1] == '%' || l->p[i + 1] == '#'))
			return i;
	return l->n;
}

/* Normalises newlines to \n and removes the last one. */
static size_t plain_newlines(char *to, const char *text, size_t n)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (text[i] == '\r' && i + 1 < n && text[i + 1] == '\n')
			continue;
		to[k++] = text[i];
		if (text[i] == '\r')
			to[k - 1] = '\n';
	}
	return k && to[k - 1] == '\n' ? k - 1 : k;
}

void jinja_lex(struct jinja_heap *h, const char *text, size_t n,
	struct jinja_tokens *out)
{
	char *copy = jinja_alloc(h, n + 1);
	struct lexer l = { .h = h, .p = copy, .line_start = true,
		.out = out };
	size_t end;
	char sign;

	l.n = plain_newlines(copy, text, n);
	h->line = 1;
	while (l.at < l.n) {
		size_t tag = next_tag(&l);
		bool found = tag < l.n;

		add_text(&l, l.at, found ? text_end(&l, l.at, tag) : tag);
		go(&l, tag);
		if (!found)
			break;
		if (is_tag(&l, tag, "raw", &end, &sign))
			lex_raw(&l, end, sign);
		else if (l.p[tag + 1] == '#')
			lex_comment(&l);
		else
			lex_tag(&l, l.p[tag + 1] == '{');
	}
	add(&l, JT_END, "", 0);
}
