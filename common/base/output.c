/* output.c - output that is complete or absent: see io.h */
#include "common/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/leftovers.h"
#include "common/base/mem.h"
#include "common/base/signals.h"
#include "common/base/target.h"

#define CHUNK ((size_t)256 << 10)

struct output {
	char *name;		/* as given, for messages */
	struct target target;
	char *tmp;		/* NULL: written in place */
	int fd;
	char *p;
	size_t n;
	struct output *next;	/* in the list of open outputs */
};

static struct output *all_open;

/* Also called by a signal handler: only unlinks. */
static void remove_temporary(void)
{
	struct output *o;

	for (o = all_open; o; o = o->next)
		if (o->tmp)
			unlink(o->tmp);
}

static void register_output(struct output *o)
{
	static bool registered;

	if (!registered) {
		registered = true;
		atexit(remove_temporary);
		signals_on_end(remove_temporary);
	}
	o->next = all_open;
	all_open = o;
}

static void forget_output(struct output *o)
{
	struct output **link = &all_open;

	while (*link != o)
		link = &(*link)->next;
	*link = o->next;
	free(o->name);
	free(o->target.path);
	free(o->tmp);
	free(o->p);
	free(o);
}

static bool is_standard(const char *name)
{
	return !name || !strcmp(name, "-") || !strcmp(name, "/dev/stdout");
}

/* If we may not give the file to its owner, it becomes ours. */
static void keep_owner(const struct output *o)
{
	const struct stat *st = &o->target.st;

	if (o->target.exists && fchown(o->fd, st->st_uid, st->st_gid))
		(void)!fchown(o->fd, (uid_t)-1, st->st_gid);
}

static void open_standard(struct output *o)
{
	o->name = xstrdup("standard output");
	o->fd = STDOUT_FILENO;
	if (fcntl(o->fd, F_GETFD) < 0 ||
		(fcntl(o->fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		die("standard output is closed");
}

static void open_in_place(struct output *o)
{
	const struct target *t = &o->target;

	o->fd = t->fd >= 0 ? fcntl(t->fd, F_DUPFD_CLOEXEC, 0) :
		open(t->path, O_WRONLY | O_CLOEXEC);
}

static void open_temporary(struct output *o)
{
	const struct target *t = &o->target;

	leftovers_of(t->path);
	o->tmp = leftovers_name(t->path);
	o->fd = open(o->tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (o->fd < 0)
		return;
	flock(o->fd, LOCK_EX | LOCK_NB);	/* marks it in use: leftovers.h */
	if (t->exists && fchmod(o->fd, t->st.st_mode & 0777))
		die_errno("%s: cannot set its mode", o->tmp);
}

struct output *output_open(const char *name)
{
	struct output *o = xcalloc(1, sizeof *o);

	o->p = xmalloc(CHUNK);
	if (is_standard(name)) {
		open_standard(o);
		register_output(o);
		return o;
	}
	o->name = xstrdup(name);
	if (!target_find(&o->target, name)) {
		if (errno == EISDIR)
			die("%s: is a directory", name);
		die_errno("%s: cannot write", name);
	}
	if (target_in_place(&o->target))
		open_in_place(o);
	else
		open_temporary(o);
	if (o->fd < 0)
		die_errno("%s: cannot create", name);
	register_output(o);
	return o;
}

static void write_all(struct output *o, const char *p, size_t n)
{
	while (n) {
		ssize_t put = write(o->fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			die_errno("%s: cannot write", o->name);
		p += put;
		n -= (size_t)put;
	}
}

void output_flush(struct output *o)
{
	write_all(o, o->p, o->n);
	o->n = 0;
}

void output_write(struct output *o, const void *p, size_t n)
{
	if (n > CHUNK - o->n) {
		output_flush(o);
		if (n >= CHUNK) {
			write_all(o, p, n);
			return;
		}
	}
	if (n)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

void output_str(struct output *o, const char *s)
{
	output_write(o, s, strlen(s));
}

void output_putc(struct output *o, int c)
{
	char byte = (char)c;

	output_write(o, &byte, 1);
}

void output_printf(struct output *o, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof small) {
		output_write(o, small, (size_t)n);
	} else {
		char *big = xmalloc((size_t)n + 1);

		va_start(ap, fmt);
		vsnprintf(big, (size_t)n + 1, fmt, ap);
		va_end(ap);
		output_write(o, big, (size_t)n);
		free(big);
	}
}

const char *output_name(const struct output *o)
{
	return o->name;
}

void output_patch(struct output *o, uint64_t offset, const void *p, size_t n)
{
	size_t done = 0;

	output_flush(o);
	while (done < n) {
		ssize_t put = pwrite(o->fd, (const char *)p + done, n - done,
			(off_t)(offset + done));

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			die_errno("%s: cannot write", o->name);
		done += (size_t)put;
	}
}

/* Opens the directory of name for fsync; -1 on failure. */
static int open_directory(const char *name)
{
	char *copy = xstrdup(name);
	int fd = open(dirname(copy), O_RDONLY | O_CLOEXEC);

	free(copy);
	return fd;
}

/* Nothing can fail after the rename: after a failure there is no file. */
static void rename_output(struct output *o)
{
	int dir = open_directory(o->target.path);

	if (rename(o->tmp, o->target.path))
		die_errno("%s: cannot rename", o->tmp);
	if (dir >= 0) {		/* else some file systems lose a rename */
		fsync(dir);
		close(dir);
	}
}

void output_close(struct output *o)
{
	output_flush(o);
	if (o->tmp)
		keep_owner(o);
	if (o->tmp && fsync(o->fd) && errno != EINVAL)
		die_errno("%s: cannot write", o->name);
	if (close(o->fd) && errno != EINTR)
		die_errno("%s: cannot write", o->name);
	if (o->tmp)
		rename_output(o);
	forget_output(o);
}

bool output_possible(const char *name)
{
	struct target t;
	char *tmp;
	int fd;

	if (is_standard(name))
		return true;
	if (!target_find(&t, name))
		return false;
	/* A pipe or device is not opened twice: its reader would see an end. */
	if (target_in_place(&t)) {
		free(t.path);
		return true;
	}
	tmp = leftovers_name(t.path);
	free(t.path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0) {
		close(fd);
		unlink(tmp);
	}
	free(tmp);
	return fd >= 0;
}

void output_try(const char *name)
{
	if (!output_possible(name))
		die_errno("%s: cannot create", name);
}

void output_try_second(const char *option, const char *name, const char *first)
{
	if (!name)
		return;
	if (is_standard(name) && is_standard(first))
		die_usage("--%s -: documents go to standard output; send one "
			"of them to a file", option);
	output_try(name);
}

void output_refuse_terminal(const struct output *o)
{
	if (isatty(o->fd))
		die_usage("binary data is not written to a terminal: "
			"send it to a file or a pipe");
}

void file_write(const char *name, const void *p, size_t n)
{
	struct output *o = output_open(name);

	output_write(o, p, n);
	output_close(o);
}
