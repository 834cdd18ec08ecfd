/* archive.h - files in any packaging: compressed, in archives, in packages
 *
 * Compression is recognised by the first bytes, never by the name: gzip, zstd,
 * xz, bzip2, lz4, lzip, compress. Containers are tar, zip, 7z, ar (and so
 * .deb), cpio, cab, rar, xar and ISO images, possibly nested. The only file that
 * uses libarchive. Damaged or truncated data is fatal, with the name and byte,
 * unless input_on_damage is set: then the member ends there (see input_ended),
 * and the walk continues where it can.
 */
#ifndef PIPELM_ARCHIVE_H
#define PIPELM_ARCHIVE_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* Like input_open, but decompresses. For an uncompressed file it costs nothing
 * more than input_open. */
struct input *archive_open_stream(const char *name);

/* Decompresses p[0..n), in any of these formats, and appends at most max bytes
 * to out. INPUT_CUT: the data is truncated, or longer than that; what could be
 * read is in out. */
enum input_end archive_inflate(struct buf *out, const void *p, size_t n,
	size_t max);

/* ---- members ---- */

struct archive_walk;

struct archive_member {
	const char *path;	/* "FILE" or "FILE/a/b.html"; "-" for the
				 * plain standard input */
	bool is_file;		/* not in a container: path names a file */
	struct input *in;	/* uncompressed; its name is path */
};

/* Starts the walk over the regular files in name ("-": standard input). A file
 * that is not a container is its own only member. For a Debian package, the
 * data members are visited, not the control members. */
struct archive_walk *archive_walk_open(const char *name);

/* The next member, in the order of the archive; false at the end. The contents
 * of m are valid until the next call, which closes them; the caller need not
 * read to the end. */
bool archive_walk_next(struct archive_walk *w, struct archive_member *m);

void archive_walk_close(struct archive_walk *w);

#endif
