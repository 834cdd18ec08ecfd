/* words.c - words near an answer: see words.h */
#include "common/grade/words.h"

#include "common/base/ascii.h"

bool word_byte(char c)
{
	return ascii_alnum(c) || c == '_' || (c & 0x80);
}

size_t word_after(const char *s, const char *end)
{
	const char *p = s;

	while (p < end && word_byte(*p))
		p++;
	return (size_t)(p - s);
}

size_t word_before(const char *text, const char *s)
{
	const char *p = s;

	while (p > text && word_byte(p[-1]))
		p--;
	return (size_t)(s - p);
}

bool word_at(const char *s, const char *end, const char *what)
{
	for (; *what; what++, s++)
		if (s >= end || ascii_lower(*s) != *what)
			return false;
	return true;
}

bool word_in(const char *s, size_t n, const char *list)
{
	while (n && *list) {
		size_t i = 0;

		while (i < n && *list && ascii_lower(s[i]) == *list) {
			i++;
			list++;
		}
		if (i == n && (*list == ' ' || !*list))
			return true;
		while (*list && *list++ != ' ')
			;
	}
	return false;
}

const char *words_find(const char *s, const char *end, const char *what)
{
	for (; s < end; s++)
		if (ascii_lower(*s) == *what && word_at(s, end, what))
			return s;
	return NULL;
}

static bool ends_sentence(const char *s, const char *end)
{
	return *s == '\n' || ((*s == '.' || *s == '!' || *s == '?') &&
		(s + 1 >= end || ascii_space(s[1]) || s[1] == '"'));
}

const char *sentence_end(const char *s, const char *end)
{
	while (s < end && !ends_sentence(s, end))
		s++;
	return s;
}

const char *sentence_begin(const char *text, const char *s, size_t most)
{
	const char *p = s;

	while (p > text && (size_t)(s - p) < most && !ends_sentence(p - 1, s + 1))
		p--;
	return p;
}
