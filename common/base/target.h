/* target.h - the file that an output of some name is written to
 *
 * Symbolic links are followed, so that what they lead to is written and the
 * links stay; names of descriptors (/dev/stdout, /dev/fd/3) mean those.
 */
#ifndef PIPELM_TARGET_H
#define PIPELM_TARGET_H

#include <stdbool.h>
#include <sys/stat.h>

struct target {
	int fd;			/* that the name stands for, or -1 */
	char *path;		/* behind all links; NULL with fd; the caller's
				 * to free */
	bool exists;
	struct stat st;		/* where exists */
};

/* Follows name, which need not exist, nor what it leads to. False, with the
 * reason in errno, when it cannot be written: links in a circle, a directory
 * (EISDIR), a file that we may not write (EACCES, EROFS). */
bool target_find(struct target *t, const char *name);

/* It is written in place, since renaming would replace it: a descriptor, a
 * pipe, a device. */
bool target_in_place(const struct target *t);

#endif
