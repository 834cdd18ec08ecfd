/* input.c - buffered reading and whole files: see io.h */
#include "common/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/leftovers.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define CHUNK ((size_t)256 << 10)
#define RELEASE_LEAST ((uintptr_t)64 << 10)
#define RELEASE_TOGETHER ((uintptr_t)8 << 20)

struct input {
	char *name;
	int fd;			/* -1: the function read is used */
	size_t (*read)(void *ctx, void *buf, size_t n);
	void (*close)(void *ctx);
	void *ctx;
	char *p;		/* buffer: unread bytes are p[at..end) */
	size_t at, end, cap;
	uint64_t lineno, taken, sound;
	bool eof, newline;
	enum input_end how;	/* valid when eof */
	bool (*resume)(void *ctx);
};

void (*input_on_damage)(const char *message);

static struct input *new_input(const char *name)
{
	struct input *in = xcalloc(1, sizeof *in);

	in->name = xstrdup(strcmp(name, "-") ? name : "standard input");
	in->fd = -1;
	in->cap = CHUNK;
	in->p = xmalloc(in->cap);
	in->newline = true;
	return in;
}

struct input *input_open(const char *name)
{
	struct input *in = new_input(name);
	struct stat st;

	if (!strcmp(name, "-")) {
		in->fd = STDIN_FILENO;
		if (fstat(in->fd, &st) ||
			(fcntl(in->fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
			die("standard input is closed");
	} else {
		in->fd = open(name, O_RDONLY | O_CLOEXEC);
		if (in->fd < 0 || fstat(in->fd, &st))
			die_errno("%s: cannot open", name);
	}
	if (S_ISDIR(st.st_mode))
		die("%s: is a directory, not a file", in->name);
#ifdef POSIX_FADV_SEQUENTIAL
	posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
	return in;
}

struct input *input_open_with(const char *name,
	size_t (*reader)(void *ctx, void *buf, size_t n),
	void (*closer)(void *ctx), void *ctx)
{
	struct input *in = new_input(name);

	in->read = reader;
	in->close = closer;
	in->ctx = ctx;
	return in;
}

static size_t read_some(struct input *in, void *buf, size_t n)
{
	ssize_t got;

	if (in->eof || !n)
		return 0;
	if (in->fd < 0) {
		got = (ssize_t)in->read(in->ctx, buf, n);
		if (in->how != INPUT_WHOLE)
			in->eof = true;
	} else {
		do
			got = read(in->fd, buf, n);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			die_errno("%s: cannot read", in->name);
	}
	if (got == 0)
		in->eof = true;
	return (size_t)got;
}

/* Reads more bytes after the unread ones, making room first. */
static bool fill(struct input *in)
{
	size_t got;

	if (in->at && (in->at == in->end || in->end == in->cap)) {
		memmove(in->p, in->p + in->at, in->end - in->at);
		in->end -= in->at;
		in->at = 0;
	}
	if (in->end == in->cap) {
		in->cap *= 2;
		in->p = xrealloc(in->p, in->cap, 1);
	}
	got = read_some(in, in->p + in->end, in->cap - in->end);
	in->end += got;
	return got > 0;
}

void input_break(struct input *in, enum input_end how, uint64_t sound,
	bool (*resume)(void *ctx))
{
	in->how = how;
	in->sound = sound;
	in->resume = resume;
}

enum input_end input_ended(const struct input *in)
{
	return in->how;
}

uint64_t input_sound(const struct input *in)
{
	return in->sound;
}

bool input_resume(struct input *in)
{
	if (in->at < in->end || in->how == INPUT_WHOLE || !in->resume ||
		!in->resume(in->ctx))
		return false;
	in->how = INPUT_WHOLE;
	in->eof = false;
	return true;
}

size_t input_read_some(struct input *in, void *buf, size_t n)
{
	if (in->at == in->end && n >= CHUNK) {
		n = read_some(in, buf, n);
	} else {
		if (in->at == in->end)
			fill(in);
		if (n > in->end - in->at)
			n = in->end - in->at;
		if (n)
			memcpy(buf, in->p + in->at, n);
		in->at += n;
	}
	in->taken += n;
	return n;
}

size_t input_read(struct input *in, void *buf, size_t n)
{
	size_t done = 0, got;

	while (done < n &&
		(got = input_read_some(in, (char *)buf + done, n - done)) > 0)
		done += got;
	return done;
}

size_t input_peek(struct input *in, const void **p, size_t n)
{
	while (in->end - in->at < n && fill(in))
		;
	*p = in->p + in->at;
	return in->end - in->at < n ? in->end - in->at : n;
}

void input_skip_mark(struct input *in)
{
	char mark[3];
	const void *p;
	size_t n = input_peek(in, &p, sizeof mark);

	if (utf8_mark(p, n))
		input_read(in, mark, sizeof mark);
}

bool input_line(struct input *in, char **line, size_t *len, size_t max)
{
	size_t seen = 0;
	char *nl = NULL;

	for (;;) {
		size_t have = in->end - in->at;

		if (have > seen)
			nl = memchr(in->p + in->at + seen, '\n', have - seen);
		if (nl || (max && have > max))
			break;
		seen = have;
		if (!fill(in))
			break;
	}
	*line = in->p + in->at;
	*len = nl ? (size_t)(nl - *line) : in->end - in->at;
	if (!nl && !*len)
		return false;
	in->lineno++;
	if (max && *len > max)
		die("%s:%llu: the line is longer than %zu bytes", in->name,
			(unsigned long long)in->lineno, max);
	in->newline = nl != NULL;
	in->at += *len + in->newline;
	in->taken += *len + in->newline;
	return true;
}

const char *input_name(const struct input *in)
{
	return in->name;
}

uint64_t input_lineno(const struct input *in)
{
	return in->lineno;
}

uint64_t input_offset(const struct input *in)
{
	return in->taken;
}

bool input_ended_in_newline(const struct input *in)
{
	return in->newline;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	if (in->close)
		in->close(in->ctx);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->name);
	free(in->p);
	free(in);
}

char *file_read(const char *name, size_t *len)
{
	struct input *in = input_open(name);
	size_t cap = CHUNK, n = 0, got;
	char *p = xmalloc(cap + 1);

	while ((got = input_read_some(in, p + n, cap - n)) > 0) {
		n += got;
		if (n == cap) {
			cap *= 2;
			p = xrealloc(p, cap + 1, 1);
		}
	}
	p[n] = 0;
	*len = n;
	input_close(in);
	return p;
}

void file_map(const char *name, struct mapped *m)
{
	struct stat st;
	void *p;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st))
		die_errno("%s: cannot open", name);
	if (!S_ISREG(st.st_mode))
		die("%s: not a regular file", name);
	m->p = NULL;
	m->n = (size_t)st.st_size;
	if (m->n) {
		p = mmap(NULL, m->n, PROT_READ, MAP_SHARED, fd, 0);
		if (p == MAP_FAILED)
			die_errno("%s: cannot map", name);
		m->p = p;
	}
	close(fd);
}

