/* http.h - a stored HTTP response: status, header, body (RFC 9110, RFC 9112)
 *
 * As stored in web archives, where encodings named in the header may have been
 * decoded already, and other encodings may not be named. Malformed responses are
 * read as far as they make sense.
 */
#ifndef PIPELM_HTTP_H
#define PIPELM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

struct http_response {
	int status;			/* 0: no status line */
	const char *content_type;	/* these are "" when missing */
	const char *content_encoding;
	const char *transfer_encoding;
	const char *body;		/* body[0..n) as stored */
	size_t n;
	bool cut;			/* http_body: it is truncated */
};

/* Parses block[0..n), which must be followed by a NUL and is modified. The
 * result points into it. Interim responses (100 Continue) before the final one
 * are skipped. Without a status line, as in HTTP/0.9, everything is the body. */
void http_parse(struct http_response *r, char *block, size_t n);

/* Replaces the content of out by the body, with transfer and content encodings
 * decoded, at most max bytes of it: chunked, gzip, deflate, zstd, compress, br
 * if built in, several on top of each other, and gzip and zstd data that no
 * header announces. A truncated body gives what there is, and sets r->cut.
 * Returns NULL, or why it cannot be read: damage, or an unknown encoding. */
const char *http_body(struct http_response *r, struct buf *out, size_t max);

/* Whether a Content-Type, with parameters or without, is the media type want. */
bool http_type_is(const char *type, const char *want);

#endif
