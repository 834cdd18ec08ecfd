/* grid.h - table columns of a page while it is walked
 *
 * As in https://html.spec.whatwg.org/multipage/tables.html: a cell goes into
 * the first column that no cell of an earlier row extends into.
 */
#ifndef PIPELM_GRID_H
#define PIPELM_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Spans are capped at this column; cells beyond it are not aligned. So a short
 * tag cannot ask for a long row of tabs. */
enum { GRID_COLUMNS = 100 };

struct grid_table {
	uint32_t row;		/* for the caller: element of the open row */
	uint32_t paragraphs;	/* for the caller: in the open cell */
	bool has_headings;	/* for the caller: there is a th */
	uint32_t next;		/* column after the last cell of the row */
	uint16_t reach[GRID_COLUMNS];	/* rows a cell still covers, with this one */
};

/* The open tables, innermost last. Zero-initialise it ({0}). */
struct grid {
	struct grid_table *table;
	size_t n, cap;
};

void grid_open(struct grid *g);
void grid_close(struct grid *g);

/* The innermost open table, or NULL. */
struct grid_table *grid_top(struct grid *g);

void grid_row(struct grid_table *t, uint32_t row);

/* Adds a cell with these spans (0 counts as 1) to the row; returns its column,
 * counted from 0. */
uint32_t grid_cell(struct grid_table *t, unsigned colspan, unsigned rowspan);

void grid_free(struct grid *g);

#endif
