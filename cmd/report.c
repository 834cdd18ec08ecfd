/* report - text with tables and charts to a page: report(1) */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/utf8.h"
#include "common/page/page.h"

static struct { const char *output, *title; } o;

static const struct program program = { "report", "[FILE ...]",
	"text with tables and charts to a page" };

static const struct option_row rows[] = {
	{ 0, "title", OPT_STR, &o.title, "TEXT", "title of the page (Report)" },
	OPT_OUTPUT(o.output),
	OPT_COMMON
};

/* A block is collected whole, up to the line that ends it. Fields of `cells` are
 * NUL-terminated, line by line; `columns` is their number in the first line. Of a
 * chart, cells has only the names, and `value` the numbers below them. */
static struct {
	struct page *page;
	struct input *in;
	struct buf paragraph, block, cells;
	size_t columns, lines;
	double *value;		/* (lines - 1, columns), room for cap */
	size_t cap;
	bool warned;
} w;

static _Noreturn void bad(const char *what)
{
	die("%s:%ju: %s", input_name(w.in), (uintmax_t)input_lineno(w.in), what);
}

/* The next line. Invalid bytes are shown as U+FFFD: page_text. */
static bool next_line(char **line, size_t *n)
{
	if (!input_line(w.in, line, n, 0))
		return false;
	if (memchr(*line, 0, *n))
		bad("a NUL character");
	if (!utf8_valid(*line, *n) && !w.warned) {
		w.warned = true;
		warn("%s:%ju: not valid UTF-8: invalid bytes become U+FFFD",
			input_name(w.in), (uintmax_t)input_lineno(w.in));
	}
	*n -= *n && (*line)[*n - 1] == '\r';
	return true;
}

static void end_paragraph(void)
{
	if (w.paragraph.n)
		page_paragraph(w.page, "%s", w.paragraph.p);
	buf_reset(&w.paragraph);
}

static const char *next_cell(const char *cell)
{
	return cell + strlen(cell) + 1;
}

/* Adds a line to cells; returns its first cell. */
static const char *add_row(const char *line, size_t n)
{
	size_t columns = 1, begin = w.cells.n, i;

	buf_add(&w.cells, line, n);
	buf_putc(&w.cells, 0);
	for (i = begin; i < begin + n; i++)
		if (w.cells.p[i] == '\t') {
			w.cells.p[i] = 0;
			columns++;
		}
	if (!w.lines)
		w.columns = columns;
	else if (columns != w.columns)
		bad("another number of fields than in the first line of the block");
	w.lines++;
	return w.cells.p + begin;
}

/* A number, or NaN if the cell is empty or "nan". */
static double number(const char *cell)
{
	char *end;
	double x;

	if (!*cell)
		return NAN;
	x = strtod(cell, &end);
	if (*end)
		bad("not a number in a chart");
	return x;
}

/* Adds a line below the names of a chart. */
static void add_point(const char *line, size_t n)
{
	size_t names = w.cells.n, at = (w.lines - 1) * w.columns, i;
	const char *cell = add_row(line, n);

	if (at + w.columns > w.cap) {
		w.cap = 2 * (at + w.columns);
		w.value = xrealloc(w.value, w.cap, sizeof *w.value);
	}
	for (i = 0; i < w.columns; i++, cell = next_cell(cell))
		w.value[at + i] = number(cell);
	w.cells.n = names;
	if (isnan(w.value[at]) || (at &&
			w.value[at] < w.value[at - w.columns]))
		bad("a chart whose x decreases or is missing");
}

/* The names in the first line, NULL-terminated; the caller frees the array. */
static const char **names(const char **rest)
{
	const char **name = xcalloc(w.columns + 1, sizeof *name);
	const char *cell = w.cells.p;
	size_t i;

	for (i = 0; i < w.columns; i++, cell = next_cell(cell))
		name[i] = cell;
	*rest = cell;
	return name;
}

static void write_table(void)
{
	const char *cell, **name = names(&cell);
	size_t i;

	page_table(w.page, name);
	for (i = 0; i < w.columns * (w.lines - 1); i++, cell = next_cell(cell))
		page_cell_text(w.page, cell, strlen(cell));
	page_table_end(w.page);
	free(name);
}

