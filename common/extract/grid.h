/* grid.h - the columns of the tables of a page that is walked
 *
 * As in https://html.spec.whatwg.org/multipage/tables.html: a cell stands in
 * the first column that no cell of a row before reaches down into.
 */
#ifndef PIPELM_GRID_H
#define PIPELM_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Spans count up to that column, cells beyond stand side by side: a short tag
 * cannot ask for a long row of tabs. */
enum { GRID_COLUMNS = 100 };

struct grid_table {
	uint32_t row;		/* the caller's: element of the open row */
	uint32_t paragraphs;	/* the caller's: of the open cell */
	bool has_headings;	/* the caller's: it has th */
	uint32_t next;		/* column after the last cell of the row */
	uint16_t reach[GRID_COLUMNS];	/* rows a cell reaches, this one too */
};

/* Open tables, the innermost last. Zero-initialise it ({0}). */
struct grid {
	struct grid_table *table;
	size_t n, cap;
};

void grid_open(struct grid *g);
void grid_close(struct grid *g);

/* The innermost table, NULL when none is open. */
struct grid_table *grid_top(struct grid *g);

void grid_row(struct grid_table *t, uint32_t row);

/* Puts a cell with these spans (0 counts as 1) into the row; returns its
 * column, from 0. */
uint32_t grid_cell(struct grid_table *t, unsigned colspan, unsigned rowspan);

void grid_free(struct grid *g);

#endif
