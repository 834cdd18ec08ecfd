/* ascii.h - classes of ASCII characters, in any locale
 *
 * Bytes from 0x80 on are in no class. For other characters see unicode.h.
 */
#ifndef PIPELM_ASCII_H
#define PIPELM_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int ascii_hex(char c)
{
	if (ascii_digit(c))
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline bool ascii_alnum(char c)
{
	return ascii_digit(c) || ascii_letter(c);
}

/* White space in C: space, \t, \n, \v, \f, \r. */
static inline bool ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Space and tab. */
static inline bool ascii_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* White space in JSON: space, \t, \n, \r. */
static inline bool ascii_json_space(char c)
{
	return ascii_blank(c) || c == '\n' || c == '\r';
}

/* White space in HTML, which excludes \v. */
static inline bool ascii_html_space(char c)
{
	return ascii_space(c) && c != '\v';
}

/* Trims bytes of a class off both ends of (*s)[0..n); returns the new length. */
static inline size_t ascii_trim(const char **s, size_t n, bool (*class)(char))
{
	while (n && class(**s)) {
		(*s)++;
		n--;
	}
	while (n && class((*s)[n - 1]))
		n--;
	return n;
}

/* Whether all bytes of s[0..n) are in the class. */
static inline bool ascii_only(const char *s, size_t n, bool (*class)(char))
{
	return ascii_trim(&s, n, class) == 0;
}

#endif
