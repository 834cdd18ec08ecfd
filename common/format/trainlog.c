/* trainlog.c - the record of a training run: see trainlog.h
 *
 * A line reaches the file in one write(2). Opening the log of a resumed run
 * truncates the lines after its checkpoint.
 */
#include "common/format/trainlog.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/io.h"
#include "common/base/mem.h"

struct trainlog {
	char *file;
	size_t nmore;		/* further columns */
	struct buf header;
	struct buf text;	/* the complete log */
	struct output *instead;	/* a file under a temporary name; or NULL */
	int fd;			/* opened for appending, or -1 */
};

static void make_header(struct trainlog *l, const char *const *more)
{
	buf_str(&l->header, TRAINLOG_BEGIN);
	for (; more && *more; more++, l->nmore++)
		buf_printf(&l->header, "\t%s", *more);
	buf_str(&l->header, "\tbits");
}

/* The header of a log of any program; valid until the next line is read. */
static const char *read_header(struct input *in, const char *file, size_t *n)
{
	char *line;
	size_t base = strlen(TRAINLOG_BEGIN);

	if (!input_line(in, &line, n, 1 << 20) || *n < base ||
		memcmp(line, TRAINLOG_BEGIN, base) || (*n > base && line[base] != '\t'))
		die("%s: not a trainlog: its first line does not begin with "
			"'%s'", file,
			"step loss val_loss lr grad_norm tokens");
	return line;
}

/* How many columns at the end a log of this program lacks, if it was written before
 * there were these. */
static size_t missing_columns(const struct trainlog *l, struct input *in,
	const char *file)
{
	size_t n, missing = 0;
	const char *line = read_header(in, file, &n);

	if (n > l->header.n || memcmp(line, l->header.p, n) ||
		(n < l->header.n && l->header.p[n] != '\t'))
		die("%s: the log of another program: its columns differ",
			file);
	for (; n < l->header.n; n++)
		missing += l->header.p[n] == '\t';
	return missing;
}

static void keep_line(struct trainlog *l, const char *line, size_t missing)
{
	buf_str(&l->text, line);
	while (missing--)
		buf_str(&l->text, "\tnan");
	buf_putc(&l->text, '\n');
}

static void keep_lines(struct trainlog *l, const char *old, long keep)
{
	struct input *in = input_open(old);
	char *line;
	size_t missing = missing_columns(l, in, old), n;

	while (input_line(in, &line, &n, 1 << 20)) {
		char *end, *copy = xstrndup(line, n);
		long step = strtol(copy, &end, 10);

		/* A last line that was truncated when its writer died. */
		if (!input_ended_in_newline(in)) {
			free(copy);
			break;
		}
		if (end == copy || *end != '\t')
			die("%s:%llu: not a line of a trainlog", old,
				(unsigned long long)input_lineno(in));
		if (step <= keep)
			keep_line(l, copy, missing);
		free(copy);
	}
	input_close(in);
}

struct trainlog *trainlog_open(const char *file, const char *old, long keep,
	const char *const *more)
{
	struct trainlog *l = xcalloc(1, sizeof *l);

	l->file = xstrdup(file);
	l->fd = -1;
	make_header(l, more);
	buf_add(&l->text, l->header.p, l->header.n);
	buf_putc(&l->text, '\n');
	if (old && file_exists(old))
		keep_lines(l, old, keep);
	return l;
}

static void append_from_now(struct trainlog *l)
{
	l->fd = open(l->file, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (l->fd < 0)
		die_errno("%s: cannot write", l->file);
}

void trainlog_follow(struct trainlog *l, bool instead)
{
	if (file_exists(l->file)) {	/* keep another program's file */
		struct input *in = input_open(l->file);
		size_t n;

		read_header(in, l->file, &n);
		input_close(in);
	}
	if (instead) {
		l->instead = output_open(l->file);
		output_write(l->instead, l->text.p, l->text.n);
		output_flush(l->instead);
		return;
	}
	file_write(l->file, l->text.p, l->text.n);
	append_from_now(l);
}

static void add_number(struct buf *b, double x)
{
	if (isfinite(x))
		buf_printf(b, "\t%.7g", x);
	else
		buf_str(b, "\tnan");
}

/* Writes the text from `at` on to the file. */
static void put(struct trainlog *l, size_t at)
{
	if (l->instead) {
		output_write(l->instead, l->text.p + at, l->text.n - at);
		output_flush(l->instead);
		return;
	}
	while (l->fd >= 0 && at < l->text.n) {
		ssize_t n = write(l->fd, l->text.p + at, l->text.n - at);

		if (n < 0 && errno != EINTR)
			die_errno("%s: cannot write", l->file);
		at += n > 0 ? (size_t)n : 0;
	}
}

void trainlog_add(struct trainlog *l, const struct trainlog_row *row)
{
	size_t at = l->text.n, i;

	buf_printf(&l->text, "%ld", row->step);
	add_number(&l->text, row->loss);
	add_number(&l->text, row->val_loss);
	add_number(&l->text, row->lr);
	add_number(&l->text, row->grad_norm);
	buf_printf(&l->text, "\t%llu", (unsigned long long)row->tokens);
	for (i = 0; i < l->nmore; i++)
		add_number(&l->text, row->more[i]);
	add_number(&l->text, row->bits);
	buf_putc(&l->text, '\n');
	put(l, at);
}

void trainlog_save(struct trainlog *l)
{
	if (l->instead) {
		output_close(l->instead);
		l->instead = NULL;
		append_from_now(l);
	} else if (l->fd >= 0) {
		if (fsync(l->fd) && errno != EINVAL)
			die_errno("%s: cannot write", l->file);
	} else {
		file_write(l->file, l->text.p, l->text.n);
	}
}

void trainlog_free(struct trainlog *l)
{
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	free(l->file);
	buf_free(&l->header);
	buf_free(&l->text);
	free(l);
}
