/* charset.h - from the bytes of a page to UTF-8
 *
 * What a page says of its encoding is found as the WHATWG standards say (byte
 * order mark, HTTP header, meta element, XML declaration). But pages err, and
 * many say nothing: valid UTF-8 is UTF-8 whatever they say, UTF-16 shows in its
 * zero bytes, and the likeliest text (charset_guess.h) decides where nothing is
 * said, where the page cannot be what it says, or is something much likelier.
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

/* The same as the standard alone has it, for tests: of what is said, not of the
 * bytes; "windows-1252" when nothing is said. */
const char *charset_declared(const char *page, size_t n,
	const char *content_type);

/* Appends page[0..n), which is in the encoding of that canonical name, to out
 * as valid UTF-8 without a byte order mark; U+FFFD stands for what cannot be
 * decoded. */
void charset_decode(struct buf *out, const char *page, size_t n,
	const char *name);

#endif