struct chart_kind {
	char *title, *y_label;
	bool log_x, log_y;
};

static void write_chart(const struct chart_kind *k)
{
	size_t points = w.lines - 1, i, j;
	const char *rest, **name = names(&rest);
	double *column = xcalloc(points * w.columns + 1, sizeof *column);
	struct series *line = xcalloc(w.columns, sizeof *line);
	struct chart chart = { .title = *k->title ? k->title : NULL,
		.x_label = name[0], .y_label = k->y_label, .log_x = k->log_x,
		.log_y = k->log_y, .v = line, .n = w.columns - 1 };

	for (i = 0; i < points; i++)
		for (j = 0; j < w.columns; j++)
			column[j * points + i] = w.value[i * w.columns + j];
	for (j = 1; j < w.columns; j++)
		line[j - 1] = (struct series){ name[j], column,
			column + j * points, points };
	page_chart(w.page, &chart);
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
static void fenced(char *kind)
{
	bool chart = take(&kind, "chart"), sample = !*kind && !chart;
	struct chart_kind k = { 0 };
	char *line;
	size_t n;

	if (chart)
		k = chart_kind(kind);
	else if (!sample && strcmp(kind, "table"))
		bad("a block is ```, ```table or ```chart");
	w.lines = 0;
	buf_reset(&w.cells);
	buf_reset(&w.block);
	for (;;) {
		if (!next_line(&line, &n))
			bad("a block without its closing ```");
		if (n == 3 && !memcmp(line, "```", 3))
			break;
		if (sample) {
			buf_add(&w.block, line, n);
			buf_putc(&w.block, '\n');
		} else if (chart && w.lines) {
			add_point(line, n);
		} else {
			add_row(line, n);
		}
	}
	if (!sample && !w.lines)
		bad("a block without a line of names");
	if (chart && w.columns < 2)
		bad("a chart without a column for y");
	if (sample)
		page_sample(w.page, w.block.p ? w.block.p : "", w.block.n);
	else if (chart)
		write_chart(&k);
	else
		write_table();
}

/* Begins the page. Its title is that of --title, or of the first line, if that is
 * "# TITLE": returns whether it is. */
static bool begin(struct output *out, const char *line)
{
	bool titled = !o.title && !strncmp(line, "# ", 2);

	w.page = page_begin(out, o.title ? o.title : titled ? line + 2 :
		"Report", NULL);
	return titled;
}

static void one_line(char *line, size_t n)
{
	if (n == 0) {
		end_paragraph();
	} else if (!strncmp(line, "```", 3)) {
		end_paragraph();
		fenced(line + 3);
	} else if (!strncmp(line, "### ", 4)) {
		end_paragraph();
		page_heading(w.page, "%s", line + 4);
	} else if (!strncmp(line, "## ", 3) || !strncmp(line, "# ", 2)) {
		end_paragraph();
		page_section(w.page, "%s", strchr(line, ' ') + 1);
	} else {
		if (w.paragraph.n)
			buf_putc(&w.paragraph, ' ');
		buf_add(&w.paragraph, line, n);
	}
}

static void read_file(struct output *out, const char *name)
{
	struct buf copy = { 0 };	/* a block reads on */
	char *line;
	size_t n;

	w.in = input_open(name);
	input_skip_mark(w.in);
	w.warned = false;
	while (next_line(&line, &n)) {
		buf_reset(&copy);
		buf_add(&copy, line, n);
		buf_end(&copy);
		if (w.page || !begin(out, copy.p))
			one_line(copy.p, n);
	}
	end_paragraph();
	input_close(w.in);
	buf_free(&copy);
}

int main(int argc, char **argv)
{
	struct output *out;
	char **name;

	argv += options_parse(&program, rows, argc, argv);
	out = output_open(o.output);
	for (name = input_names(argv); *name; name++)
		read_file(out, *name);
	if (!w.page)
		begin(out, "");
	page_end(w.page);
	output_close(out);
	buf_free(&w.paragraph);
	buf_free(&w.block);
	buf_free(&w.cells);
	free(w.value);
	return 0;
}
