/* brotli.h - decompresses brotli (RFC 7932), if built with libbrotlidec
 *
 * The only file that uses the library; the Makefile defines HAVE_BROTLI if its
 * header exists.
 */
#ifndef PIPELM_BROTLI_H
#define PIPELM_BROTLI_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* Decompresses the stream p[0..n) and appends at most max bytes to out.
 * INPUT_CUT: it is truncated, or longer than that. INPUT_DAMAGED: it is not
 * brotli, or there is no library. */
enum input_end brotli_inflate(struct buf *out, const void *p, size_t n,
	size_t max);

#endif
