/* curves.c - the logs of runs, and plots of them: see curves.h */
#include "common/train/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/format/trainlog.h"
#include "common/train/curves_parts.h"
#include "common/train/measures.h"

/* ---- runs ---- */

char *logged_file(const struct logged_run *r, const char *file)
{
	char *path;

	if (!r->dir)
		return NULL;
	path = path_join(r->name, file);
	if (file_exists(path))
		return path;
	free(path);
	return NULL;
}

/* A file that a run may have beside its log. */
static struct log_table *read_other(const struct logged_run *r,
	const char *name, const char *begin, const char *what)
{
	char *file = logged_file(r, name);
	struct log_table *t = file ? log_table_read(file, begin, what) : NULL;

	free(file);
	return t;
}

static void open_run(struct logged_run *r, const char *name, bool whole)
{
	char *file;

	r->name = name;
	r->dir = file_is_dir(name);
	file = r->dir ? path_join(name, "trainlog.tsv") : xstrdup(name);
	r->log = log_table_read(file, TRAINLOG_BEGIN, "a trainlog");
	free(file);
	if (!whole)
		return;
	r->speed = read_other(r, "speed.tsv", SPEED_BEGIN, "a log of speed");
	r->layers = read_other(r, "layers.tsv", LAYERS_BEGIN,
		"statistics of layers");
}

struct curves *curves_open(char *const *names,
	const struct curve_options *options, bool whole)
{
	struct curves *c = xcalloc(1, sizeof *c);
	size_t n = 0;

	while (names[n])
		n++;
	c->options = options;
	c->v = xcalloc(n, sizeof *c->v);
	for (; c->n < n; c->n++)
		open_run(&c->v[c->n], names[c->n], whole);
	return c;
}

void curves_free(struct curves *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		log_table_free(c->v[i].log);
		log_table_free(c->v[i].speed);
		log_table_free(c->v[i].layers);
	}
	free(c->v);
	free(c);
}

/* ---- curves ---- */

const char *curve_x(const struct curve_options *options)
{
	return options->x ? "tokens" : "step";
}

/* The mean of what was measured in the `steps` steps up to that of row i. The sum is
 * made anew for each row, so that nothing is left of a large value once it is out. */
static double smoothed(const double *step, const double *y, size_t i,
	double steps)
{
	double sum = 0;
	size_t n = 0, k;

	for (k = i + 1; k-- > 0 && (k == i || step[k] > step[i] - steps);)
		if (!isnan(y[k])) {
			sum += y[k];
			n++;
		}
	return sum / (double)n;
}

struct series curve_of(const struct log_table *t, const char *column,
	const struct curve_options *options, const char *name)
{
	const double *step = t ? log_table_column(t, "step") : NULL;
	const double *x = t ? log_table_column(t, curve_x(options)) : NULL;
	const double *y = t ? log_table_column(t, column) : NULL;
	size_t rows = x && y ? t->rows : 0, i;
	struct series s = { .name = name };
	double *at = xcalloc(2 * rows, sizeof *at);

	s.x = at;
	s.y = at + rows;
	for (i = 0; i < rows; i++) {
		if (isnan(x[i]) || isnan(y[i]))
			continue;
		at[s.n] = x[i];
		at[rows + s.n++] = options->smooth > 1 ?
			smoothed(step, y, i, (double)options->smooth) : y[i];
	}
	return s;
}

void series_free(struct series *s)
{
	free((double *)s->x);
}

/* ---- plots ---- */

/* The lines of a plot, and their names. */
struct lines {
	struct series *v;
	char **name;
	size_t n;
};

/* The run, unless there is only one, or the column, unless that is the title. */
static char *name_line(const struct curves *c, const struct logged_run *r,
	const char *column, bool alone)
{
	struct buf b = { 0 };

	buf_str(&b, alone || c->n > 1 ? r->name : column);
	if (!alone && c->n > 1)
		buf_printf(&b, " %s", column);
	return buf_end(&b);
}

static _Noreturn void die_column(const struct curves *c, const char *column)
{
	const struct log_table *t = c->v[0].log;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < t->columns; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", t->name[i]);
	die("%s: there is no column '%s': it has %s", t->file, column, b.p);
}

static void add_column(struct lines *l, const struct curves *c,
	const char *column, bool alone)
{
	size_t i, found = l->n;

	for (i = 0; i < c->n; i++) {
		if (!log_table_column(c->v[i].log, column))
			continue;
		l->name[l->n] = name_line(c, &c->v[i], column, alone);
		l->v[l->n] = curve_of(c->v[i].log, column, c->options,
			l->name[l->n]);
		l->n++;
	}
	if (l->n == found)
		die_column(c, column);
}

static size_t count_commas(const char *s)
{
	size_t n = 0;

	while ((s = strchr(s, ','))) {
		n++;
		s++;
	}
	return n;
}

void curves_plot(struct output *out, const struct curves *c,
	const char *columns, const struct plot *p)
{
	size_t most = (count_commas(columns) + 1) * c->n, i;
	char *copy = xstrdup(columns), *name = copy, *comma;
	struct lines l = { xcalloc(most, sizeof *l.v),
		xcalloc(most, sizeof *l.name), 0 };
	struct chart chart = { .title = columns,
		.x_label = curve_x(c->options), .log_x = c->options->log_x,
		.log_y = c->options->log_y };

	for (; name; name = comma) {
		comma = strchr(name, ',');
		if (comma)
			*comma++ = '\0';
		add_column(&l, c, name, most == c->n);
	}
	chart.v = l.v;
	chart.n = l.n;
	plot_write(out, p, &chart);
	for (i = 0; i < l.n; i++) {
		series_free(&l.v[i]);
		free(l.name[i]);
	}
	free(l.v);
	free(l.name);
	free(copy);
}
