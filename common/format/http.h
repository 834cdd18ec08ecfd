/* http.h - a stored HTTP response: status, header, body (RFC 9110, RFC 9112)
 *
 * As stored in web archives, where the encodings that the header names may
 * have been undone already, and others may be there that it does not name.
 * What is not as it should be is read as far as it makes sense.
 */
#ifndef PIPELM_HTTP_H
#define PIPELM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

struct http_response {
	int status;			/* 0: there is no status line */
	const char *content_type;	/* these are "" when missing */
	const char *content_encoding;
	const char *transfer_encoding;
	const char *body;		/* body[0..n) as stored */
	size_t n;
	bool cut;			/* http_body: it ends early */
};

/* Parses block[0..n), which has a NUL behind it and is written to. The result
 * points into it. Interim responses (100 Continue) before the final one are
 * passed over. Without a status line, as in HTTP/0.9, everything is the body. */
void http_parse(struct http_response *r, char *block, size_t n);

/* The body with transfer and content encodings undone, in place of what out
 * held, at most max bytes of it: chunked, gzip, deflate, zstd, compress, br
 * where it is built in, several one on top of the other, and gzip and zstd data
 * that no header announces. A body that is cut off gives what there is, and sets
 * r->cut. NULL, or why it cannot be read: damage, or an encoding that is not
 * known. */
const char *http_body(struct http_response *r, struct buf *out, size_t max);

#endif
