/* gzip.h - undoing gzip (RFC 1952), with its lengths and checksums checked
 *
 * Several members one behind the other are read as one, which is how
 * compressed WARC files are made; zero bytes may stand between and behind them.
 */
#ifndef PIPELM_GZIP_H
#define PIPELM_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* True when p[0..n) begins a gzip member; 3 bytes decide. */
bool gzip_begins(const unsigned char *p, size_t n);

/* What the gzip data of in says. Takes over in, which is closed with the
 * result. Damaged or cut-off data is fatal, with the name and the byte, unless
 * input_on_damage is set: then the result ends there, and input_resume goes on
 * at the next member that inflates, also where in begins with something else. */
struct input *gzip_open(struct input *in);

/* Appends what p[0..n) says to out, at most max bytes: gzip members, a zlib
 * stream (RFC 1950) or bare deflate data (RFC 1951), recognised by the first
 * bytes. INPUT_CUT: it is cut off or longer than that. What could be read is
 * in out. */
enum input_end gzip_inflate(struct buf *out, const void *p, size_t n,
	size_t max);

#endif
