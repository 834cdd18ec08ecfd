/* chart.c - line charts as SVG: see page.h
 *
 * Positions are in the units of the drawing, which the browser scales. page.js
 * reads values off the curves, for which it needs the axes: low, high, begin, end
 * and whether logarithmic, of x and of y.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/page/page_parts.h"

#define WIDTH 520
#define HEIGHT 300
#define LEFT 66
#define RIGHT 12
#define TOP 10
#define BOTTOM 46
#define KINDS 8		/* colours and dashes: .k0 to .k7 of page.css */

/* ---- drawing ---- */

void page_figure(struct page *p, const char *title)
{
	page_markup(p, "<figure>");
	if (title) {
		page_markup(p, "<figcaption>");
		page_string(p, title);
		page_markup(p, "</figcaption>");
	}
	page_markup(p, "\n");
}

void page_figure_end(struct page *p)
{
	page_markup(p, "</figure>\n");
}

void page_svg_text(struct page *p, double x, double y, const char *anchor,
	bool upwards, const char *s)
{
	if (upwards)
		page_markup(p, "<text transform=\"translate(%.1f %.1f) "
			"rotate(-90)\" text-anchor=\"%s\">", x, y, anchor);
	else
		page_markup(p, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
			x, y, anchor);
	page_string(p, s);
	page_markup(p, "</text>\n");
}

static void draw_axes(struct page *p, const struct chart *c,
	const struct axis *x, const struct axis *y)
{
	double tick[TICKS_MAX];
	char text[32];
	size_t n, i;

	n = page_ticks(tick, y->low, y->high, y->log, 7);
	for (i = 0; i < n; i++) {
		double at = axis_place(y, tick[i]);

		page_markup(p, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" "
			"y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, WIDTH - RIGHT, at,
			at);
		page_tick_text(text, tick[i]);
		page_svg_text(p, LEFT - 6, at + 4, "end", false, text);
	}
	n = page_ticks(tick, x->low, x->high, x->log, 7);
	for (i = 0; i < n; i++) {
		double at = axis_place(x, tick[i]);

		page_markup(p, "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" "
			"y1=\"%d\" y2=\"%d\"/>\n", at, at, HEIGHT - BOTTOM,
			HEIGHT - BOTTOM + 4);
		page_tick_text(text, tick[i]);
		page_svg_text(p, at, HEIGHT - BOTTOM + 17, "middle", false,
			text);
	}
	page_markup(p, "<path class=\"axis\" fill=\"none\" d=\"M%d %dV%dH%d\"/>\n",
		LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
	if (c->x_label)
		page_svg_text(p, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8,
			"middle", false, c->x_label);
	if (c->y_label)
		page_svg_text(p, 12, (TOP + HEIGHT - BOTTOM) / 2.0, "middle",
			true, c->y_label);
}

/* Points i..end-1 of a series that lie in one pixel: writes the first, the
 * lowest, the highest and the last, in their order. */
static void put_pixel(struct page *p, const struct series *s,
	const struct axis *x, const struct axis *y, size_t i, size_t end,
	bool begin)
{
	size_t low = i, high = i, k;

	for (k = i; k < end; k++) {
		low = s->y[k] < s->y[low] ? k : low;
		high = s->y[k] > s->y[high] ? k : high;
	}
	for (k = i; k < end; k++)
		if (k == i || k == low || k == high || k + 1 == end) {
			page_markup(p, "%s%.1f %.1f", begin ? "M" : "L",
				axis_place(x, s->x[k]), axis_place(y, s->y[k]));
			begin = false;
		}
}

/* The points from i on that are shown, up to the first that is not. */
static size_t put_stretch(struct page *p, const struct series *s,
	const struct axis *x, const struct axis *y, size_t i)
{
	size_t begin = i, end;

	while (i < s->n && axis_shows(x, s->x[i]) && axis_shows(y, s->y[i])) {
		double pixel = floor(axis_place(x, s->x[i]));

		for (end = i + 1; end < s->n && axis_shows(x, s->x[end]) &&
			axis_shows(y, s->y[end]) &&
			floor(axis_place(x, s->x[end])) <= pixel; end++)
			;
		put_pixel(p, s, x, y, i, end, i == begin);
		i = end;
	}
	return i;
}

/* A point without neighbours is no line. */
static void draw_dots(struct page *p, const struct series *s, size_t kind,
	const struct axis *x, const struct axis *y)
{
	bool before = false, now, after;
	size_t i;

	now = s->n && axis_shows(x, s->x[0]) && axis_shows(y, s->y[0]);
	for (i = 0; i < s->n; i++) {
		after = i + 1 < s->n && axis_shows(x, s->x[i + 1]) &&
			axis_shows(y, s->y[i + 1]);
		if (now && !before && !after)
			page_markup(p, "<circle class=\"dot k%zu\" r=\"2.5\" "
				"cx=\"%.1f\" cy=\"%.1f\"/>\n", kind % KINDS,
				axis_place(x, s->x[i]), axis_place(y, s->y[i]));
		before = now;
		now = after;
	}
}

static void draw_series(struct page *p, const struct series *s, size_t kind,
	const struct axis *x, const struct axis *y)
{
	size_t i = 0;

	page_markup(p, "<path class=\"curve k%zu\" d=\"", kind % KINDS);
	while (i < s->n) {
		size_t end = put_stretch(p, s, x, y, i);

		i = end > i ? end : i + 1;
	}
	page_markup(p, "\"/>\n");
	draw_dots(p, s, kind, x, y);
}

static void draw_legend(struct page *p, const struct chart *c)
{
	size_t i;

	page_markup(p, "<ul class=\"legend\"><li><output data-of=\"x\"></output>"
		"</li>\n");
	for (i = 0; i < c->n; i++) {
		if (!c->v[i].name && c->n > 1)
			continue;
		page_markup(p, "<li>");
		if (c->v[i].name) {
			page_markup(p, "<svg viewBox=\"0 0 28 10\"><path "
				"class=\"curve k%zu\" d=\"M1 5H27\"/></svg>",
				i % KINDS);
			page_string(p, c->v[i].name);
		}
		page_markup(p, "<output data-of=\"%zu\"></output></li>\n", i);
	}
	page_markup(p, "</ul>\n");
}

/* ---- a chart ---- */

void page_chart(struct page *p, const struct chart *c)
{
	struct axis x = { .begin = LEFT, .end = WIDTH - RIGHT,
		.log = c->log_x };
	struct axis y = { .begin = HEIGHT - BOTTOM, .end = TOP,
		.log = c->log_y };
	size_t i;

	page_figure(p, c->title);
	if (!chart_ranges(c, .05, &x, &y)) {
		page_paragraph(p, "No data.");
		page_figure_end(p);
		return;
	}
	page_markup(p, "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" "
		"role=\"img\" data-axes=\"%.17g %.17g %g %g %d %.17g %.17g "
		"%g %g %d\">\n", WIDTH, HEIGHT, x.low, x.high, x.begin, x.end,
		x.log, y.low, y.high, y.begin, y.end, y.log);
	draw_axes(p, c, &x, &y);
	for (i = 0; i < c->n; i++)
		draw_series(p, &c->v[i], i, &x, &y);
	page_markup(p, "</svg></div>\n");
	draw_legend(p, c);
	page_figure_end(p);
}
