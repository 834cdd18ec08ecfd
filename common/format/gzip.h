/* gzip.h - undoing gzip (RFC 1952), with its lengths and checksums checked
 *
 * Several members one behind the other are read as one, which is how
 * compressed WARC files are made; zero bytes may follow the last.
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
 * result. Damaged or cut-off data is fatal, with the name and the byte. */
struct input *gzip_open(struct input *in);

/* For programs that can use what came before damage: when it is set, gzip_open
 * tells it what is wrong, "NAME: byte N: ...", and the data ends there. */
extern void (*gzip_on_damage)(const char *message);

/* Appends what p[0..n) says to out, at most max bytes: gzip members, a zlib
 * stream (RFC 1950) or bare deflate data (RFC 1951), recognised by the first
 * bytes. False when that is damaged, cut off or longer; what could be read is
 * then in out. */
bool gzip_inflate(struct buf *out, const void *p, size_t n, size_t max);

#endif
