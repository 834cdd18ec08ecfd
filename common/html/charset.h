/* charset.h - converts the bytes of a page to UTF-8
 *
 * The encoding that a page declares is determined as the WHATWG standards
 * require (byte order mark, HTTP header, meta element, XML declaration). But
 * declarations can be wrong, and many pages have none. So valid UTF-8 is taken
 * as UTF-8 whatever is declared, UTF-16 is recognised by its zero bytes, and
 * the likeliest text (charset_guess.h) decides where nothing is declared,
 * where the declaration is impossible, or where another encoding is far
 * likelier.
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

/* What the standard alone would choose, for tests: from declarations, not from
 * the bytes; "windows-1252" when nothing is declared. */
const char *charset_declared(const char *page, size_t n,
	const char *content_type);

/* Converts page[0..n) from the encoding with that canonical name to valid
 * UTF-8 without a byte order mark, and appends it to out. Bytes that cannot be
 * decoded become U+FFFD. */
void charset_decode(struct buf *out, const char *page, size_t n,
	const char *name);

#endif
