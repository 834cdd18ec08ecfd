/* walk.c - lists the files below a directory: see walk.h */
#include "common/base/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/base/mem.h"

static void add(struct file_list *list, char *path)
{
	if (list->n + 1 >= list->cap)
		list->v = grow(list->v, list->n + 1, &list->cap,
			sizeof *list->v);
	list->v[list->n++] = path;
	list->v[list->n] = NULL;
}

void file_list_add(struct file_list *list, const char *path)
{
	add(list, xstrdup(path));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in dir except "." and "..", sorted. */
static void read_names(struct file_list *names, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		die_errno("%s: cannot open", dir);
	while (errno = 0, (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			add(names, xstrdup(e->d_name));
	if (errno)
		die_errno("%s: cannot read", dir);
	closedir(d);
	if (names->n)
		qsort(names->v, names->n, sizeof *names->v, by_name);
}

void walk_files(struct file_list *list, const char *dir)
{
	struct file_list names = { 0 };
	struct stat st, target;
	size_t i;

	read_names(&names, dir);
	for (i = 0; i < names.n; i++) {
		char *path = path_join(dir, names.v[i]);

		if (lstat(path, &st))
			die_errno("%s: cannot open", path);
		if (S_ISDIR(st.st_mode))
			walk_files(list, path);
		if (S_ISREG(st.st_mode) || (S_ISLNK(st.st_mode) &&
				!stat(path, &target) && S_ISREG(target.st_mode)))
			add(list, path);
		else
			free(path);
	}
	file_list_free(&names);
}

void file_list_free(struct file_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct file_list){ 0 };
}
