/* http.h - a stored HTTP response: status, header, body
 *
 * As stored in web archives, where the encodings that the header names may
 * have been undone already. What is not as it should be is read as far as it
 * makes sense.
 */
#ifndef PIPELM_HTTP_H
#define PIPELM_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

struct http_response {
	int status;			/* 0: there is no status line */
	const char *content_type;	/* "" if not said */
	const char *coding;		/* Content-Encoding, "" if not said */
	bool chunked;
	const char *body;		/* body[0..n) as stored */
	size_t n;
};

/* Parses block[0..n), which has a NUL behind it and is written to. The result
 * points into it. Without a status line everything is the body. */
void http_parse(struct http_response *r, char *block, size_t n);

/* The body with transfer and content encoding undone, appended to out, at most
 * max bytes of it. NULL, or why it cannot be read (brotli, damage). */
const char *http_body(struct http_response *r, struct buf *out, size_t max);

#endif
