/* utf16.h - detects UTF-16 and UTF-32, and converts them to UTF-8
 */
#ifndef PIPELM_UTF16_H
#define PIPELM_UTF16_H

#include <stddef.h>

#include "common/base/buf.h"

enum utf16_form { UTF16_NONE, UTF16_LE, UTF16_BE, UTF32_LE, UTF32_BE };

/* The form of s[0..n), the start of a file, by its byte order mark; *mark, which
 * may be NULL, receives the length of the mark. */
enum utf16_form utf16_mark(const char *s, size_t n, size_t *mark);

/* The same for text without a mark, by the positions of its zero bytes; other
 * text and binary data are UTF16_NONE. */
enum utf16_form utf16_guess(const char *s, size_t n);

/* Appends s as UTF-8. Invalid characters, unpaired surrogates and an incomplete
 * unit at the end become one U+FFFD each. A byte order mark is kept. */
void utf16_decode(struct buf *out, const char *s, size_t n,
	enum utf16_form form);

#endif
