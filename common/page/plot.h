/* plot.h - line charts in characters, for terminals and plain text */
#ifndef PIPELM_PLOT_H
#define PIPELM_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/io.h"
#include "common/page/page.h"

enum {
	PLOT_WIDTH_MIN = 20,	/* of a plot */
	PLOT_HEIGHT_MIN = 2,
	PLOT_SIZE_MAX = 4096
};

struct plot {
	size_t width;		/* characters of a line, with the labels of y */
	size_t height;		/* lines of the drawing, without those below it */
	bool utf8;		/* may have characters other than ASCII */
	bool colour;		/* lines are told apart by colours, with escape
				 * sequences of ANSI terminals */
};

/* Writes a chart, with its names and ticks as in page_chart. In UTF-8, lines are
 * drawn in dots of Braille, eight to a character. In ASCII, and without colour if
 * there are several lines, each line has a mark of its own. Where lines cross, the
 * last one is seen. Control characters of names are spelt out. */
void plot_write(struct output *out, const struct plot *p,
	const struct chart *c);

#endif
