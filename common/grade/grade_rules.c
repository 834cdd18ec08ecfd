/* grade_rules.c - finds a box, the words or the format of an answer: see grader.h.
 * Each function scans the text once.
 */
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/grade/grade_text.h"
#include "common/grade/grader.h"

const char *grade_find(const char *s, size_t n, const char *what)
{
	size_t len = strlen(what);
	const char *end = s + n, *p = s;

	while ((size_t)(end - p) >= len &&
		(p = memchr(p, what[0], (size_t)(end - p) - len + 1))) {
		if (!memcmp(p, what, len))
			return p;
		p++;
	}
	return NULL;
}

const char *grade_find_last(const char *s, size_t n, const char *what)
{
	const char *found = NULL, *p = s, *end = s + n;

	while ((p = grade_find(p, (size_t)(end - p), what)))
		found = p++;
	return found;
}

void grade_trim(const char **text, size_t *n)
{
	static const char *const next[] = { "\nQuestion:", "\nQ:", "\nUser:",
		"\nProblem:" };
	const char *end = *text + *n, *p = grade_find_last(*text, *n, "</think>");
	size_t i;

	if (p)
		*text = p + 8;
	else if ((p = grade_find(*text, *n, "<think>")))
		end = p;
	for (i = 0; i < sizeof next / sizeof *next; i++) {
		p = grade_find(*text, (size_t)(end - *text), next[i]);
		if (p && !ascii_only(*text, (size_t)(p - *text), ascii_space))
			end = p;
	}
	*n = (size_t)(end - *text);
}

bool grade_next_boxed(const char *s, size_t n, size_t *at,
	const char **content, size_t *len)
{
	static const char name[] = "\\boxed";
	const char *end = s + n, *p = s + *at, *start = NULL;
	int depth = 0;

	for (; p < end; p++) {
		bool box = (size_t)(end - p) >= sizeof name - 1 &&
			!memcmp(p, name, sizeof name - 1);

		if (box) {
			p += sizeof name - 1;
			while (p < end && *p == ' ')
				p++;
			start = p + 1;
			depth = 1;
			if (p < end && *p == '{')
				continue;
			for (start = p; p < end && !ascii_space(*p) &&
					*p != '$' && *p != '\\'; p++)
				;
			break;
		}
		if (*p == '\\')
			p += p + 1 < end && (p[1] == '{' || p[1] == '}');
		else if (start && *p == '{')
			depth++;
		else if (start && *p == '}' && !--depth)
			break;
	}
	if (!start || p > end || (p == end && depth && start[-1] == '{'))
		return false;
	*content = start;
	*len = (size_t)(p - start);
	*at = (size_t)(p - s);
	return true;
}

/* ---- SQuAD's normalisation ---- */

static bool is_article(const char *s, size_t n)
{
	return (n == 1 && *s == 'a') || (n == 2 && !memcmp(s, "an", 2)) ||
		(n == 3 && !memcmp(s, "the", 3));
}

/* Most characters are ASCII. */
static size_t next_char(const char *s, size_t n, uint32_t *c)
{
	if (*s & 0x80)
		return (size_t)utf8_decode(s, n, c, NULL);
	*c = (unsigned char)*s;
	return 1;
}

/* Lower case, without ASCII punctuation. */
static void lower_words(const char *s, size_t n, struct buf *out)
{
	size_t i = 0;

	while (i < n) {
		uint32_t c;
		char bytes[4];

		i += next_char(s + i, n - i, &c);
		if (c < 0x80) {
			if (!(unicode_class(c) & (UNI_PUNCT | UNI_SYMBOL)))
				buf_putc(out, ascii_lower((char)c));
			continue;
		}
		buf_add(out, bytes, (size_t)utf8_encode(bytes,
			unicode_lower(c)));
	}
}

/* Ends the word of \w characters that starts at word in out; an article is
 * replaced by a space. */
static void end_word(struct buf *out, size_t word)
{
	if (out->n > word && is_article(out->p + word, out->n - word)) {
		out->n = word;
		buf_putc(out, ' ');
	}
}

void grade_normalise(const char *s, size_t n, struct buf *out)
{
	struct buf low = { 0 }, kept = { 0 };
	size_t i, len, word = 0, start = out->n;
	bool gap = false;

	lower_words(s, n, &low);
	for (i = 0; i < low.n; i += len) {
		uint32_t c;

		len = next_char(low.p + i, low.n - i, &c);
		if (!(unicode_class(c) & UNI_ALNUM) && c != '_') {
			end_word(&kept, word);
			word = kept.n + len;
		}
		if (len == 1)
			buf_putc(&kept, low.p[i]);
		else
			buf_add(&kept, low.p + i, len);
	}
	if (word <= kept.n && kept.p)
		end_word(&kept, word);
	for (i = 0; i < kept.n; i += len) {
		uint32_t c;

		len = next_char(kept.p + i, kept.n - i, &c);
		if (unicode_class(c) & UNI_SPACE) {
			gap = true;
			continue;
		}
		if (gap && out->n > start)
			buf_putc(out, ' ');
		gap = false;
		if (len == 1)
			buf_putc(out, kept.p[i]);
		else
			buf_add(out, kept.p + i, len);
	}
	buf_free(&low);
	buf_free(&kept);
}

/* ---- formats ---- */

/* The position of tag if it occurs in s[0..n) exactly once, else NULL. */
static const char *once(const char *s, size_t n, const char *tag)
{
	const char *p = grade_find(s, n, tag), *end = s + n;

	if (p && grade_find(p + 1, (size_t)(end - p) - 1, tag))
		return NULL;
	return p;
}

static bool blank(const char *s, const char *end)
{
	while (s < end && ascii_space(*s))
		s++;
	return s == end;
}

static bool has_boxed(const char *s, const char *end)
{
	const char *content;
	size_t at = 0, len;

	while (grade_next_boxed(s, (size_t)(end - s), &at, &content, &len))
		if (!blank(content, content + len))
			return true;
	return false;
}

bool grade_format(enum grader_format format, const char *text, size_t n)
{
	const char *end = text + n;
	const char *think = once(text, n, "<think>");
	const char *thought = once(text, n, "</think>");
	const char *answer = once(text, n, "<answer>");
	const char *answered = once(text, n, "</answer>");
	bool thinks = think && thought && think < thought &&
		blank(text, think);
	bool answers = answer && answered && answer < answered &&
		blank(answered + 9, end);

	switch (format) {
	case FORMAT_THINK_ANSWER:
		return thinks && answers && thought < answer &&
			blank(thought + 8, answer);
	case FORMAT_THINK:
		return thinks && !blank(thought + 8, end);
	case FORMAT_ANSWER:
		return answers;
	case FORMAT_BOXED:
		return has_boxed(text, end);
	}
	return false;
}
