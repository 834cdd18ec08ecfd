/* gzip.h - decompresses gzip (RFC 1952), verifying lengths and checksums
 *
 * Concatenated members are read as one stream, as in compressed WARC files; zero
 * bytes are allowed between and after them.
 */
#ifndef PIPELM_GZIP_H
#define PIPELM_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* Whether p[0..n) starts a gzip member; 3 bytes decide. */
bool gzip_begins(const unsigned char *p, size_t n);

/* Decompresses the gzip data of in. Takes ownership of in, which is closed with
 * the result. Damaged or truncated data is fatal, with the name and byte, unless
 * input_on_damage is set: then the result ends there, and input_resume continues
 * at the next member that inflates, even if in starts with something else. */
struct input *gzip_open(struct input *in);

/* Decompresses p[0..n) and appends at most max bytes to out: gzip members, a zlib
 * stream (RFC 1950) or raw deflate data (RFC 1951), recognised by the first
 * bytes. INPUT_CUT: it is truncated, or longer than that; what could be read is
 * in out. */
enum input_end gzip_inflate(struct buf *out, const void *p, size_t n,
	size_t max);

#endif
