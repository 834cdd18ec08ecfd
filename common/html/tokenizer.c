/* tokenizer.c - splits a page into tokens: see tokenizer.h
 *
 * Where the standard processes one character at a time, this processes runs: a
 * run that needs no decoding becomes a slice of the page.
 */
#include "common/html/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "common/base/ascii.h"
#include "common/base/mem.h"

#define FFFD "\xef\xbf\xbd"

enum { SPACE = 1, SLASH = 2, GT = 4, NUL = 8, UPPER = 16, EQUAL = 32,
	AMP = 64 };

static const unsigned char class[256] = {
	['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE,
	[' '] = SPACE, ['/'] = SLASH, ['>'] = GT, [0] = NUL, ['='] = EQUAL,
	['&'] = AMP,
	['A'] = UPPER, ['B'] = UPPER, ['C'] = UPPER, ['D'] = UPPER,
	['E'] = UPPER, ['F'] = UPPER, ['G'] = UPPER, ['H'] = UPPER,
	['I'] = UPPER, ['J'] = UPPER, ['K'] = UPPER, ['L'] = UPPER,
	['M'] = UPPER, ['N'] = UPPER, ['O'] = UPPER, ['P'] = UPPER,
	['Q'] = UPPER, ['R'] = UPPER, ['S'] = UPPER, ['T'] = UPPER,
	['U'] = UPPER, ['V'] = UPPER, ['W'] = UPPER, ['X'] = UPPER,
	['Y'] = UPPER, ['Z'] = UPPER,
};

static unsigned class_of(char c)
{
	return class[(unsigned char)c];
}

/* The first a, b or NUL at or after s. */
static char *find2(char *s, char a, char b)
{
#ifdef __SSE2__
	const __m128i va = _mm_set1_epi8(a), vb = _mm_set1_epi8(b);

	for (;; s += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)s);
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, va),
			_mm_or_si128(_mm_cmpeq_epi8(v, vb),
				_mm_cmpeq_epi8(v, _mm_setzero_si128())));
		int bits = _mm_movemask_epi8(hit);

		if (bits)
			return s + __builtin_ctz((unsigned)bits);
	}
#else
	while (*s != a && *s != b && *s)
		s++;
	return s;
#endif
}

static char *find_byte(char *s, char *end, char c)
{
	char *p = memchr(s, c, (size_t)(end - s));

	return p ? p : end;
}

/* ---- decoding ---- */

enum { REFERENCES = 1, IN_ATTR = 2 };

/* Copies s[0..n) to the arena, replacing NUL by U+FFFD and, if asked, character
 * references by what they stand for; returns the copy and sets *len. No
 * reference grows by more than a fifth (`&nGt;`). */
static char *decode(struct html_tokenizer *t, const char *s, size_t n,
	int how, uint32_t *len)
{
	size_t room = memchr(s, 0, n) ? 3 * n : n + n / 4;
	char *out = arena_alloc(t->arena, room + 8), *o = out;
	const char *end = s + n;

	while (s < end) {
		size_t used = 0, k;

		if (*s == '&' && how & REFERENCES)
			used = html_reference(s + 1, (size_t)(end - s - 1),
				how & IN_ATTR, o, &k);
		if (used) {
			o += k;
			s += used + 1;
		} else if (!*s) {
			memcpy(o, FFFD, 3);
			o += 3;
			s++;
		} else
			*o++ = *s++;
	}
	*len = (uint32_t)(o - out);
	return out;
}

/* The text token s[0..n), n > 0; decoded if necessary. */
static void text_token(struct html_tokenizer *t, struct html_token *tok, char *s,
	size_t n, int how)
{
	tok->type = TOKEN_TEXT;
	tok->text = s;
	tok->n = (uint32_t)n;
	if (memchr(s, 0, n) || (how & REFERENCES && memchr(s, '&', n)))
		tok->text = decode(t, s, n, how, &tok->n);
}

/* ---- tags ---- */

/* s[0..n) in lower case with NUL as U+FFFD, in b; *len becomes its length. */
static const char *lower_name(struct buf *b, const char *s, size_t n,
	size_t *len)
{
	size_t i;

	buf_reset(b);
	for (i = 0; i < n; i++) {
		if (!s[i])
			buf_str(b, FFFD);
		else
			buf_putc(b, class_of(s[i]) & UPPER ? s[i] | 32 : s[i]);
	}
	*len = b->n;
	buf_room(b, 8);		/* html_tag_find may read them */
	return b->p;
}

