/* utf8.h - UTF-8 as RFC 3629 has it: no surrogates, nothing over U+10FFFF,
 * no overlong forms
 */
#ifndef PIPELM_UTF8_H
#define PIPELM_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/* Decodes the character at s[0..n), n >= 1, into *c and returns its length.
 * A byte that begins no valid character gives *c = U+FFFD and the length of
 * the maximal subpart (Unicode 3.9, what browsers do); *valid, where not
 * NULL, says which it was. */
int utf8_decode(const char *s, size_t n, uint32_t *c, bool *valid);

/* Writes c, a scalar value, to out[4] and returns its length. */
int utf8_encode(char *out, uint32_t c);

/* Bytes at the end of s[0..n) that begin a character of which more could
 * come. */
size_t utf8_partial(const char *s, size_t n);

/* Number of ASCII bytes that s begins with. */
size_t utf8_ascii(const char *s, size_t n);

bool utf8_valid(const char *s, size_t n);

/* Length of the byte order mark that s begins with: 3, or 0 without. */
size_t utf8_mark(const char *s, size_t n);

/* Number of characters in s; an invalid subpart counts as one. */
size_t utf8_length(const char *s, size_t n);

/* Appends s to b with invalid subparts replaced by U+FFFD. */
void utf8_clean(struct buf *b, const char *s, size_t n);

#endif
