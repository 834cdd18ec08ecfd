/* step_log.c - what a run writes besides its trainlog: see step_log.h */
#include "common/format/step_log.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/io.h"
#include "common/base/mem.h"

struct step_log {
	char *file;
	struct buf text;
};

/* An empty file is nobody's. */
static bool begins(const char *file, const char *with)
{
	struct input *in = input_open(file);
	size_t n = strlen(with), has;
	const void *p;
	bool does;

	has = input_peek(in, &p, n);
	does = !has || (has == n && !memcmp(p, with, n));
	input_close(in);
	return does;
}

static void check(const char *file, const char *begin)
{
	if (!begins(file, begin))
		die("%s:1: it does not begin with '%s': a file of something else",
			file, begin);
}

static void keep_lines(struct step_log *l, const char *old, long keep,
	bool header)
{
	struct input *in = input_open(old);
	char *line;
	size_t n;

	while (input_line(in, &line, &n, 0)) {
		char *copy = xstrndup(line, n), *end;
		const char *digits = copy + strcspn(copy, "0123456789");
		long step = strtol(digits, &end, 10);

		if (header && input_lineno(in) == 1) {
			free(copy);
			continue;
		}
		/* Killed writers leave no half lines here, but editors might. */
		if (end == digits || !input_ended_in_newline(in))
			die("%s:%ju: not a line of a step", old,
				(uintmax_t)input_lineno(in));
		if (step <= keep)
			buf_printf(&l->text, "%s\n", copy);
		free(copy);
	}
	input_close(in);
}

struct step_log *step_log_open(const char *file, const char *old, long keep,
	const char *begin, bool header)
{
	struct step_log *l = xcalloc(1, sizeof *l);

	l->file = xstrdup(file);
	if (file_exists(file))
		check(file, begin);
	if (header)
		buf_printf(&l->text, "%s\n", begin);
	if (old && file_exists(old)) {
		check(old, begin);
		keep_lines(l, old, keep, header);
	}
	return l;
}

struct buf *step_log_text(struct step_log *l)
{
	return &l->text;
}

void step_log_save(struct step_log *l)
{
	file_write(l->file, l->text.p ? l->text.p : "", l->text.n);
}

void step_log_free(struct step_log *l)
{
	if (!l)
		return;
	free(l->file);
	buf_free(&l->text);
	free(l);
}

void step_log_remove(const char *file, const char *begin)
{
	if (file_exists(file) && !file_is_dir(file) && begins(file, begin) &&
		unlink(file))
		die_errno("%s: cannot remove", file);
}
