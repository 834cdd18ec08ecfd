/* curves.h - how training runs went, in a terminal and as a page
 *
 * Reads what trainers leave in their directories: trainlog(5), and for a page
 * everything else there that says what the run was. Several runs are overlaid.
 */
#ifndef PIPELM_CURVES_H
#define PIPELM_CURVES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/page/plot.h"

struct curve_options {
	int x;			/* index in CURVES_X: the column of x */
	int64_t smooth;		/* a point is the mean over so many steps, the
				 * last of which is its own; 0 or 1: itself */
	bool log_x, log_y;
};
#define CURVES_X "step|tokens"

struct curves;

/* Reads the runs: model directories, or files of logs; "-" is standard input. whole:
 * for a page, what else the directories have. Anything that is not as it should be
 * is fatal. options are kept by reference. */
struct curves *curves_open(char *const *names,
	const struct curve_options *options, bool whole);
void curves_free(struct curves *c);

/* Draws columns, their names separated by commas, in one plot: a line for each of
 * each run that has it. A column that no run has is fatal. */
void curves_plot(struct output *out, const struct curves *c,
	const char *columns, const struct plot *p);

/* The page: a table of the runs, a chart of each column that was measured, samples,
 * statistics of layers, and the commands. */
void curves_page(struct output *out, const struct curves *c);

#endif