/* Reads a name from its first letter on. False at the end of the page. */
static bool tag_name(struct html_tokenizer *t, struct html_token *tok)
{
	char *s = t->p, *p = s;
	unsigned seen = 0, c;
	size_t n;

	for (;; p++) {
		c = class_of(*p);
		if (c & (SPACE | SLASH | GT) || (c & NUL && p == t->end))
			break;
		seen |= c;
	}
	t->p = p;
	tok->name = s;
	n = (size_t)(p - s);
	if (seen & (UPPER | NUL))
		tok->name = lower_name(&t->tag_name, s, n, &n);
	tok->nname = (uint32_t)n;
	tok->tag = html_tag_find(tok->name, n);
	if (tok->tag)
		tok->name = html_tag_names[tok->tag];
	return p < t->end;
}

/* Whether the tag already has an attribute of that name. Very long lists use a
 * map, to avoid quadratic time. */
static bool repeated(struct html_tokenizer *t, const char *name, size_t n,
	enum attr_id id)
{
	bool is_new = true;
	size_t i;

	if (t->nattr < 64) {
		for (i = 0; i < t->nattr; i++)
			if (t->attrs[i].id == id &&
			    (id || strcmp(t->attrs[i].name, name) == 0))
				return true;
		return false;
	}
	if (!t->seen.n)
		for (i = 0; i < 64; i++)
			map_put(&t->seen, t->attrs[i].name,
				strlen(t->attrs[i].name), NULL);
	map_put(&t->seen, name, n, &is_new);
	return !is_new;
}

/* Reads a name at t->p into *id and *name. An unknown name is copied, since
 * elements keep it. */
static bool attr_name(struct html_tokenizer *t, enum attr_id *id,
	const char **name, size_t *n)
{
	char *s = t->p, *p = s;
	unsigned seen = 0, c;

	if (*p == '=')
		p++;
	for (;; p++) {
		c = class_of(*p);
		if (c & (SPACE | SLASH | GT | EQUAL) ||
		    (c & NUL && p == t->end))
			break;
		seen |= c;
	}
	t->p = p;
	*name = s;
	*n = (size_t)(p - s);
	if (seen & (UPPER | NUL))
		*name = lower_name(&t->attr_name, s, *n, n);
	*id = html_attr_find(*name, *n);
	*name = *id ? html_attr_names[*id] :
		arena_strndup(t->arena, *name, *n);
	return p < t->end;
}

/* False at the end of the page. */
static bool skip_space(struct html_tokenizer *t)
{
	while (class_of(*t->p) & SPACE)
		t->p++;
	return t->p < t->end;
}

static void set_value(struct html_tokenizer *t, struct attr *attr, char *s,
	char *e, bool plain)
{
	attr->value = s;
	attr->n = (uint32_t)(e - s);
	if (!plain)
		attr->value = decode(t, s, (size_t)(e - s),
			REFERENCES | IN_ATTR, &attr->n);
}

/* A quoted value; t->p is on the opening quote. */
static bool quoted_value(struct html_tokenizer *t, struct attr *attr)
{
	char quote = *t->p++;
	char *s = t->p, *p = find2(s, quote, '&');
	bool plain = *p == quote;

	if (!plain)
		p = find_byte(p, t->end, quote);
	if (p == t->end)
		return false;
	set_value(t, attr, s, p, plain);
	t->p = p + 1;
	return true;
}

static bool bare_value(struct html_tokenizer *t, struct attr *attr)
{
	char *s = t->p, *p = s;
	unsigned seen = 0, c;

	for (;; p++) {
		c = class_of(*p);
		if (c & (SPACE | GT) || (c & NUL && p == t->end))
			break;
		seen |= c;
	}
	if (p == t->end)
		return false;
	set_value(t, attr, s, p, !(seen & (AMP | NUL)));
	t->p = p;
	return true;
}

/* The optional "=" and value after a name. */
static bool attr_value(struct html_tokenizer *t, struct attr *attr)
{
	attr->value = "";
	attr->n = 0;
	if (!skip_space(t))
		return false;
	if (*t->p != '=')
		return true;
	t->p++;
	if (!skip_space(t))
		return false;
	if (*t->p == '>')
		return true;
	if (*t->p == '"' || *t->p == '\'')
		return quoted_value(t, attr);
	return bare_value(t, attr);
}

/* One attribute; a duplicate is dropped. */
static bool attribute(struct html_tokenizer *t)
{
	struct attr attr = { 0 };
	enum attr_id id;
	const char *name;
	size_t n;
	bool again;

	if (!attr_name(t, &id, &name, &n))
		return false;
	again = repeated(t, name, n, id);
	if (!attr_value(t, &attr))
		return false;
	if (again)
		return true;
	attr.name = name;
	attr.id = (uint16_t)id;
	t->attrs = grow(t->attrs, t->nattr, &t->cap, sizeof *t->attrs);
	t->attrs[t->nattr++] = attr;
	return true;
}

