/* utf16.h - text in UTF-16 and UTF-32: whether it is, and as UTF-8
 */
#ifndef PIPELM_UTF16_H
#define PIPELM_UTF16_H

#include <stddef.h>

#include "common/base/buf.h"

enum utf16_form { UTF16_NONE, UTF16_LE, UTF16_BE, UTF32_LE, UTF32_BE };

/* What s[0..n) is, the beginning of a file, by its byte order mark; *mark, the
 * length of that, may be NULL. */
enum utf16_form utf16_mark(const char *s, size_t n, size_t *mark);

/* The same for a text without a mark, by where its zero bytes stand; other
 * text and binary data are UTF16_NONE. */
enum utf16_form utf16_guess(const char *s, size_t n);

/* Appends s as UTF-8. What is no character, half a pair and half a unit at the
 * end become U+FFFD each. A byte order mark is a character like others. */
void utf16_decode(struct buf *out, const char *s, size_t n,
	enum utf16_form form);

#endif
