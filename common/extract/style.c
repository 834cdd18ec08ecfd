/* style.c - parses the declarations of a style attribute: see style.h */
#include "common/extract/style.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"

enum property { DISPLAY, VISIBILITY, WHITE_SPACE, HEIGHT, PROPERTIES };

static const char *const names[PROPERTIES] = {
	"display", "visibility", "white-space", "height"
};

struct slice {
	const char *s;
	size_t n;
};

/* Skips white space and comments. */
static const char *skip_blank(const char *s, const char *end)
{
	for (;;) {
		while (s < end && ascii_html_space(*s))
			s++;
		if (end - s < 4 || s[0] != '/' || s[1] != '*')
			return s;
		s += 4;
		while (s < end && (s[-2] != '*' || s[-1] != '/'))
			s++;
	}
}

static struct slice trim(const char *s, const char *end)
{
	s = skip_blank(s, end);
	while (end > s && ascii_html_space(end[-1]))
		end--;
	return (struct slice){ s, (size_t)(end - s) };
}

static bool is(struct slice a, const char *word)
{
	return a.n == strlen(word) && !strncasecmp(a.s, word, a.n);
}

/* Removes "!important" from the value; true when it was there. */
static bool take_important(struct slice *value)
{
	const char *mark = memchr(value->s, '!', value->n);
	struct slice word;

	if (!mark)
		return false;
	word = trim(mark + 1, value->s + value->n);
	*value = trim(value->s, mark);
	return is(word, "important");
}

static unsigned meaning_of_display(struct slice value)
{
	static const char *const blocks[] = { "block", "flex", "grid", "table",
		"list-item", "flow-root", "table-row" };
	size_t i;

	if (is(value, "none"))
		return STYLE_HIDDEN;
	for (i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (is(value, blocks[i]))
			return STYLE_BLOCK;
	return 0;
}

/* The meaning of a property's value; 0 when it does not matter here. */
static unsigned meaning(enum property p, struct slice value)
{
	if (p == DISPLAY)
		return meaning_of_display(value);
	if (p == VISIBILITY)
		return is(value, "hidden") || is(value, "collapse") ?
			STYLE_HIDDEN : 0;
	if (p == HEIGHT)
		return is(value, "0") || is(value, "0px") ? STYLE_FLAT : 0;
	return is(value, "pre") ? STYLE_PRE : 0;
}

unsigned style_read(const char *s, size_t n)
{
	const char *end = s + n;
	unsigned found[PROPERTIES] = { 0 };
	bool important[PROPERTIES] = { 0 };

	while (s < end) {
		const char *stop, *colon;
		struct slice name, value;
		int p;

		s = skip_blank(s, end);
		stop = memchr(s, ';', (size_t)(end - s));
		if (!stop)
			stop = end;
		colon = memchr(s, ':', (size_t)(stop - s));
		if (colon) {
			name = trim(s, colon);
			value = trim(colon + 1, stop);
			for (p = 0; p < PROPERTIES && !is(name, names[p]); p++)
				;
			if (p < PROPERTIES) {
				bool strong = take_important(&value);

				if (strong || !important[p])
					found[p] = meaning(p, value);
				important[p] |= strong;
			}
		}
		s = stop + 1;
	}
	for (n = DISPLAY + 1; n < PROPERTIES; n++)
		found[DISPLAY] |= found[n];
	return found[DISPLAY];
}