/* Everything between the name of a tag and its '>'. */
static bool attributes(struct html_tokenizer *t, struct html_token *tok)
{
	t->nattr = 0;
	if (t->seen.n)
		map_free(&t->seen);
	for (;;) {
		if (!skip_space(t))
			return false;
		if (*t->p == '>')
			break;
		if (*t->p == '/') {
			tok->self_closing = *++t->p == '>';
			continue;
		}
		if (!attribute(t))
			return false;
	}
	t->p++;
	tok->attrs = t->attrs;
	tok->nattr = (uint32_t)t->nattr;
	return true;
}

/* t->p is on the first letter. A tag cut off by the end of the page is dropped. */
static bool tag_token(struct html_tokenizer *t, struct html_token *tok,
	enum token_type type)
{
	tok->type = type;
	tok->self_closing = false;
	if (!tag_name(t, tok) || !attributes(t, tok)) {
		t->p = t->end;
		return false;
	}
	if (type == TOKEN_START)
		t->last_start = tok->tag;
	return true;
}

/* ---- comments and other markup that starts with "<!" or "<?" ---- */

static void comment_token(struct html_tokenizer *t, struct html_token *tok, char *s,
	char *e)
{
	tok->type = TOKEN_COMMENT;
	tok->text = s;
	tok->n = (uint32_t)(e - s);
	if (memchr(s, 0, tok->n))
		tok->text = decode(t, s, tok->n, 0, &tok->n);
}

static bool bogus_comment(struct html_tokenizer *t, struct html_token *tok)
{
	char *e = find_byte(t->p, t->end, '>');

	comment_token(t, tok, t->p, e);
	t->p = e < t->end ? e + 1 : e;
	return true;
}

static bool ends_with(const char *s, const char *e, const char *what, size_t n)
{
	return (size_t)(e - s) >= n && memcmp(e - n, what, n) == 0;
}

/* t->p is after "<!--". */
static bool comment(struct html_tokenizer *t, struct html_token *tok)
{
	char *s = t->p, *p = s, *e;

	if (s[0] == '>' || (s[0] == '-' && s[1] == '>')) {
		t->p += s[0] == '>' ? 1 : 2;
		comment_token(t, tok, s, s);
		return true;
	}
	for (;; p++) {
		e = p = find_byte(p, t->end, '>');
		if (ends_with(s, p, "--!", 3))
			e = p - 3;
		else if (ends_with(s, p, "--", 2))
			e = p - 2;
		else if (p == t->end && ends_with(s, p, "-", 1))
			e = p - 1;
		if (e < p || p == t->end)
			break;
	}
	comment_token(t, tok, s, e);
	t->p = p < t->end ? p + 1 : p;
	return true;
}

static bool starts_nocase(const char *s, const char *word)
{
	for (; *word; s++, word++)
		if ((ascii_letter(*s) ? *s | 32 : *s) != *word)
			return false;
	return true;
}

/* t->p is after "<!". */
static bool declaration(struct html_tokenizer *t, struct html_token *tok)
{
	if (t->p[0] == '-' && t->p[1] == '-') {
		t->p += 2;
		return comment(t, tok);
	}
	if (starts_nocase(t->p, "doctype")) {
		t->p += 7;
		html_doctype(t, tok);
		return true;
	}
	if (t->foreign && strncmp(t->p, "[CDATA[", 7) == 0) {
		t->p += 7;
		t->state = HTML_CDATA;
		return false;
	}
	return bogus_comment(t, tok);
}

/* ---- the states ---- */

/* t->p is on a '<' that starts markup; false when it gives no token. */
static bool markup(struct html_tokenizer *t, struct html_token *tok)
{
	char c = *++t->p;

	if (ascii_letter(c))
		return tag_token(t, tok, TOKEN_START);
	if (c == '!') {
		t->p++;
		return declaration(t, tok);
	}
	if (c == '?')
		return bogus_comment(t, tok);
	c = *++t->p;
	if (ascii_letter(c))
		return tag_token(t, tok, TOKEN_END);
	if (c == '>') {
		t->p++;
		return false;
	}
	return bogus_comment(t, tok);
}

static bool begins_markup(const struct html_tokenizer *t, const char *p)
{
	char c = p[1];

	return ascii_letter(c) || c == '!' || c == '?' ||
		(c == '/' && p + 2 < t->end);
}

static void nul_token(struct html_tokenizer *t, struct html_token *tok)
{
	tok->type = TOKEN_NUL;
	for (tok->n = 0; t->p < t->end && !*t->p; t->p++)
		tok->n++;
}

