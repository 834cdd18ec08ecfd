/* curves_layers.c - statistics of layers over steps, on the page of runs */
#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/train/curves_parts.h"

enum { COLUMNS_MAX = 400 };	/* of a map: fewer than pixels */

/* Statistics as a grid. */
struct grid {
	size_t layers, steps;
	double *step;		/* (steps) */
	size_t every;		/* a column of the map is every how many-th step */
};

/* The first step's lines are as many as there are layers, and so are each other's;
 * those of a run that was resumed with fewer are not shown. */
static struct grid grid_of(const struct log_table *t)
{
	const double *step = log_table_column(t, "step");
	struct grid g = { 0 };
	size_t i;

	while (g.layers < t->rows && !(step[g.layers] > step[0]))
		g.layers++;
	g.steps = g.layers ? t->rows / g.layers : 0;
	g.every = (g.steps + COLUMNS_MAX - 1) / COLUMNS_MAX;
	g.step = xcalloc(g.steps, sizeof *g.step);
	for (i = 0; i < g.steps; i += g.every)
		g.step[i / g.every] = step[i * g.layers];
	if (g.every)
		g.steps = (g.steps + g.every - 1) / g.every;
	return g;
}

/* Fills in the map, and its range in whole tenths. Returns whether it has any. */
static bool fill(struct heat_map *h, float *value, const struct grid *g,
	const double *y)
{
	size_t row, col;

	h->low = INFINITY;
	h->high = -INFINITY;
	for (row = 0; row < g->layers; row++)
		for (col = 0; col < g->steps; col++) {
			double x = log10(y[col * g->every * g->layers + row]);

			value[row * g->steps + col] = isfinite(x) ? (float)x : NAN;
			if (isfinite(x)) {
				h->low = fmin(h->low, x);
				h->high = fmax(h->high, x);
			}
		}
	h->low = floor(10 * h->low) / 10 - .1;
	h->high = ceil(10 * h->high) / 10;
	return h->high >= h->low;
}

static void put_map(struct page *p, const struct grid *g,
	const struct log_table *t, const char *column, const char *title)
{
	float *value = xcalloc(g->layers * g->steps, sizeof *value);
	struct heat_map h = { .title = title, .x_label = "step",
		.y_label = "layer", .value = value, .rows = g->layers,
		.cols = g->steps, .col_values = g->step };
	const double *y = log_table_column(t, column);

	if (y && fill(&h, value, g, y))
		page_heat_map(p, &h);
	free(value);
}

static void put_maps(struct page *p, const struct log_table *t)
{
	static const char *const maps[][2] = {
		{ "act_rms", "Residual stream after the layer, root mean square" },
		{ "act_max", "Residual stream after the layer, largest" },
		{ "weight_rms", "Weights, root mean square" },
		{ "weight_max", "Weights, largest" },
		{ "grad_rms", "Gradient, root mean square" },
		{ "grad_max", "Gradient, largest" },
		{ "update", "Norm of the update as a share of the weights'" }
	};
	struct grid g = grid_of(t);
	size_t i;

	for (i = 0; i < sizeof maps / sizeof *maps; i++)
		put_map(p, &g, t, maps[i][0], maps[i][1]);
	free(g.step);
}

void curves_put_layers(struct page *p, const struct curves *c)
{
	size_t i, begun = 0;

	for (i = 0; i < c->n; i++) {
		if (!c->v[i].layers)
			continue;
		if (!begun++) {
			page_section(p, "Layers");
			page_paragraph(p, "Decimal logarithms. Layer 0 is the "
				"embedding, the last one the final norm with the "
				"head; between them are the blocks.");
		}
		if (c->n > 1)
			page_heading(p, "%s", c->v[i].name);
		put_maps(p, c->v[i].layers);
	}
}
