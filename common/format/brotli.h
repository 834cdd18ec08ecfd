/* brotli.h - undoing brotli (RFC 7932), where libbrotlidec is built in
 *
 * The only file that knows the library; the Makefile defines HAVE_BROTLI where
 * its header is.
 */
#ifndef PIPELM_BROTLI_H
#define PIPELM_BROTLI_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* Appends what the stream p[0..n) says to out, at most max bytes of it.
 * INPUT_CUT: it is cut off or longer than that. INPUT_DAMAGED: it is not
 * brotli, or there is no library. */
enum input_end brotli_inflate(struct buf *out, const void *p, size_t n,
	size_t max);

#endif
