/* grade_rules.c - finds the letter, the words or the format of an answer: see
 * grader.h. Each function scans the text once.
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

/* ---- letters ---- */

/* Whether s is at a character that would form a word with a letter next to it.
 * Characters of scripts without case, such as Chinese or Arabic, do not. */
static bool is_word(const char *s, const char *end)
{
	uint32_t c;

	if (!(*s & 0x80))
		return ascii_alnum(*s) || *s == '_';
	utf8_decode(s, (size_t)(end - s), &c, NULL);
	return unicode_class(c) &
		(UNI_UPPER | UNI_LOWER | UNI_NUMBER | UNI_MARK);
}

/* The same for the character before s. */
static bool is_word_before(const char *text, const char *s)
{
	const char *p = s - 1;

	while (p > text && s - p < 4 && (*p & 0xc0) == 0x80)
		p--;
	return is_word(p, s);
}

/* The letter at s if it stands alone as a word, else 0. */
static char lone_letter(const char *letters, const char *text, const char *s,
	const char *end)
{
	if (!*s || !strchr(letters, *s))
		return 0;
	if ((s > text && is_word_before(text, s)) ||
		(s + 1 < end && is_word(s + 1, end)))
		return 0;
	return *s;
}

/* Whether the word "answer", in any case, is at s. */
static bool at_answer(const char *s, const char *end)
{
	static const char word[] = "answer";
	size_t i;

	if (end - s < 6)
		return false;
	for (i = 0; i < 6; i++)
		if ((s[i] | 0x20) != word[i])
			return false;
	return true;
}

/* The end of the statement at s: a full stop before white space, a newline, or
 * the end of the text. */
static const char *statement_end(const char *s, const char *end)
{
	for (; s < end && *s != '\n'; s++)
		if (*s == '.' && (s + 1 == end || ascii_space(s[1])))
			break;
	return s;
}

/* The only letter named in s..stop; 0: none; 1: several. */
static char only_letter(const char *letters, const char *text, const char *s,
	const char *stop, const char *end)
{
	char found = 0, c;

	for (; s < stop; s++) {
		c = lone_letter(letters, text, s, end);
		if (c && found && c != found)
			return 1;
		if (c)
			found = c;
	}
	return found;
}

/* Whether the letter at s labels an option: "B)", "B:", "**B**.". */
static bool is_marker(const char *s, const char *end)
{
	for (s++; s < end && *s == '*'; s++)
		;
	return s < end && (*s == ')' || *s == ']' || *s == ':' ||
		(*s == '.' && (s + 1 == end || ascii_space(s[1]))));
}

/* Skips what may come between "answer" and the letter. */
static const char *skip_words(const char *s, const char *stop)
{
	static const char *const words[] = { "is", "option", "choice" };
	size_t i = 0, n;

	while (i < sizeof words / sizeof *words) {
		while (s < stop && !is_word(s, stop))
			s++;
		for (i = 0; i < sizeof words / sizeof *words; i++) {
			n = strlen(words[i]);
			if ((size_t)(stop - s) > n &&
				!memcmp(s, words[i], n) &&
				!is_word(s + n, stop)) {
				s += n;
				break;
			}
		}
	}
	return s;
}

/* "B) Vitamin C" names B: the label at the start of s..stop, if no other option
 * is labelled there; else the result of only_letter. */
static char named_letter(const char *letters, const char *text, const char *s,
	const char *stop, const char *end)
{
	const char *p = skip_words(s, stop);
	char first = p < stop ? lone_letter(letters, text, p, end) : 0, c;

	if (!first || !is_marker(p, end))
		return only_letter(letters, text, s, stop, end);
	for (p++; p < stop; p++) {
		c = lone_letter(letters, text, p, end);
		if (c && c != first && is_marker(p, end))
			return 1;
	}
	return first;
}

/* The end of a statement with nothing before its newline: after the next line
 * that is not blank, if that is a letter alone; else s. A '#' starts another
 * statement. */
static const char *letter_line(const char *letters, const char *s,
	const char *end)
{
	const char *p = s, *letter;

	while (p < end && !is_word(p, end) && *p != '#')
		p++;
	letter = p;
	if (p == end || *p == '#' || !memchr(s, '\n', (size_t)(p - s)) ||
		!strchr(letters, *p))
		return s;
	for (p++; p < end && *p != '\n'; p++)
		if (is_word(p, end))
			return s;
	return letter + 1;
}

/* The letter of all \boxed{} that name one; see only_letter. */
static char boxed_letter(const char *letters, const char *text, size_t n)
{
	const char *content;
	size_t at = 0, len;
	char found = 0, c;

	while (grade_next_boxed(text, n, &at, &content, &len)) {
		c = only_letter(letters, text, content, content + len,
			text + n);
		if (c == 1 || (c && found && c != found))
			return 1;
		found = c ? c : found;
	}
	return found;
}

char grade_choice(const char *letters, const char *text, size_t n)
{
	const char *end = text + n, *s = text, *stop, *line;
	char found = boxed_letter(letters, text, n), c;

	while (s < end && found != 1) {
		bool mark = end - s > 4 && !memcmp(s, "####", 4);

		if (!mark && !at_answer(s, end)) {
			s++;
			continue;
		}
		s += mark ? 4 : 6;
		stop = statement_end(s, end);
		line = letter_line(letters, s, end);
		if (line > stop)
			stop = line;
		c = named_letter(letters, text, s, stop, end);
		if (c == 1 || (c && found && c != found))
			return 0;
		found = c ? c : found;
		s = stop;
	}
	if (!found)
		found = named_letter(letters, text, text, end, end);
	return found == 1 ? 0 : found;
}

/* ---- SQuAD's normalisation ---- */

static bool is_article(const char *s, size_t n)
{
	return (n == 1 && *s == 'a') || (n == 2 && !memcmp(s, "an", 2)) ||
		(n == 3 && !memcmp(s, "the", 3));
}

/* Lower case, without ASCII punctuation. */
static void lower_words(const char *s, size_t n, struct buf *out)
{
	size_t i = 0;

	while (i < n) {
		uint32_t c;
		char bytes[4];

		i += (size_t)utf8_decode(s + i, n - i, &c, NULL);
		if (c < 0x80 && (unicode_class(c) & (UNI_PUNCT | UNI_SYMBOL)))
			continue;
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

		len = (size_t)utf8_decode(low.p + i, low.n - i, &c, NULL);
		if (!(unicode_class(c) & UNI_ALNUM) && c != '_') {
			end_word(&kept, word);
			word = kept.n + len;
		}
		buf_add(&kept, low.p + i, len);
	}
	if (word <= kept.n && kept.p)
		end_word(&kept, word);
	for (i = 0; i < kept.n; i += len) {
		uint32_t c;

		len = (size_t)utf8_decode(kept.p + i, kept.n - i, &c, NULL);
		if (unicode_class(c) & UNI_SPACE) {
			gap = true;
			continue;
		}
		if (gap && out->n > start)
			buf_putc(out, ' ');
		gap = false;
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
