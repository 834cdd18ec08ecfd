/* report.c - text to a page: see report.h */
#include "common/page/report.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/page/page.h"

/* A block is collected whole, up to the line that ends it. Fields of `cells` are
 * NUL-terminated, line by line; `columns` is their number in the first line. Of a
 * chart, cells has only the names, and `value` the numbers below them. */
struct report {
	struct output *out;
	const char *title;
	struct page *page;	/* NULL before the first line */
	struct input *in;
	struct buf paragraph, block, cells;
	size_t columns, lines;
	double *value;		/* (lines - 1, columns), room for cap */
	size_t cap;
	bool warned;
};

static _Noreturn void bad(const struct report *r, const char *what)
{
	die("%s:%ju: %s", input_name(r->in), (uintmax_t)input_lineno(r->in), what);
}

/* The next line. Invalid bytes are shown as U+FFFD: page_text. */
static bool next_line(struct report *r, char **line, size_t *n)
{
	if (!input_line(r->in, line, n, 0))
		return false;
	if (memchr(*line, 0, *n))
		bad(r, "a NUL character");
	if (!utf8_valid(*line, *n) && !r->warned) {
		r->warned = true;
		warn("%s:%ju: not valid UTF-8: invalid bytes become U+FFFD",
			input_name(r->in), (uintmax_t)input_lineno(r->in));
	}
	*n -= *n && (*line)[*n - 1] == '\r';
	return true;
}

static void end_paragraph(struct report *r)
{
	if (r->paragraph.n)
		page_paragraph(r->page, "%s", r->paragraph.p);
	buf_reset(&r->paragraph);
}

static const char *next_cell(const char *cell)
{
	return cell + strlen(cell) + 1;
}

/* Adds a line to cells; returns its first cell. */
static const char *add_row(struct report *r, const char *line, size_t n)
{
	size_t columns = 1, begin = r->cells.n, i;

	buf_add(&r->cells, line, n);
	buf_putc(&r->cells, 0);
	for (i = begin; i < begin + n; i++)
		if (r->cells.p[i] == '\t') {
			r->cells.p[i] = 0;
			columns++;
		}
	if (!r->lines)
		r->columns = columns;
	else if (columns != r->columns)
		bad(r, "another number of fields than in the first line of the block");
	r->lines++;
	return r->cells.p + begin;
}

/* A number, or NaN if the cell is empty or "nan". */
static double number(const struct report *r, const char *cell)
{
	char *end;
	double x;

	if (!*cell)
		return NAN;
	x = strtod(cell, &end);
	if (*end)
		bad(r, "not a number in a chart");
	return x;
}

/* Adds a line below the names of a chart. */
static void add_point(struct report *r, const char *line, size_t n)
{
	size_t names = r->cells.n, at = (r->lines - 1) * r->columns, i;
	const char *cell = add_row(r, line, n);

	if (at + r->columns > r->cap) {
		r->cap = 2 * (at + r->columns);
		r->value = xrealloc(r->value, r->cap, sizeof *r->value);
	}
	for (i = 0; i < r->columns; i++, cell = next_cell(cell))
		r->value[at + i] = number(r, cell);
	r->cells.n = names;
	if (isnan(r->value[at]) || (at &&
			r->value[at] < r->value[at - r->columns]))
		bad(r, "a chart whose x decreases or is missing");
}

/* The names in the first line, NULL-terminated; the caller frees the array. */
static const char **names(const struct report *r, const char **rest)
{
	const char **name = xcalloc(r->columns + 1, sizeof *name);
	const char *cell = r->cells.p;
	size_t i;

	for (i = 0; i < r->columns; i++, cell = next_cell(cell))
		name[i] = cell;
	*rest = cell;
	return name;
}

static void write_table(struct report *r)
{
	const char *cell, **name = names(r, &cell);
	size_t i;

	page_table(r->page, name);
	for (i = 0; i < r->columns * (r->lines - 1); i++, cell = next_cell(cell))
		page_cell_text(r->page, cell, strlen(cell));
	page_table_end(r->page);
	free(name);
}

struct chart_kind {
	char *title, *y_label;
	bool log_x, log_y;
};

