/* leftovers.c - temporary files: see leftovers.h */
#include "common/base/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/hash.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"

#define MARK ".tmp."

#define HOST_DIGITS 8
#define DAY (24 * 60 * 60)	/* seconds */

/* The hash of this machine's name; unnamed machines are all the same. */
static uint32_t own_host(void)
{
	static _Atomic int64_t known = -1;
	char name[256] = "";

	if (known < 0) {
		if (gethostname(name, sizeof name - 1))
			name[0] = '\0';
		known = (uint32_t)hash64(name, strlen(name));
	}
	return (uint32_t)known;
}

char *leftovers_name(const char *name)
{
	size_t size = strlen(name) + 48;
	char *tmp = xmalloc(size);

	snprintf(tmp, size, "%s" MARK "%08" PRIx32 ".%ld", name, own_host(),
		(long)getpid());
	return tmp;
}

struct mark {
	size_t stem;		/* length of the name before it */
	uint32_t host;
	long pid;
};

/* Parses the mark of STEM.tmp.HOST.PID; false: the name has another form. */
static bool find_mark(const char *name, struct mark *m)
{
	size_t n = strlen(name), begin = n, length = strlen(MARK);
	size_t whole = length + HOST_DIGITS + 1;	/* before PID */
	const char *host;

	while (begin && strchr("0123456789", name[begin - 1]))
		begin--;
	if (begin == n || n - begin > 10 || name[begin] == '0' ||
		begin <= whole || name[begin - 1] != '.')
		return false;
	m->stem = begin - whole;
	host = name + m->stem + length;
	if (memcmp(name + m->stem, MARK, length) ||
		strspn(host, "0123456789abcdef") != HOST_DIGITS)
		return false;
	m->host = (uint32_t)strtoul(host, NULL, 16);
	m->pid = strtol(name + begin, NULL, 10);
	return m->pid <= INT_MAX;
}

/* Our own process id may equal that of an earlier run in another container; then
 * only the lock decides. */
static bool is_gone(const struct mark *m, const struct stat *st)
{
	if (m->host != own_host())
		return time(NULL) - st->st_mtime > DAY;
	return m->pid == (long)getpid() ||
		(kill((pid_t)m->pid, 0) < 0 && errno == ESRCH);
}

/* Removes the file unless it is being written; returns whether it did. */
static bool remove_unlocked(int dir, const char *name, const struct mark *m)
{
	int fd = openat(dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool done;

	if (fd < 0)
		return false;
	done = !fstat(fd, &st) && S_ISREG(st.st_mode) &&
		st.st_uid == geteuid() && is_gone(m, &st) &&
		!flock(fd, LOCK_EX | LOCK_NB) && !unlinkat(dir, name, 0);
	close(fd);
	return done;
}

/* path: a directory and the prefix of the names in it, or complete names. */
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
		struct mark m;

		if (find_mark(e->d_name, &m) && m.stem >= n &&
			!(whole && m.stem > n) && !memcmp(e->d_name, begin, n))
			removed += remove_unlocked(dirfd(d), e->d_name, &m);
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
