/* trainlog.c - the record of a training run: see trainlog.h
 *
 * Lines are kept in memory and the file is written whole with each
 * checkpoint, so that log and checkpoint never disagree.
 */
#include "common/format/trainlog.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/io.h"
#include "common/base/mem.h"

#define HEADER "step\tloss\tval_loss\tlr\tgrad_norm\ttokens"

struct trainlog {
	char *file;
	struct buf text;
};

static void keep_lines(struct trainlog *l, long keep)
{
	struct input *in = input_open(l->file);
	char *line;
	size_t n;

	if (!input_line(in, &line, &n, 1 << 20) || n != strlen(HEADER) ||
		memcmp(line, HEADER, n))
		die("%s: not a trainlog: its first line is not '%s'", l->file,
			"step loss val_loss lr grad_norm tokens");
	while (input_line(in, &line, &n, 1 << 20)) {
		char *end, *copy = xstrndup(line, n);
		long step = strtol(copy, &end, 10);

		if (end == copy || *end != '\t')
			die("%s:%llu: not a line of a trainlog", l->file,
				(unsigned long long)input_lineno(in));
		if (step <= keep)
			buf_printf(&l->text, "%s\n", copy);
		free(copy);
	}
	input_close(in);
}

struct trainlog *trainlog_open(const char *file, long keep)
{
	struct trainlog *l = xcalloc(1, sizeof *l);

	l->file = xstrdup(file);
	buf_str(&l->text, HEADER "\n");
	if (keep >= 0 && file_exists(file))
		keep_lines(l, keep);
	return l;
}

static void add_number(struct buf *b, double x)
{
	if (isfinite(x))
		buf_printf(b, "\t%.7g", x);
	else
		buf_str(b, "\tnan");
}

void trainlog_add(struct trainlog *l, const struct trainlog_row *row)
{
	buf_printf(&l->text, "%ld", row->step);
	add_number(&l->text, row->loss);
	add_number(&l->text, row->val_loss);
	add_number(&l->text, row->lr);
	add_number(&l->text, row->grad_norm);
	buf_printf(&l->text, "\t%llu\n", (unsigned long long)row->tokens);
}

void trainlog_save_as(const struct trainlog *l, const char *file)
{
	file_write(file, l->text.p, l->text.n);
}

void trainlog_save(const struct trainlog *l)
{
	trainlog_save_as(l, l->file);
}

void trainlog_free(struct trainlog *l)
{
	if (!l)
		return;
	free(l->file);
	buf_free(&l->text);
	free(l);
}
