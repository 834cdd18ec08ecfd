/* added.c - a trie of added tokens: see added.h */
#include "common/token/added.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"

struct added_node {
	uint32_t child, next;	/* first child, next sibling; 0: none */
	uint32_t token;		/* number + 1 of the token that ends here */
	unsigned char byte;
};

static uint32_t new_node(struct added_set *s, unsigned char byte, uint32_t next)
{
	s->nodes = grow(s->nodes, s->n, &s->cap, sizeof *s->nodes);
	s->nodes[s->n] = (struct added_node){ .byte = byte, .next = next };
	return (uint32_t)s->n++;
}

static uint32_t find_child(const struct added_set *s, uint32_t node,
	unsigned char byte)
{
	uint32_t i;

	for (i = s->nodes[node].child; i; i = s->nodes[i].next)
		if (s->nodes[i].byte == byte)
			return i;
	return 0;
}

void added_add(struct added_set *s, const struct added_token *t,
	const char *text, size_t len)
{
	uint32_t node, child;
	size_t i;

	if (!s->n)
		new_node(s, 0, 0);
	for (node = 0, i = 0; i < len; i++, node = child) {
		unsigned char byte = (unsigned char)text[i];

		child = find_child(s, node, byte);
		if (child)
			continue;
		child = new_node(s, byte, s->nodes[node].child);
		s->nodes[node].child = child;
		if (!node)
			s->root[byte] = child;
	}
	if (s->nodes[node].token)
		return;
	s->tokens = grow(s->tokens, s->ntoken, &s->tokens_cap,
		sizeof *s->tokens);
	s->tokens[s->ntoken++] = t;
	s->nodes[node].token = (uint32_t)s->ntoken;
	s->useful |= !t->special;
}

void added_free(struct added_set *s)
{
	free(s->nodes);
	free(s->tokens);
	*s = (struct added_set){ 0 };
}

/* The longest token at text[at], its end in *end; NULL when there is none. */
static const struct added_token *longest(const struct added_set *s,
	const char *text, size_t len, size_t at, size_t *end)
{
	uint32_t node = s->root[(unsigned char)text[at]];
	const struct added_token *found = NULL;

	while (node) {
		at++;
		if (s->nodes[node].token) {
			found = s->tokens[s->nodes[node].token - 1];
			*end = at;
		}
		node = at < len ? find_child(s, node,
			(unsigned char)text[at]) : 0;
	}
	return found;
}

/* ---- the context of a match ---- */

/* Alphabetic characters that unicode.h does not classify as letters or marks:
 * letter numbers, enclosed letters; and connector punctuation and joiners.
 * Together with letters, marks and digits they are \w in Rust's regex. */
static const uint32_t other_word[][2] = {
	{ '_', '_' }, { 0x16ee, 0x16f0 }, { 0x200c, 0x200d },
	{ 0x203f, 0x2040 }, { 0x2054, 0x2054 }, { 0x2160, 0x2182 },
	{ 0x2185, 0x2188 }, { 0x24b6, 0x24e9 }, { 0x3007, 0x3007 },
	{ 0x3021, 0x3029 }, { 0x3038, 0x303a }, { 0xa6e6, 0xa6ef },
	{ 0xfe33, 0xfe34 }, { 0xfe4d, 0xfe4f }, { 0xff3f, 0xff3f },
	{ 0x10140, 0x10174 }, { 0x10341, 0x10341 }, { 0x1034a, 0x1034a },
	{ 0x103d1, 0x103d5 }, { 0x12400, 0x1246e }, { 0x1f130, 0x1f149 },
	{ 0x1f150, 0x1f169 }, { 0x1f170, 0x1f189 },
};

static bool is_word(uint32_t c)
{
	size_t i;

	if (unicode_class(c) & (UNI_LETTER | UNI_MARK | UNI_DIGIT))
		return true;
	for (i = 0; i < sizeof other_word / sizeof *other_word; i++)
		if (c >= other_word[i][0] && c <= other_word[i][1])
			return true;
	return false;
}

/* The start of the character that ends at text[at], at > 0; *c is its value. */
static size_t char_before(const char *text, size_t at, uint32_t *c)
{
	size_t start = at - 1;
	bool valid;

	while (start && at - start < 4 &&
		((unsigned char)text[start] & 0xc0) == 0x80)
		start--;
	if (utf8_decode(text + start, at - start, c, &valid) ==
		(int)(at - start) && valid)
		return start;
	*c = 0xfffd;
	return at - 1;
}

static bool is_inside_word(const char *text, size_t len, size_t at, size_t end)
{
	uint32_t before = ' ', behind = ' ';

	if (at)
		char_before(text, at, &before);
	if (end < len)
		utf8_decode(text + end, len - end, &behind, NULL);
	return is_word(before) || is_word(behind);
}

static bool is_space(uint32_t c)
{
	return unicode_class(c) & UNI_SPACE;
}

/* Extends a match by the white space it takes, but not to before `from`. False:
 * the match is white space that the previous token has already taken. */
static bool strip(const char *text, size_t len, size_t from,
	struct added_match *m)
{
	uint32_t c;

	if (m->token->lstrip && m->at < from)
		m->at = from;

	while (m->token->lstrip && m->at > from) {
		size_t start = char_before(text, m->at, &c);

		if (start < from || !is_space(c))
			break;
		m->at = start;
	}
	while (m->token->rstrip && m->end < len) {
		size_t n = (size_t)utf8_decode(text + m->end, len - m->end,
			&c, NULL);

		if (!is_space(c))
			break;
		m->end += n;
	}
	return m->at < m->end;
}

bool added_next(const struct added_set *s, const char *text, size_t len,
	struct added_match *m)
{
	size_t from = m->end, at = m->scanned, end;
	const struct added_token *t;

	if (!s->useful)
		return false;
	while (at < len) {
		if (!s->root[(unsigned char)text[at]] ||
			!(t = longest(s, text, len, at, &end))) {
			at++;
			continue;
		}
		m->scanned = end;
		if (!t->special && (!t->single_word ||
				!is_inside_word(text, len, at, end))) {
			m->token = t;
			m->at = at;
			m->end = end;
			if (strip(text, len, from, m))
				return true;
			m->end = from;
		}
		at = end;
	}
	m->scanned = len;
	return false;
}
