/* constraint.c - what the text of an answer must look like: see constraint.h
 *
 * A regular expression is matched anew with each text that is tried; what a
 * schema allows is known from its automaton.
 */
#include "common/sample/constraint.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/format/json_match.h"
#include "common/format/regex.h"
#include "common/token/encode.h"

struct constraint {
	struct schema *schema;	/* or: */
	struct regex *regex;
	bool ascii;		/* matches nothing beyond ASCII */
	struct ids named;	/* characters beyond it that it names */
};

/* Whether a text may go on with a byte. */
enum known { UNKNOWN, POSSIBLE, IMPOSSIBLE };

struct constraint_state {
	const struct constraint *c;
	unsigned char next[256];	/* enum known, of each next byte */
	struct json_match *match;	/* of a schema */

	/* Of a regular expression: the text, and the bytes at its end that are
	 * an incomplete character. */
	struct buf text;
	size_t partial;
	size_t abandoned;	/* matches that took too many steps, since the
				 * last byte was taken */
};

/* From then on, nothing is tried: a pattern with catastrophic backtracking must
 * not take minutes for each token. */
#define MAX_ABANDONED 32

/* The length of what a backslash begins, if it is a control character, an
 * assertion or a character itself; otherwise 0. */
static size_t plain_escape(const char *p)
{
	return p[1] && (ispunct((unsigned char)p[1]) ||
		strchr("aefnrtbBAzZ", p[1])) ? 2 : 0;
}

/* Whether a pattern certainly matches ASCII only: it has none of the constructs
 * that might match more, such as dots, \w, [^...], (?i). */
static bool is_ascii(const char *p)
{
	bool in_class = false;
	size_t n;

	for (; *p; p += n) {
		n = 1;
		if ((unsigned char)*p >= 0x80 || (*p == '.' && !in_class) ||
			!strncmp(p, "[^", 2) || !strncmp(p, "[:", 2) ||
			(!strncmp(p, "(?", 2) && !strchr(":=!<>|", p[2])) ||
			!strncmp(p, "(*", 2))
			return false;
		if (*p == '\\' && !(n = plain_escape(p)))
			return false;
		if (*p == '[' && !in_class) {
			in_class = true;
			n += p[1] == ']';
		} else if (*p == ']') {
			in_class = false;
		}
	}
	return true;
}

/* Lists the characters beyond ASCII in a pattern, as they are or as \x{HEX}. */
static void find_named(const char *pattern, struct ids *named)
{
	size_t n = strlen(pattern), i, len;
	uint32_t c;

	for (i = 0; i < n; i += len) {
		len = (size_t)utf8_decode(pattern + i, n - i, &c, NULL);
		if (!strncmp(pattern + i, "\\x{", 3))
			c = (uint32_t)strtoul(pattern + i + 3, NULL, 16);
		if (c >= 0x80 && c <= 0x10ffff)
			ids_add(named, c);
	}
}

struct constraint *constraint_regex(const char *pattern, const char *what)
{
	struct constraint *c = xcalloc(1, sizeof *c);

	c->regex = regex_new(pattern, REGEX_GROWING, what);
	c->ascii = is_ascii(pattern);
	find_named(pattern, &c->named);
	return c;
}

struct constraint *constraint_schema(const struct json *schema, struct buf *why)
{
	struct schema *s = schema_compile(schema, why);
	struct constraint *c;

	if (!s)
		return NULL;
	c = xcalloc(1, sizeof *c);
	c->schema = s;
	return c;
}

void constraint_free(struct constraint *c)
{
	if (!c)
		return;
	regex_free(c->regex);
	ids_free(&c->named);
	schema_free(c->schema);
	free(c);
}

struct constraint_state *constraint_begin(const struct constraint *c)
{
	struct constraint_state *s = xcalloc(1, sizeof *s);

	s->c = c;
	if (c->schema)
		s->match = json_match_new(c->schema);
	return s;
}

struct constraint_state *constraint_copy(const struct constraint_state *s)
{
	struct constraint_state *copy = xcalloc(1, sizeof *copy);

	copy->c = s->c;
	copy->partial = s->partial;
	buf_add(&copy->text, s->text.p, s->text.n);
	if (s->match)
		copy->match = json_match_copy(s->match);
	return copy;
}

void constraint_end(struct constraint_state *s)
{
	if (!s)
		return;
	json_match_free(s->match);
	buf_free(&s->text);
	free(s);
}

