/* archive.h - files as they come: compressed, in archives, in packages
 *
 * Compression is recognised by the first bytes, never by the name: gzip, zstd,
 * xz, bzip2, lz4, lzip, compress. Containers are tar, zip, 7z, ar (and so
 * .deb), cpio, cab, rar, xar and ISO images, one inside another too. The only
 * file that knows libarchive. Data that is damaged or cut off is fatal, with
 * the name and the byte, unless input_on_damage is set: then the member ends
 * there (input_ended tells), and the walk goes on where it can.
 */
#ifndef PIPELM_ARCHIVE_H
#define PIPELM_ARCHIVE_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/io.h"

/* As input_open, with any compression undone. A file that is not compressed
 * costs nothing more than input_open. */
struct input *archive_open_stream(const char *name);

/* Appends what p[0..n), compressed in any of these ways, says to out, at most
 * max bytes of it. INPUT_CUT: it is cut off or longer than that. What could be
 * read is in out. */
enum input_end archive_inflate(struct buf *out, const void *p, size_t n,
	size_t max);

/* ---- members ---- */

struct archive_walk;

struct archive_member {
	const char *path;	/* "FILE" or "FILE/a/b.html"; "-" for the
				 * plain standard input */
	bool is_file;		/* not in any container: path names a file */
	struct input *in;	/* uncompressed; named by path */
};

/* Begins the walk over the regular files inside name ("-": standard input).
 * A file that is no container is its own only member. Of a Debian package
 * the data members are shown, the control members are not. */
struct archive_walk *archive_walk_open(const char *name);

/* The next member, in the order of the archive; false at the end. What m holds
 * lives until the next call and is closed by it; how far the caller reads it
 * does not matter. */
bool archive_walk_next(struct archive_walk *w, struct archive_member *m);

void archive_walk_close(struct archive_walk *w);

#endif
