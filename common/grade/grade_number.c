/* grade_number.c - the number that an answer settles on: see grader.h */
#include <string.h>

#include "common/base/ascii.h"
#include "common/grade/grade_text.h"
#include "common/grade/grader.h"

/* ---- by value ---- */

/* The last number of s[from..to), or the first. False when there is none. */
static bool find_number(const char *s, size_t from, size_t to, bool first,
	struct number *found)
{
	struct number x;
	bool any = false;

	while (from < to && !(any && first)) {
		size_t len = number_read(s, from, to, &x);

		from += len ? len : 1;
		if (!len || x.script)
			continue;
		*found = x;
		any = true;
	}
	return any;
}

/* The first number after the last "####" that has one before the end of the line
 * or the next "####". *at: its position. */
static bool marked_number(const char *text, size_t n, struct number *found,
	size_t *at)
{
	const char *end = text + n, *mark = grade_find(text, n, "####");
	const char *next, *stop, *line;
	bool any = false;

	for (; mark; mark = next) {
		size_t from = (size_t)(mark - text) + 4;

		next = grade_find(text + from, n - from, "####");
		stop = next ? next : end;
		line = memchr(text + from, '\n', (size_t)(stop - text) - from);
		if (line)
			stop = line;
		if (find_number(text, from, (size_t)(stop - text), true,
				found)) {
			any = true;
			*at = from;
		}
	}
	return any;
}

/* The last number in the last \boxed{} that has one. */
static bool boxed_number(const char *text, size_t n, struct number *found,
	size_t *at)
{
	const char *content;
	size_t from = 0, len;
	bool any = false;

	while (grade_next_boxed(text, n, &from, &content, &len)) {
		size_t start = (size_t)(content - text);

		if (find_number(text, start, start + len, false, found)) {
			any = true;
			*at = start;
		}
	}
	return any;
}

bool grade_number(enum number_rule rule, const char *text, size_t n,
	struct number *x)
{
	struct number boxed;
	size_t mark_at = 0, box_at = 0;
	bool mark, box;

	if (rule == NUMBER_LAST)
		return find_number(text, 0, n, false, x);
	mark = marked_number(text, n, x, &mark_at);
	box = boxed_number(text, n, &boxed, &box_at);
	if (box && (!mark || box_at > mark_at))
		*x = boxed;
	return mark || box || find_number(text, 0, n, false, x);
}

/* ---- as characters ---- */

/* GSM8K's pattern `#### (\-?[0-9\.\,]+)`, first match. */
static bool strict_number(const char *text, size_t n, const char **number,
	size_t *len)
{
	const char *end = text + n, *p = text, *s;

	while ((p = grade_find(p, (size_t)(end - p), "#### "))) {
		s = p += 5;
		if (s < end && *s == '-')
			s++;
		*len = (size_t)(s - p);
		while (s < end && (ascii_digit(*s) || *s == '.' || *s == ','))
			s++;
		if ((size_t)(s - p) > *len) {
			*number = p;
			*len = (size_t)(s - p);
			return true;
		}
	}
	return false;
}

static bool flexible_char(char c)
{
	return ascii_digit(c) || c == '$' || c == '.' || c == ',';
}

/* lm-eval's pattern `(-?[$0-9.,]{2,})|(-?[0-9]+)`, last match. */
static bool flexible_number(const char *text, size_t n, const char **number,
	size_t *len)
{
	const char *end = text + n, *p = text;
	bool any = false;

	while (p < end) {
		const char *s = p + (*p == '-'), *from = s;

		while (s < end && flexible_char(*s))
			s++;
		if (s - from < 2 && !(s > from && ascii_digit(*from))) {
			p = s > p ? s : p + 1;
			continue;
		}
		*number = p;
		*len = (size_t)(s - p);
		any = true;
		p = s;
	}
	return any;
}

/* Removes commas and, as lm-eval does, dollar signs and a final full stop. */
static void strip(const char *s, size_t n, bool flexible, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] != ',' && !(flexible && s[i] == '$'))
			buf_putc(out, s[i]);
	if (flexible && out->n && out->p[out->n - 1] == '.')
		out->n--;
	buf_end(out);
}

bool grade_number_text(enum number_rule rule, const char *text, size_t n,
	struct buf *out)
{
	bool flexible = rule == NUMBER_FLEXIBLE;
	const char *number;
	size_t len;

	if (flexible ? !flexible_number(text, n, &number, &len) :
			!strict_number(text, n, &number, &len))
		return false;
	strip(number, len, flexible, out);
	return true;
}

bool grade_number_gold(enum number_rule rule, const char *gold, size_t n,
	struct buf *out)
{
	const char *p, *end = gold + n;
	struct number x;

	if (rule == NUMBER_STRICT && grade_number_text(rule, gold, n, out))
		return true;
	/* Take what follows the last mark, or a bare number. */
	while ((p = grade_find(gold, (size_t)(end - gold), "#### ")))
		gold = p + 5;
	while (gold < end && ascii_space(*gold))
		gold++;
	while (end > gold && ascii_space(end[-1]))
		end--;
	n = (size_t)(end - gold);
	if (rule == NUMBER_STRICT ? !n || number_read(gold, 0, n, &x) != n :
			!find_number(gold, 0, n, false, &x))
		return false;
	strip(gold, (size_t)(end - gold), rule == NUMBER_FLEXIBLE, out);
	return true;
}