void file_unmap(struct mapped *m)
{
	if (m->n)
		munmap((void *)m->p, m->n);
	m->p = NULL;
	m->n = 0;
}

void file_release(const void *p, size_t n)
{
#ifdef MADV_DONTNEED
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (uintptr_t)p / page * page;
	uintptr_t end = ((uintptr_t)p + n) / page * page;

	/* The last page may hold what is read next. */
	if (end > begin && end - begin >= RELEASE_LEAST)
		madvise((void *)begin, end - begin, MADV_DONTNEED);
#endif
}

void file_release_some(struct release *r, const void *map, const void *p,
	size_t n)
{
	uintptr_t begin = (uintptr_t)p, end = begin + n;
	uintptr_t low = begin < r->begin ? begin : r->begin;
	uintptr_t high = end > r->end ? end : r->end;

	if (r->map == map && high - low <= RELEASE_TOGETHER) {
		r->begin = low;
		r->end = high;
		return;
	}
	file_release_rest(r);
	*r = (struct release){ map, begin, end };
}

void file_release_rest(struct release *r)
{
	if (r->map)
		file_release((const void *)r->begin, r->end - r->begin);
	*r = (struct release){ 0 };
}

char *path_join(const char *dir, const char *name)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = xmalloc(size);

	snprintf(path, size, "%s/%s", dir, name);
	return path;
}

bool name_ends(const char *name, const char *end)
{
	size_t n = strlen(name), k = strlen(end);

	return n >= k && !strcmp(name + n - k, end);
}

char **input_names(char **operands)
{
	static char *standard_input[] = { "-", NULL };

	return operands && *operands ? operands : standard_input;
}

bool file_exists(const char *name)
{
	return access(name, F_OK) == 0;
}

bool file_is_dir(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISDIR(st.st_mode);
}

bool file_is_stream(const char *name)
{
	struct stat st;

	return !stat(name, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

bool file_same(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
		x.st_ino == y.st_ino;
}

void dir_make(const char *name)
{
	if (mkdir(name, 0777) && !(errno == EEXIST && file_is_dir(name)))
		die_errno("%s: cannot make the directory", name);
}

void dir_remove(const char *name, const char *const *files)
{
	char *all = path_join(name, "");
	size_t n = 0;

	leftovers_from(all);
	free(all);
	while (files[n])
		n++;
	while (n-- > 0) {
		char *file = path_join(name, files[n]);

		if (unlink(file) && errno != ENOENT && errno != ENOTDIR)
			die_errno("%s: cannot remove", file);
		free(file);
	}
	rmdir(name);	/* fails, as it should, if other files are in it */
}

void dir_claim(const char *name)
{
	char *dir;
	int fd;

	dir_make(name);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	/* Kept open: the lock lasts as long as the program. On a file system
	 * without locks there is no protection. */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		die("%s: another program is writing this model", name);
	dir = path_join(name, "");
	leftovers_from(dir);
	free(dir);
}
