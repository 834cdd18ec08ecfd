/* packed.h - the layout of packed matrices, for packed.c and matmul.c
 *
 * Private to common/kernel. In fp32 the panels of each block of K are contiguous:
 * column block j0 of term block k0 begins at k0*columns + j0*(terms of the
 * block). In plain C: (k,n), row-major. Other types: whole panels one after
 * another (panel.h).
 */
#ifndef PIPELM_KERNEL_PACKED_H
#define PIPELM_KERNEL_PACKED_H

#include <stdbool.h>
#include <stddef.h>

#include "common/kernel/kernel.h"
#include "common/kernel/panel.h"

#define K_BLOCK PACKED_STEP	/* a panel, 48 KiB, is streamed from the L2
				 * cache */

enum { PANEL_PLAIN = 32 };	/* columns of a panel in plain C */

struct packed_matrix {
	enum dtype type;
	enum compute compute;	/* how it is multiplied */
	size_t n, k;
	size_t columns;		/* n rounded up to whole panels */
	size_t panel;		/* bytes of one; 0: fp32 */
	float *data;
	bool own;		/* data was allocated here */
	struct packed_matrix *next;	/* the columns after these, or NULL */
};

/* Whether int8.h multiplies. */
static inline bool in_integers(enum compute compute)
{
	return compute == COMPUTE_INT16 || compute == COMPUTE_INT8;
}

/* Of a panel. In plain C fp32 matrices have none. */
size_t panel_columns(void);

/* Blocks of a column, for types with blocks. */
static inline size_t packed_blocks(const struct packed_matrix *w)
{
	return (w->k + PANEL_BLOCK - 1) / PANEL_BLOCK;
}

/* fp32 only */
static inline float *packed_at(const struct packed_matrix *w, size_t k0,
	size_t k_len, size_t j)
{
	return w->data + k0 * w->columns + j * k_len;
}

/* Other types: the panel of column j, from term k0 on. */
static inline void *packed_panel(const struct packed_matrix *w, size_t k0,
	size_t j, size_t cols)
{
	return (char *)w->data + j / cols * w->panel +
		panel_terms(panel_format(w->type), cols, k0);
}

/* Fills a panel (k_len, cols) as tile_set.pack_b does, from column j of the
 * transpose of w, which has a column for each term of w: its terms, w's columns,
 * from k0 on. j and k0 are multiples of cols. */
void packed_back_panel(const struct packed_matrix *w, float *out, size_t j,
	size_t k0, size_t k_len);

#endif
