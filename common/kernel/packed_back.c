/* packed_back.c - the panels of a packed matrix's transpose: see packed.h
 *
 * A panel of the transpose has a row of W for each column, so its squares of
 * columns by columns are those of W's own panels, transposed.
 */
#include "common/base/size.h"
#include "common/kernel/packed.h"
#include "common/kernel/tile.h"

enum { MOST_COLUMNS = 32 };	/* of a panel, in any instruction set */

/* The terms of W from l on, up to a panel's width of them, of the panel of column
 * j: rows of `cols` floats, in W itself or in own (PANEL_BLOCK, cols). */
static const float *square(const struct packed_matrix *w, size_t l, size_t j,
	float *own)
{
	size_t cols = kernel_set()->tile->cols, from;

	if (!w->panel) {
		from = l / K_BLOCK * K_BLOCK;
		return packed_at(w, from, size_min(K_BLOCK, w->k - from), j) +
			(l - from) * cols;
	}
	from = l / PANEL_BLOCK * PANEL_BLOCK;
	kernel_set()->panel->expand(w->type, own, packed_panel(w, from, j, cols),
		size_min(PANEL_BLOCK, w->k - from));
	return own + (l - from) * cols;
}

void packed_back_panel(const struct packed_matrix *w, float *out, size_t j,
	size_t k0, size_t k_len)
{
	_Alignas(64) float own[PANEL_BLOCK * MOST_COLUMNS];
	size_t cols = kernel_set()->tile->cols, t;

	for (t = 0; t < k_len; t += cols)
		tile_pack_b(kernel_set()->tile, out + t * cols,
			floats(square(w, j, k0 + t, own)), 1, cols,
			size_min(cols, w->k - j), size_min(cols, k_len - t));
}
