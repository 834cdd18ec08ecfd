/* ascii.h - classes of ASCII characters, whatever the locale
 *
 * Bytes from 0x80 on are of no class. Characters beyond ASCII: unicode.h.
 */
#ifndef PIPELM_ASCII_H
#define PIPELM_ASCII_H

#include <stdbool.h>

static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static inline bool ascii_alnum(char c)
{
	return ascii_digit(c) || ascii_letter(c);
}

/* White space of C: space, \t, \n, \v, \f, \r. */
static inline bool ascii_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space of HTML, which leaves out \v. */
static inline bool ascii_html_space(char c)
{
	return ascii_space(c) && c != '\v';
}

#endif
