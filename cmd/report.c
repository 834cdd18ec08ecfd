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
 * NUL-terminated, line by line; `columns` is their number in the first line. */
static struct {
	struct page *page;
	struct input *in;
	struct buf paragraph, block, cells;
	size_t columns, lines;
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
	return true;
}

static void end_paragraph(void)
{
	if (w.paragraph.n)
		page_paragraph(w.page, "%s", w.paragraph.p);
	buf_reset(&w.paragraph);
}

/* Adds a line of a table or a chart to cells. */
static void add_row(const char *line, size_t n)
{
	size_t columns = 1, i;

	for (i = 0; i < n; i++)
		columns += line[i] == '\t';
	if (w.lines == 0)
		w.columns = columns;
	else if (columns != w.columns)
		bad("another number of fields than in the first line of the block");
	w.lines++;
	buf_add(&w.cells, line, n);
	buf_putc(&w.cells, 0);
	for (i = w.cells.n - n - 1; i < w.cells.n; i++)
		if (w.cells.p[i] == '\t')
			w.cells.p[i] = 0;
}

static const char *next_cell(const char *cell)
{
	return cell + strlen(cell) + 1;
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

/* A number, or NaN if the cell is empty or "nan". */
static double number(const char *cell)
{
	char *end;
	double x = *cell ? strtod(cell, &end) : NAN;

	if (*cell && *end)
		die("%s: a chart that ends in line %ju: not a number: '%s'",
			input_name(w.in), (uintmax_t)input_lineno(w.in), cell);
	return x;
}

/* about: "TITLE", or "TITLE<tab>NAME OF THE Y AXIS". */
static void write_chart(char *about, bool log_x, bool log_y)
{
	size_t points = w.lines - 1, series = w.columns - 1, i, j;
	const char *cell, **name = names(&cell);
	double *value = xcalloc(points * w.columns + 1, sizeof *value);
	struct series *line = xcalloc(series + 1, sizeof *line);
	char *tab = strchr(about, '\t');
	struct chart chart = { .title = *about && tab != about ? about : NULL,
		.x_label = name[0], .y_label = tab ? tab + 1 : NULL,
		.log_x = log_x, .log_y = log_y, .v = line, .n = series };

	if (tab)
		*tab = '\0';
	if (series == 0)
		bad("a chart without a column for y");
	for (i = 0; i < points; i++)
		for (j = 0; j < w.columns; j++, cell = next_cell(cell))
			value[j * points + i] = number(cell);
	for (i = 1; i < points; i++)
		if (!(value[i] >= value[i - 1]))
			bad("a chart whose x decreases");
	for (j = 0; j < series; j++)
		line[j] = (struct series){ name[j + 1], value,
			value + (j + 1) * points, points };
	page_chart(w.page, &chart);
	free(line);
	free(value);
	free(name);
}

/* The lines to the closing fence; kind is what follows the opening one. */
static void fenced(char *kind)
{
	bool table = !strcmp(kind, "table");
	bool chart = !strncmp(kind, "chart", 5), closed = false;
	bool log_x = false, log_y = false;
	char *line, *about = kind + 5;
	size_t n;

	if (!chart && !table && *kind)
		bad("a block is ```, ```table or ```chart");
	while (chart && *about == ' ' && !strncmp(about + 1, "log-", 4)) {
		*(about[5] == 'x' ? &log_x : &log_y) = true;
		about += 6;
	}
	about += chart && *about == ' ';
	about = xstrdup(chart ? about : "");
	w.lines = 0;
	buf_reset(&w.cells);
	buf_reset(&w.block);
	while (!closed && next_line(&line, &n)) {
		closed = n == 3 && !memcmp(line, "```", 3);
		if (closed)
			break;
		if (chart || table) {
			add_row(line, n);
		} else {
			buf_add(&w.block, line, n);
			buf_putc(&w.block, '\n');
		}
	}
	if (!closed)
		bad("a block without its closing ```");
	if ((chart || table) && !w.lines)
		bad("a block without a line of names");
	if (table)
		write_table();
	else if (chart)
		write_chart(about, log_x, log_y);
	else
		page_sample(w.page, w.block.p ? w.block.p : "", w.block.n);
	free(about);
}

/* The title is that of --title, or of the first line if it is "# TITLE". */
static void begin(struct output *out, const char *line)
{
	bool titled = !strncmp(line, "# ", 2);

	w.page = page_begin(out, o.title ? o.title : titled ? line + 2 :
		"Report", NULL);
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
		if (!w.page) {
			begin(out, copy.p);
			if (!o.title && !strncmp(copy.p, "# ", 2))
				continue;
		}
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
	return 0;
}
