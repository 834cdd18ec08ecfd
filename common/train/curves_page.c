/* curves_page.c - how training runs went, as a page: see curves.h */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/model/architecture.h"
#include "common/model/model_dir.h"
#include "common/train/curves_parts.h"

/* ---- the table of runs ---- */

/* A column of a run: its last value, and its least with the step of that. */
struct ends {
	double last, least, step;
};

static struct ends ends(const struct log_table *t, const char *column)
{
	const double *step = t ? log_table_column(t, "step") : NULL;
	const double *y = t ? log_table_column(t, column) : NULL;
	struct ends e = { NAN, NAN, NAN };
	size_t i;

	for (i = 0; y && i < t->rows; i++) {
		if (isnan(y[i]))
			continue;
		e.last = y[i];
		if (y[i] < e.least || isnan(e.least)) {
			e.least = y[i];
			e.step = step[i];
		}
	}
	return e;
}

static void put_last(struct page *p, const struct log_table *t,
	const char *column)
{
	double last = ends(t, column).last;

	if (isnan(last))
		page_cell(p, "-");
	else
		page_cell(p, "%.15g", last);
}

static void put_ends(struct page *p, const struct logged_run *r,
	const char *column)
{
	struct ends e = ends(r->log, column);

	if (isnan(e.last)) {
		page_cell(p, "-");
		page_cell(p, "-");
		return;
	}
	page_cell(p, "%.4f", e.last);
	page_cell(p, "%.4f at %.15g", e.least, e.step);
}

static void put_runs(struct page *p, const struct curves *c)
{
	static const char *const columns[] = { "run", "#steps", "#tokens",
		"#loss", "#lowest, at step", "#val_loss",
		"#lowest, at step", "#seconds", "#bits", NULL };
	size_t i;

	page_section(p, "Runs");
	page_table(p, columns);
	for (i = 0; i < c->n; i++) {
		const struct logged_run *r = &c->v[i];

		page_cell(p, "%s", r->name);
		put_last(p, r->log, "step");
		put_last(p, r->log, "tokens");
		put_ends(p, r, "loss");
		put_ends(p, r, "val_loss");
		put_last(p, r->speed, "seconds");
		put_last(p, r->log, "bits");
	}
	page_table_end(p);
}

static void put_model(struct page *p, const char *name,
	const struct model_config *c)
{
	page_cell(p, "%s", name);
	page_cell(p, "%s", c->arch->name);
	page_cell(p, "%zu", c->layers);
	page_cell(p, "%zu", c->width);
	page_cell(p, "%zu", c->heads);
	page_cell(p, "%zu", c->context);
	page_cell(p, "%zu", c->vocab);
	page_cell(p, "%zu", model_parameters(c));
}

/* Those of the directories that have a config.json: adapters have none. */
static void put_models(struct page *p, const struct curves *c)
{
	static const char *const columns[] = { "run", "model", "#layers",
		"#width", "#heads", "#context", "#vocabulary",
		"#parameters", NULL };
	size_t i, n = 0;

	for (i = 0; i < c->n; i++) {
		char *file = logged_file(&c->v[i], "config.json");
		struct model_config config;

		if (!file)
			continue;
		model_config_read(&config, file);
		if (!n++)
			page_table(p, columns);
		put_model(p, c->v[i].name, &config);
		free(file);
	}
	if (n)
		page_table_end(p);
}

/* ---- charts ---- */

/* The table of a run that charts are about: its log, or its speed. */
static const struct log_table *table_of(const struct curves *c, size_t i,
	bool speed)
{
	return speed ? c->v[i].speed : c->v[i].log;
}

static bool is_measured(const struct curves *c, const char *column, bool speed)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (!isnan(ends(table_of(c, i, speed), column).last))
			return true;
	return false;
}

static bool measured(const struct curves *c, const char *column)
{
	return is_measured(c, column, false);
}

/* What a column is called, if not by its name. */
static const char *title_of(const char *column)
{
	static const char *const titles[][2] = {
		{ "loss", "Loss" },
		{ "val_loss", "Loss on held-out data" },
		{ "lr", "Learning rate" },
		{ "grad_norm", "Norm of the gradient before clipping" },
		{ "tokens/s", "Tokens a second" },
		{ "share", "Share of the speed of one large product" }
	};
	size_t i;

	for (i = 0; i < sizeof titles / sizeof *titles; i++)
		if (!strcmp(column, titles[i][0]))
			return titles[i][1];
	return column;
}