static void write_chart(struct report *r, const struct chart_kind *k)
{
	size_t points = r->lines - 1, i, j;
	const char *rest, **name = names(r, &rest);
	double *column = xcalloc(points * r->columns + 1, sizeof *column);
	struct series *line = xcalloc(r->columns, sizeof *line);
	struct chart chart = { .title = *k->title ? k->title : NULL,
		.x_label = name[0], .y_label = k->y_label, .log_x = k->log_x,
		.log_y = k->log_y, .v = line, .n = r->columns - 1 };

	for (i = 0; i < points; i++)
		for (j = 0; j < r->columns; j++)
			column[j * points + i] = r->value[i * r->columns + j];
	for (j = 1; j < r->columns; j++)
		line[j - 1] = (struct series){ name[j], column,
			column + j * points, points };
	page_chart(r->page, &chart);
	free(line);
	free(column);
	free(name);
}

/* Takes the word, and the blank after it, from the beginning of *s. */
static bool take(char **s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*s, word, n) || ((*s)[n] && (*s)[n] != ' '))
		return false;
	*s += n + ((*s)[n] == ' ');
	return true;
}

/* Reads "[log-x] [log-y] [TITLE[<tab>NAME OF THE Y AXIS]]", which is changed. */
static struct chart_kind chart_kind(char *s)
{
	struct chart_kind k = { 0 };
	char *tab;

	while (!k.title)
		if (take(&s, "log-x"))
			k.log_x = true;
		else if (take(&s, "log-y"))
			k.log_y = true;
		else
			k.title = s;
	tab = strchr(s, '\t');
	if (tab) {
		*tab = '\0';
		k.y_label = tab + 1;
	}
	return k;
}

/* The lines to the closing fence; kind is what follows the opening one. */
static void fenced(struct report *r, char *kind)
{
	bool chart = take(&kind, "chart"), sample = !*kind && !chart;
	struct chart_kind k = { 0 };
	char *line;
	size_t n;

	if (chart)
		k = chart_kind(kind);
	else if (!sample && strcmp(kind, "table"))
		bad(r, "a block is ```, ```table or ```chart");
	r->lines = 0;
	buf_reset(&r->cells);
	buf_reset(&r->block);
	for (;;) {
		if (!next_line(r, &line, &n))
			bad(r, "a block without its closing ```");
		if (n == 3 && !memcmp(line, "```", 3))
			break;
		if (sample) {
			buf_add(&r->block, line, n);
			buf_putc(&r->block, '\n');
		} else if (chart && r->lines) {
			add_point(r, line, n);
		} else {
			add_row(r, line, n);
		}
	}
	if (!sample && !r->lines)
		bad(r, "a block without a line of names");
	if (chart && r->columns < 2)
		bad(r, "a chart without a column for y");
	if (sample)
		page_sample(r->page, r->block.p ? r->block.p : "", r->block.n);
	else if (chart)
		write_chart(r, &k);
	else
		write_table(r);
}

/* Begins the page; returns whether the line is its title. */
static bool begin(struct report *r, const char *line)
{
	bool titled = !r->title && !strncmp(line, "# ", 2);

	r->page = page_begin(r->out, r->title ? r->title : titled ? line + 2 :
		"Report", NULL);
	return titled;
}

static void one_line(struct report *r, char *line, size_t n)
{
	if (n == 0) {
		end_paragraph(r);
	} else if (!strncmp(line, "```", 3)) {
		end_paragraph(r);
		fenced(r, line + 3);
	} else if (!strncmp(line, "### ", 4)) {
		end_paragraph(r);
		page_heading(r->page, "%s", line + 4);
	} else if (!strncmp(line, "## ", 3) || !strncmp(line, "# ", 2)) {
		end_paragraph(r);
		page_section(r->page, "%s", strchr(line, ' ') + 1);
	} else {
		if (r->paragraph.n)
			buf_putc(&r->paragraph, ' ');
		buf_add(&r->paragraph, line, n);
	}
}

struct report *report_begin(struct output *out, const char *title)
{
	struct report *r = xcalloc(1, sizeof *r);

	r->out = out;
	r->title = title;
	return r;
}

void report_add(struct report *r, struct input *in)
{
	struct buf copy = { 0 };	/* a block reads on */
	char *line;
	size_t n;

	r->in = in;
	r->warned = false;
	input_skip_mark(in);
	while (next_line(r, &line, &n)) {
		buf_reset(&copy);
		buf_add(&copy, line, n);
		buf_end(&copy);
		if (r->page || !begin(r, copy.p))
			one_line(r, copy.p, n);
	}
	end_paragraph(r);
	buf_free(&copy);
}

void report_end(struct report *r)
{
	if (!r->page)
		begin(r, "");
	page_end(r->page);
	buf_free(&r->paragraph);
	buf_free(&r->block);
	buf_free(&r->cells);
	free(r->value);
	free(r);
}
