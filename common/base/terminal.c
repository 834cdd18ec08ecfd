/* terminal.c - what a terminal shows, and untrusted text on it: see terminal.h */
#include "common/base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/utf8.h"

static bool is_control(uint32_t c)
{
	if (c == '\n' || c == '\t')
		return false;
	return c < 0x20 || (c >= 0x7f && c < 0xa0) ||
		(c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void terminal_escape(struct buf *out, const char *s, size_t n)
{
	uint32_t c;
	char utf8[4];
	int len;

	for (; n; s += len, n -= (size_t)len) {
		len = utf8_decode(s, n, &c, NULL);
		if (is_control(c))
			buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x",
				(unsigned)c);
		else
			buf_add(out, utf8, (size_t)utf8_encode(utf8, c));
	}
}

size_t terminal_columns(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

bool terminal_colours(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 &&
		!(no && *no);
}

bool terminal_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	const char *locale = NULL, *set;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names && !(locale && *locale); i++)
		locale = getenv(names[i]);
	set = locale ? strchr(locale, '.') : NULL;
	return set && (!strncasecmp(set, ".UTF-8", 6) ||
		!strncasecmp(set, ".utf8", 5));
}
