/* page_parts.h - shared by the files of common/page */
#ifndef PIPELM_PAGE_PARTS_H
#define PIPELM_PAGE_PARTS_H

#include "common/page/page.h"

/* Where the page goes. */
struct output *page_output(struct page *p);

/* Begins a figure of the page with its title, which may be NULL; ends it. */
void page_figure(struct page *p, const char *title);
void page_figure_end(struct page *p);

/* An axis: values from low to high at places from begin to end. */
struct axis {
	double low, high;
	double begin, end;
	bool log;
};

/* Whether x has a place on the axis; its place. */
bool axis_shows(const struct axis *a, double x);
double axis_place(const struct axis *a, double x);

/* Sets low and high of both axes to the range of what they show, y with this share
 * of it left free on either side; false: they show nothing. */
bool chart_ranges(const struct chart *c, double room, struct axis *x,
	struct axis *y);

/* The text of a tick. */
void page_tick_text(char text[32], double x);

/* A text at a place of a drawing; anchor is "start", "middle" or "end", turned
 * that it runs upwards. */
void page_svg_text(struct page *p, double x, double y, const char *anchor,
	bool upwards, const char *s);

#endif
