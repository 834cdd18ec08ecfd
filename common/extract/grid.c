/* grid.c - assigns table columns: see grid.h */
#include "common/extract/grid.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void grid_open(struct grid *g)
{
	g->table = grow(g->table, g->n, &g->cap, sizeof *g->table);
	memset(&g->table[g->n], 0, sizeof *g->table);
	g->table[g->n++].row = UINT32_MAX;
}

void grid_close(struct grid *g)
{
	g->n--;
}

struct grid_table *grid_top(struct grid *g)
{
	return g->n ? &g->table[g->n - 1] : NULL;
}

void grid_row(struct grid_table *t, uint32_t row)
{
	int i;

	t->row = row;
	t->next = 0;
	for (i = 0; i < GRID_COLUMNS; i++)
		t->reach[i] -= t->reach[i] > 0;
}

uint32_t grid_cell(struct grid_table *t, unsigned colspan, unsigned rowspan)
{
	uint32_t column, i;

	while (t->next < GRID_COLUMNS && t->reach[t->next])
		t->next++;
	column = t->next;
	if (colspan < 1 || colspan > GRID_COLUMNS ||
		column + colspan > GRID_COLUMNS)
		colspan = 1;
	if (rowspan > UINT16_MAX)
		rowspan = UINT16_MAX;
	for (i = column; i < column + colspan && i < GRID_COLUMNS; i++)
		t->reach[i] = (uint16_t)(rowspan > 1 ? rowspan : 0);
	t->next = column + colspan;
	t->paragraphs = 0;
	return column;
}

void grid_free(struct grid *g)
{
	free(g->table);
	*g = (struct grid){ 0 };
}
