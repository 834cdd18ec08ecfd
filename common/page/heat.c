/* heat.c - heat maps as SVG: see page.h
 *
 * Cells of equal shade that touch in a row are one rectangle, and all rectangles
 * of a shade are one path, which keeps a large map small.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/page/page_parts.h"

#define WIDTH 520
#define RIGHT 6
#define TOP 6
#define BOTTOM 42
#define LEFT 58
#define SHADES 10
#define CELL_MAX 22		/* height of a row */
#define HEIGHT_MAX 420		/* of all rows */

static const char *shade_at(const struct heat_map *h, size_t row, size_t col)
{
	double x = (double)h->value[row * h->cols + col];

	return page_shade((x - h->low) / (h->high - h->low));
}

/* All rectangles of a shade, in units of cells. */
static void draw_shade(struct page *p, const struct heat_map *h,
	const char *shade)
{
	size_t row, col, end;

	page_markup(p, "<path class=\"%s\" d=\"", shade);
	for (row = 0; row < h->rows; row++)
		for (col = 0; col < h->cols; col = end) {
			end = col + 1;
			if (strcmp(shade_at(h, row, col), shade) != 0)
				continue;
			while (end < h->cols &&
				!strcmp(shade_at(h, row, end), shade))
				end++;
			page_markup(p, "M%zu %zuh%zuv1h-%zuz", col, row,
				end - col, end - col);
		}
	page_markup(p, "\"/>\n");
}

static void draw_labels(struct page *p, const struct heat_map *h, double cell,
	double width, double bottom)
{
	double tick[TICKS_MAX];
	char text[32];
	size_t most = bottom > 300 ? 20 : 10, n, i;

	n = page_ticks(tick, 0, (double)h->rows - 1, false, most);
	for (i = 0; i < n || (!i && h->rows == 1); i++) {
		double row = n ? tick[i] : 0;

		if (row > floor(row))
			continue;
		page_tick_text(text, row);
		page_svg_text(p, LEFT - 6, TOP + (row + .5) * cell + 4, "end",
			false, h->row_names ? h->row_names[(size_t)row] : text);
	}
	n = page_ticks(tick, 0, (double)h->cols - 1, false, 8);
	for (i = 0; i < n; i++) {
		if (tick[i] > floor(tick[i]))
			continue;
		page_tick_text(text, h->col_values ?
			h->col_values[(size_t)tick[i]] : tick[i]);
		page_svg_text(p, LEFT + (tick[i] + .5) * width, bottom + 16,
			"middle", false, text);
	}
	if (h->x_label)
		page_svg_text(p, (LEFT + WIDTH - RIGHT) / 2.0, bottom + 34,
			"middle", false, h->x_label);
	if (h->y_label)
		page_svg_text(p, 12, (TOP + bottom) / 2, "middle", true,
			h->y_label);
}

static void draw_scale(struct page *p, const struct heat_map *h)
{
	char text[32];
	int i;

	page_markup(p, "<p class=\"soft\">");
	page_tick_text(text, h->low);
	page_string(p, text);
	page_markup(p, "<span class=\"scale\">");
	for (i = 0; i < SHADES; i++)
		page_markup(p, "<i class=\"s%d\"></i>", i);
	page_markup(p, "</span>");
	page_tick_text(text, h->high);
	page_string(p, text);
	page_markup(p, "</p>\n");
}

void page_heat_map(struct page *p, const struct heat_map *h)
{
	double cell = fmin(CELL_MAX, HEIGHT_MAX / (double)(h->rows + !h->rows));
	double width = (WIDTH - LEFT - RIGHT) / (double)(h->cols + !h->cols);
	double bottom = TOP + cell * (double)h->rows;
	char shade[3] = "s1";

	page_figure(p, h->title);
	page_markup(p, "<div class=\"scroll\"><svg viewBox=\"0 0 %d %.1f\" "
		"role=\"img\">\n", WIDTH, bottom + BOTTOM);
	page_markup(p, "<g shape-rendering=\"crispEdges\" "
		"transform=\"translate(%d %d) scale(%.5f %.5f)\">\n", LEFT,
		TOP, width, cell);
	for (; shade[1] <= '9'; shade[1]++)
		draw_shade(p, h, shade);
	page_markup(p, "</g>\n<rect class=\"axis\" fill=\"none\" x=\"%d\" "
		"y=\"%d\" width=\"%d\" height=\"%.1f\"/>\n", LEFT, TOP,
		WIDTH - LEFT - RIGHT, bottom - TOP);
	draw_labels(p, h, cell, width, bottom);
	page_markup(p, "</svg></div>\n");
	draw_scale(p, h);
	page_figure_end(p);
}
