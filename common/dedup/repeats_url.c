/* repeats_url.c - normalises URLs that name the same page: see repeats.h */
#include <string.h>

#include "common/base/ascii.h"
#include "common/dedup/repeats.h"

static bool begins(const char *s, size_t n, const char *what)
{
	size_t len = strlen(what), i;

	if (n < len)
		return false;
	for (i = 0; i < len; i++) {
		char c = s[i];

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if (c != what[i])
			return false;
	}
	return true;
}

static size_t find_any(const char *s, size_t n, const char *set)
{
	size_t i = 0;

	while (i < n && (!s[i] || !strchr(set, s[i])))
		i++;
	return i;
}

/* The host in lower case, without user, "www." and default port. */
static void add_host(struct buf *key, const char *s, size_t n)
{
	const char *at = memchr(s, '@', n);
	size_t i;

	if (at) {
		n -= (size_t)(at + 1 - s);
		s = at + 1;
	}
	if (n > 3 && !memcmp(s + n - 3, ":80", 3))
		n -= 3;
	else if (n > 4 && !memcmp(s + n - 4, ":443", 4))
		n -= 4;
	if (begins(s, n, "www.")) {
		s += 4;
		n -= 4;
	}
	for (i = 0; i < n; i++)
		buf_putc(key, ascii_lower(s[i]));
}

bool repeats_url_key(const char *s, size_t n, struct buf *key)
{
	size_t host, end;

	while (n && (unsigned char)s[n - 1] <= ' ')
		n--;
	if (begins(s, n, "https://"))
		host = 8;
	else if (begins(s, n, "http://"))
		host = 7;
	else
		return false;
	s += host;
	n = find_any(s, n - host, "#");
	host = find_any(s, n, "/?");
	add_host(key, s, host);
	end = n;
	while (end > host && s[end - 1] == '/')
		end--;
	buf_add(key, s + host, end - host);
	return true;
}
