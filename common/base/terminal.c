/* terminal.c - untrusted text on a terminal: see terminal.h */
#include "common/base/terminal.h"

#include <stdbool.h>

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
