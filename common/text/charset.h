/* charset.h - from the bytes of a page to UTF-8
 *
 * The encoding is found as the WHATWG standards say (byte order mark, HTTP
 * header, meta element). Where they leave it open, or where a single-byte
 * encoding is named and the page is clearly UTF-8 (which text in such an
 * encoding never is by chance), UTF-8 is taken; else windows-1252.
 */
#ifndef PIPELM_CHARSET_H
#define PIPELM_CHARSET_H

#include <stddef.h>

#include "common/base/buf.h"

/* The canonical name ("windows-1252", not the label "latin1") of the encoding
 * of page[0..n). content_type is the value of the HTTP header Content-Type, or
 * NULL. Never NULL. */
const char *charset_sniff(const char *page, size_t n,
	const char *content_type);

/* Appends page[0..n), which is in the encoding of that canonical name, to out
 * as valid UTF-8 without a byte order mark; U+FFFD stands for what cannot be
 * decoded. */
void charset_decode(struct buf *out, const char *page, size_t n,
	const char *name);

#endif