/* A line for each column of each run; second may be NULL. */
static void put_chart(struct page *p, const struct curves *c,
	const char *column, const char *second, bool log_y, bool speed)
{
	size_t of = second ? 2 : 1, i;
	struct series *s = xcalloc(of * c->n, sizeof *s);
	struct chart chart = { .title = title_of(column), .log_x = c->options->log_x,
		.log_y = log_y && c->options->log_y,
		.x_label = curve_x(c->options), .v = s, .n = of * c->n };

	for (i = 0; i < chart.n; i++) {
		const char *y = i % of ? second : column;

		s[i] = curve_of(table_of(c, i / of, speed), y, c->options,
			of > 1 ? y : c->v[i].name);
	}
	page_chart(p, &chart);
	for (i = 0; i < chart.n; i++)
		series_free(&s[i]);
	free(s);
}

/* A column and, beside it, the one measured on held-out data, val_NAME: of a single
 * run in one chart; of several in one each, so that a run has one colour. */
static void put_pair(struct page *p, const struct curves *c, const char *column,
	bool log_y)
{
	struct buf val = { 0 };
	bool two;

	buf_printf(&val, "val_%s", column);
	two = measured(c, val.p);
	if (measured(c, column))
		put_chart(p, c, column, two && c->n == 1 ? val.p : NULL, log_y,
			false);
	if (two && !(c->n == 1 && measured(c, column)))
		put_chart(p, c, val.p, NULL, log_y, false);
	buf_free(&val);
}

/* Whether a column has no chart of its own, or comes before the others. */
static bool is_known(const char *name)
{
	static const char *const names[] = { "step", "tokens", "bits", "loss",
		"lr", "grad_norm" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncmp(name, "val_", 4);
}

/* Whether a run before i has the column. */
static bool is_repeated(const struct curves *c, size_t i, const char *name)
{
	while (i-- > 0)
		if (log_table_column(c->v[i].log, name))
			return true;
	return false;
}

static void put_charts(struct page *p, const struct curves *c)
{
	size_t i, k;

	page_section(p, "Curves");
	if (c->options->smooth > 1)
		page_paragraph(p, "A point is the mean over the last %lld steps.",
			(long long)c->options->smooth);
	put_pair(p, c, "loss", true);
	put_pair(p, c, "lr", false);
	put_pair(p, c, "grad_norm", true);
	for (i = 0; i < c->n; i++)
		for (k = 0; k < c->v[i].log->columns; k++) {
			const char *name = c->v[i].log->name[k];

			if (!is_known(name) && !is_repeated(c, i, name))
				put_pair(p, c, name, false);
		}
}

static void put_speed(struct page *p, const struct curves *c)
{
	static const char *const columns[] = { "tokens/s", "share" };
	size_t i, begun = 0;

	for (i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (!is_measured(c, columns[i], true))
			continue;
		if (!begun++)
			page_section(p, "Speed");
		put_chart(p, c, columns[i], NULL, false, true);
	}
}

/* ---- commands ---- */

static void put_commands(struct page *p, const struct curves *c)
{
	size_t i, begun = 0;

	for (i = 0; i < c->n; i++) {
		char *text = c->v[i].dir ? model_provenance(c->v[i].name) :
			xstrdup("");

		if (*text && !begun++)
			page_section(p, "Commands");
		if (*text && c->n > 1)
			page_heading(p, "%s", c->v[i].name);
		if (*text)
			page_sample(p, text, strlen(text));
		free(text);
	}
}

void curves_page(struct output *out, const struct curves *c)
{
	struct buf title = { 0 };
	struct page *p;

	buf_str(&title, c->n == 1 ? c->v[0].name : "Training runs");
	p = page_begin(out, title.p, NULL);
	put_runs(p, c);
	put_models(p, c);
	put_charts(p, c);
	put_speed(p, c);
	curves_put_samples(p, c);
	curves_put_layers(p, c);
	put_commands(p, c);
	page_end(p);
	buf_free(&title);
}
