/* leftovers.c - temporary files of runs that were killed: see leftovers.h */
#include "common/base/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"

#define MARK ".tmp."

/* The mark in STEM.tmp.PID, with the number behind it; NULL: another name. */
static const char *find_mark(const char *name, long *pid)
{
	size_t n = strlen(name), begin = n, length = strlen(MARK);

	while (begin && strchr("0123456789", name[begin - 1]))
		begin--;
	if (begin == n || n - begin > 10 || name[begin] == '0' ||
		begin <= length || memcmp(name + begin - length, MARK, length))
		return NULL;
	*pid = strtol(name + begin, NULL, 10);
	return *pid <= INT_MAX ? name + begin - length : NULL;
}

/* Our own number may be that of a run before, in another container: then the
 * lock decides alone. */
static bool is_gone(long pid)
{
	return pid == (long)getpid() ||
		(kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

/* Removes the file unless somebody writes it; returns whether it did. */
static bool remove_unlocked(int dir, const char *name)
{
	int fd = openat(dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool done;

	if (fd < 0)
		return false;
	done = !fstat(fd, &st) && S_ISREG(st.st_mode) &&
		st.st_uid == geteuid() && !flock(fd, LOCK_EX | LOCK_NB) &&
		!unlinkat(dir, name, 0);
	close(fd);
	return done;
}

/* path: a directory and how the names in it begin, or whole ones. */
static void remove_all(const char *path, bool whole)
{
	const char *slash = strrchr(path, '/');
	const char *begin = slash ? slash + 1 : path;
	size_t length = slash && slash > path ? (size_t)(slash - path) : 1;
	char *dir = xstrndup(slash ? path : ".", length);
	size_t n = strlen(begin), removed = 0;
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		long pid;
		const char *mark = find_mark(e->d_name, &pid);
		size_t stem = mark ? (size_t)(mark - e->d_name) : 0;

		if (!mark || stem < n || (whole && stem > n) ||
			memcmp(e->d_name, begin, n) || !is_gone(pid))
			continue;
		removed += remove_unlocked(dirfd(d), e->d_name);
	}
	if (d)
		closedir(d);
	if (removed && !option_quiet)
		warn("%s: removed %zu temporary file%s of a run that was "
			"killed", dir, removed, removed > 1 ? "s" : "");
	free(dir);
}

void leftovers_of(const char *name)
{
	remove_all(name, true);
}

void leftovers_from(const char *prefix)
{
	remove_all(prefix, false);
}
