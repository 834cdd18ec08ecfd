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

bool grade_number(enum number_rule rule, const char *text, size_t n,
	struct settled *s)
{
	if (rule != NUMBER_LAST)
		return settle_number(text, n, s);
	*s = (struct settled){ .both = false };
	return find_number(text, 0, n, false, &s->x);
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