static bool data(struct html_tokenizer *t, struct html_token *tok)
{
	char *s = t->p, *p = s;
	bool plain = true;

	while (*p == '<' || *(p = find2(p, '<', '&')) != 0) {
		if (*p == '<' && begins_markup(t, p))
			break;
		if (*p == '&')
			plain = false;
		p++;
	}
	t->p = p;
	if (p > s) {
		tok->type = TOKEN_TEXT;
		tok->text = s;
		tok->n = (uint32_t)(p - s);
		if (!plain)
			tok->text = decode(t, s, tok->n, REFERENCES, &tok->n);
		return true;
	}
	if (!*p) {
		nul_token(t, tok);
		return true;
	}
	return markup(t, tok);
}

static bool cdata(struct html_tokenizer *t, struct html_token *tok)
{
	char *s = t->p, *p = s;

	if (!*s) {
		nul_token(t, tok);
		return true;
	}
	for (; *(p = find2(p, ']', ']')) != 0; p++)
		if (p[1] == ']' && p[2] == '>')
			break;
	t->p = p;
	if (*p == ']') {
		t->p += 3;
		t->state = HTML_DATA;
	}
	if (p > s)
		text_token(t, tok, s, (size_t)(p - s), 0);
	return p > s;
}

/* Whether "</", the name of the last start tag and a character that ends a name
 * are at p. */
static bool closes(const struct html_tokenizer *t, const char *p)
{
	const char *name = html_tag_names[t->last_start];

	if (p[1] != '/' || !*name || !starts_nocase(p + 2, name))
		return false;
	return class_of(p[2 + strlen(name)]) & (SPACE | SLASH | GT);
}

/* The '<' of the tag that ends RCDATA or RAWTEXT, or the end of the page. */
static char *raw_end(const struct html_tokenizer *t, char *p)
{
	for (;; p++) {
		p = find_byte(p, t->end, '<');
		if (p == t->end || closes(t, p))
			return p;
	}
}

/* Whether "script" and a character that ends a name are at p. */
static bool is_script(const char *p)
{
	return starts_nocase(p, "script") &&
		class_of(p[6]) & (SPACE | SLASH | GT);
}

/* The same for script data, where "<!--" starts the escaped states, and
 * "<script" within them the double escaped ones. */
static char *script_end(const struct html_tokenizer *t, char *p)
{
	enum { PLAIN, ESCAPED, DOUBLE } state = PLAIN;

	for (; p < t->end; p++) {
		if (state == PLAIN)
			p = find_byte(p, t->end, '<');
		else
			while (*p != '<' && *p != '>' && p < t->end)
				p++;
		if (p == t->end)
			break;
		if (*p == '>') {
			if (p[-1] == '-' && p[-2] == '-')
				state = PLAIN;
		} else if (state == DOUBLE) {
			if (p[1] == '/' && is_script(p + 2))
				state = ESCAPED;
		} else if (closes(t, p)) {
			break;
		} else if (state == ESCAPED) {
			if (is_script(p + 1))
				state = DOUBLE;
		} else if (strncmp(p, "<!--", 4) == 0) {
			state = ESCAPED;
			p += 3;
		}
	}
	return p;
}

/* RCDATA, RAWTEXT, script data and PLAINTEXT: text up to the tag that ends it.
 * That tag is then read in the data state; the tree builder or the token
 * itself switches the state. */
static bool raw(struct html_tokenizer *t, struct html_token *tok)
{
	char *s = t->p, *e = t->end;

	if (t->state == HTML_SCRIPT)
		e = script_end(t, s);
	else if (t->state != HTML_PLAINTEXT)
		e = raw_end(t, s);
	t->p = e;
	if (e > s) {
		text_token(t, tok, s, (size_t)(e - s),
			t->state == HTML_RCDATA ? REFERENCES : 0);
		return true;
	}
	t->p += 2;
	t->state = HTML_DATA;
	return tag_token(t, tok, TOKEN_END);
}

void html_next(struct html_tokenizer *t, struct html_token *tok)
{
	bool found = false;

	while (!found) {
		if (t->p >= t->end) {
			tok->type = TOKEN_EOF;
			return;
		}
		if (t->state == HTML_DATA)
			found = data(t, tok);
		else if (t->state == HTML_CDATA)
			found = cdata(t, tok);
		else
			found = raw(t, tok);
	}
}

void html_tokenizer_free(struct html_tokenizer *t)
{
	free(t->attrs);
	map_free(&t->seen);
	buf_free(&t->tag_name);
	buf_free(&t->attr_name);
}
