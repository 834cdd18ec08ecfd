/* log_table.c - reads tab-separated logs: see log_table.h */
#include "common/format/log_table.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/whatis.h"

enum { LINE_MAX_BYTES = 1 << 20 };

struct reading {
	struct log_table *t;
	struct input *in;
	double *row_major;	/* (rows, columns), room for cap */
	size_t cap;
};

static _Noreturn void bad(const struct reading *r, const char *what)
{
	die("%s:%ju: %s", r->t->file, (uintmax_t)input_lineno(r->in), what);
}

static void add_name(struct log_table *t, const char *s, size_t n)
{
	t->name = xrealloc(t->name, t->columns + 1, sizeof *t->name);
	t->name[t->columns++] = xstrndup(s, n);
}

/* Without a CR before the newline; a NUL would end the text of a cell. */
static bool next_line(struct reading *r, char **line, size_t *n)
{
	if (!input_line(r->in, line, n, LINE_MAX_BYTES))
		return false;
	if (memchr(*line, 0, *n))
		bad(r, "a NUL character");
	*n -= *n && (*line)[*n - 1] == '\r';
	return true;
}

static void read_header(struct reading *r, const char *begin, const char *what)
{
	size_t n = 0, base = strlen(begin), i, k;
	const void *head;
	size_t peeked = input_peek(r->in, &head, WHATIS_HEAD);
	const char *is = whatis_note_bytes(head, peeked);
	char *line;

	if (!input_line(r->in, &line, &n, LINE_MAX_BYTES) || n < base ||
		memcmp(line, begin, base) || memchr(line, 0, n) ||
		!strchr("\t\r", n > base ? line[base] : '\t'))
		die("%s:1: not %s%s", r->t->file, what, is);
	n -= line[n - 1] == '\r';
	for (i = 0; i <= n; i += k + 1) {
		const char *tab = memchr(line + i, '\t', n - i);

		k = tab ? (size_t)(tab - line) - i : n - i;
		add_name(r->t, line + i, k);
	}
}

/* The number at *s of a line that ends in a NUL, and what follows it. */
static double number(const struct reading *r, const char **s)
{
	size_t n = strcspn(*s, "\t");
	char *end;
	double x = strtod(*s, &end);

	if (!n || end != *s + n)
		die("%s:%ju: '%.*s' is not a number", r->t->file,
			(uintmax_t)input_lineno(r->in), (int)(n < 40 ? n : 40),
			*s);
	*s = *end ? end + 1 : end;
	return isfinite(x) ? x : NAN;
}

static size_t fields(const char *s)
{
	size_t n = 1;

	while ((s = strchr(s, '\t'))) {
		n++;
		s++;
	}
	return n;
}

static void add_row(struct reading *r, const char *line)
{
	size_t n = r->t->columns, at = r->t->rows * n, i;

	if (fields(line) != n)
		die("%s:%ju: %zu fields, but the first line has %zu", r->t->file,
			(uintmax_t)input_lineno(r->in), fields(line), n);
	if (at + n > r->cap) {
		r->cap = 2 * (at + n);
		r->row_major = xrealloc(r->row_major, r->cap,
			sizeof *r->row_major);
	}
	for (i = 0; i < n; i++)
		r->row_major[at + i] = number(r, &line);
	if (isnan(r->row_major[at]))
		bad(r, "the step is missing");
	if (at && r->row_major[at] < r->row_major[at - n])
		bad(r, "the step is lower than on the line before");
	r->t->rows++;
}

static void turn(struct reading *r)
{
	struct log_table *t = r->t;
	size_t i, j;

	t->value = xcalloc(t->rows * t->columns, sizeof *t->value);
	for (i = 0; i < t->rows; i++)
		for (j = 0; j < t->columns; j++)
			t->value[j * t->rows + i] =
				r->row_major[i * t->columns + j];
	free(r->row_major);
}

struct log_table *log_table_read(const char *file, const char *begin,
	const char *what)
{
	struct reading r = { .t = xcalloc(1, sizeof *r.t) };
	char *line, *copy;
	size_t n;

	r.in = input_open(file);
	r.t->file = xstrdup(input_name(r.in));
	read_header(&r, begin, what);
	while (next_line(&r, &line, &n)) {
		if (!input_ended_in_newline(r.in)) {
			warn("%s:%ju: an incomplete line, which is left out",
				r.t->file, (uintmax_t)input_lineno(r.in));
			break;
		}
		copy = xstrndup(line, n);
		add_row(&r, copy);
		free(copy);
	}
	input_close(r.in);
	turn(&r);
	return r.t;
}

void log_table_free(struct log_table *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < t->columns; i++)
		free(t->name[i]);
	free(t->name);
	free(t->value);
	free(t->file);
	free(t);
}

const double *log_table_column(const struct log_table *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->columns; i++)
		if (!strcmp(t->name[i], name))
			return t->value + i * t->rows;
	return NULL;
}
