/* walk.h - lists the files below a directory */
#ifndef PIPELM_WALK_H
#define PIPELM_WALK_H

#include <stddef.h>

struct file_list {
	char **v;	/* paths, "DIR/a/b.html"; v[n] is NULL */
	size_t n, cap;
};

void file_list_add(struct file_list *list, const char *path);

/* Appends the regular files in dir and in the directories below it, each
 * directory sorted by name in byte order. A link to a file counts as a file; a
 * link to a directory is not followed, since it may lead back. A directory that
 * cannot be read is fatal. */
void walk_files(struct file_list *list, const char *dir);
void file_list_free(struct file_list *list);

#endif
