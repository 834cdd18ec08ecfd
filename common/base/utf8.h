/* utf8.h - UTF-8 according to RFC 3629: no surrogates, nothing above U+10FFFF, no
 * overlong forms
 */
#ifndef PIPELM_UTF8_H
#define PIPELM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/* Decodes the character at s[0..n), n >= 1, into *c and returns its length. A
 * byte that starts no valid character gives *c = U+FFFD and the length of the
 * maximal subpart (Unicode 3.9, as browsers do); *valid, if not NULL, tells the
 * two apart. */
int utf8_decode(const char *s, size_t n, uint32_t *c, bool *valid);

/* Writes c, a scalar value, to out[4] and returns its length. */
int utf8_encode(char *out, uint32_t c);

/* The number of bytes at the end of s[0..n) that may be the start of a longer
 * character. */
size_t utf8_partial(const char *s, size_t n);

/* The number of ASCII bytes at the start of s. */
size_t utf8_ascii(const char *s, size_t n);

bool utf8_valid(const char *s, size_t n);

/* The length of the byte order mark at the start of s: 3, or 0 without one. */
size_t utf8_mark(const char *s, size_t n);

/* The number of characters in s; an invalid subpart counts as one. */
size_t utf8_length(const char *s, size_t n);

/* Appends s to b with invalid subparts replaced by U+FFFD. */
void utf8_clean(struct buf *b, const char *s, size_t n);

#endif
