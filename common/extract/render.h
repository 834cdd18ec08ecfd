/* render.h - renders the chosen blocks of a page as text */
#ifndef PIPELM_RENDER_H
#define PIPELM_RENDER_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/extract/blocks.h"

/* Appends to text the blocks i of p with chosen[i], in the layout described in
 * extract.h. */
void render_blocks(const struct page *p, const bool *chosen, struct buf *text);

#endif
