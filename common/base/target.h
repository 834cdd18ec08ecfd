/* target.h - resolves the name of an output
 *
 * Symbolic links are followed, so that their target is written and the links are
 * kept; names of descriptors (/dev/stdout, /dev/fd/3) stand for those.
 */
#ifndef PIPELM_TARGET_H
#define PIPELM_TARGET_H

#include <stdbool.h>
#include <sys/stat.h>

struct target {
	int fd;			/* descriptor named by the name, or -1 */
	char *path;		/* after all links; NULL with fd; the caller
				 * frees it */
	bool exists;
	struct stat st;		/* valid if exists is set */
};

/* Resolves name; neither it nor its target need exist. Returns false, with the
 * reason in errno, when it cannot be written: a loop of links, a directory
 * (EISDIR), a file without write permission (EACCES, EROFS). */
bool target_find(struct target *t, const char *name);

/* Whether it is written in place, since renaming would replace it: a descriptor,
 * a pipe, a device. */
bool target_in_place(const struct target *t);

#endif
