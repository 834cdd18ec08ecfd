/* target.c - resolves the name of an output: see target.h */
#include "common/base/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"

enum { LINKS = 40 };		/* in a row, as in Linux */

/* The number if the name is a descriptor of this process, else -1. */
static int descriptor(const char *name)
{
	static const char *const dirs[] = { "/dev/fd/", "/proc/self/fd/" };
	size_t i;

	for (i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		size_t n = strlen(dirs[i]);
		const char *digits = name + n;

		if (!strncmp(name, dirs[i], n) && *digits &&
			!digits[strspn(digits, "0123456789")] &&
			strlen(digits) < 9)
			return atoi(digits);
	}
	return -1;
}

/* The target of a link, relative to the current directory, or NULL if it cannot
 * be read. The caller frees it. */
static char *follow(const char *link)
{
	char to[PATH_MAX];
	ssize_t n = readlink(link, to, sizeof to - 1);
	const char *slash = strrchr(link, '/');
	char *dir, *path;

	if (n < 0)
		return NULL;
	to[n] = 0;
	if (*to == '/' || !slash)
		return xstrdup(to);
	dir = xstrndup(link, (size_t)(slash - link) + (slash == link));
	path = path_join(dir, to);
	free(dir);
	return path;
}

static bool may_write(const struct target *t)
{
	if (!t->exists)
		return true;
	if (S_ISDIR(t->st.st_mode)) {
		errno = EISDIR;
		return false;
	}
	return !faccessat(AT_FDCWD, t->path, W_OK, AT_EACCESS);
}

/* Sets fd, or path and what is there; false when there are too many links. */
static bool follow_all(struct target *t)
{
	int left;

	for (left = LINKS; left; left--) {
		char *to = NULL;

		t->fd = descriptor(t->path);
		t->exists = t->fd < 0 && !lstat(t->path, &t->st);
		if (t->exists && S_ISLNK(t->st.st_mode)) {
			to = follow(t->path);
			if (!to)
				return false;
		} else if (t->fd < 0) {
			return true;
		}
		free(t->path);
		t->path = to;
		if (!to)
			return true;
	}
	errno = ELOOP;
	return false;
}

bool target_find(struct target *t, const char *name)
{
	*t = (struct target){ .fd = -1, .path = xstrdup(name) };
	if (follow_all(t) && may_write(t))
		return true;
	free(t->path);
	t->path = NULL;
	return false;
}

bool target_in_place(const struct target *t)
{
	return t->fd >= 0 || (t->exists && !S_ISREG(t->st.st_mode));
}