/* ---- regular expressions ---- */

static bool may_match(struct constraint_state *s, const struct buf *text)
{
	enum regex_result r = REGEX_NONE;

	if (s->abandoned < MAX_ABANDONED)
		r = regex_growing(s->c->regex, text->n ? text->p : "", text->n);
	s->abandoned += r == REGEX_LIMIT;
	return r == REGEX_MATCH || r == REGEX_PARTIAL;
}

/* The characters that begin with the `have` bytes at p: from *first to *last. */
static void characters_from(const char *p, size_t have, uint32_t *first,
	uint32_t *last)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char lead = (unsigned char)*p;
	size_t len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4, i;
	uint32_t bits = lead & (0x7f >> len), more = (uint32_t)(6 * (len - have));

	for (i = 1; i < have; i++)
		bits = bits << 6 | ((unsigned char)p[i] & 0x3f);
	*first = bits << more;
	*last = *first | (((uint32_t)1 << more) - 1);
	if (*first < least[len])
		*first = least[len];
	if (*last > 0x10ffff)
		*last = 0x10ffff;
}

/* Whether a text, of which n bytes are whole characters, may go on with c. */
static bool may_go_on(struct constraint_state *s, struct buf *text, size_t n,
	uint32_t c)
{
	char bytes[4];

	if (c >= 0xd800 && c < 0xe000)
		return false;
	text->n = n;
	buf_add(text, bytes, (size_t)utf8_encode(bytes, c));
	return may_match(s, text);
}

/* Whether a text whose last `partial` bytes begin a character may match with one
 * that begins so. Tries those that the pattern names, which are the ends of its
 * ranges, and of the others so many that it meets most longer ranges. */
static bool completes(struct constraint_state *s, struct buf *text,
	size_t partial)
{
	const struct ids *named = &s->c->named;
	size_t whole = text->n - partial, i;
	uint32_t first, last, step, at;

	characters_from(text->p + whole, partial, &first, &last);
	for (i = 0; i < named->n; i++)
		if (named->v[i] >= first && named->v[i] <= last &&
			may_go_on(s, text, whole, named->v[i]))
			return true;
	step = last - first < 64 ? 1 : last - first < 4096 ? 16 :
		last < 0x40000 ? 128 : 4096;
	for (at = first; at <= last; at += step)
		if (may_go_on(s, text, whole, at))
			return true;
	return false;
}

static bool regex_allows(struct constraint_state *s, const char *bytes, size_t n)
{
	static _Thread_local struct buf text;
	size_t begin = s->text.n - s->partial, partial;

	if (s->c->ascii && (unsigned char)*bytes >= 0x80)
		return false;
	buf_reset(&text);
	buf_add(&text, s->text.p, s->text.n);
	buf_add(&text, bytes, n);
	partial = utf8_partial(text.p + begin, text.n - begin);
	if (!utf8_valid(text.p + begin, text.n - begin - partial))
		return false;
	return partial ? completes(s, &text, partial) : may_match(s, &text);
}

/* ---- interface ---- */

static bool try_bytes(struct constraint_state *s, const char *bytes, size_t n)
{
	return s->match ? json_match_allows(s->match, bytes, n) :
		regex_allows(s, bytes, n);
}

/* Many tokens begin with a byte that cannot follow. */
bool constraint_allows(struct constraint_state *s, const char *bytes, size_t n)
{
	unsigned char *known;

	if (!n)
		return false;
	known = &s->next[(unsigned char)*bytes];
	if (*known == UNKNOWN)
		*known = try_bytes(s, bytes, 1) ? POSSIBLE : IMPOSSIBLE;
	return *known == POSSIBLE && (n == 1 || try_bytes(s, bytes, n));
}

void constraint_take(struct constraint_state *s, const char *bytes, size_t n)
{
	memset(s->next, UNKNOWN, sizeof s->next);
	s->abandoned = 0;
	if (s->match) {
		json_match_take(s->match, bytes, n);
		return;
	}
	buf_add(&s->text, bytes, n);
	s->partial = utf8_partial(s->text.p, s->text.n);
}

bool constraint_complete(const struct constraint_state *s)
{
	if (s->match)
		return json_match_complete(s->match);
	return !s->partial && regex_growing(s->c->regex,
		s->text.n ? s->text.p : "", s->text.n) == REGEX_MATCH;
}

bool constraint_closed(const struct constraint_state *s)
{
	return s->match && json_match_closed(s->match);
}
