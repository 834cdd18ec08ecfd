/* render.h - chosen blocks of a page as text */
#ifndef PIPELM_RENDER_H
#define PIPELM_RENDER_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/extract/blocks.h"

/* Appends the blocks i of p with chosen[i] to text, laid out as extract.h
 * says. */
void render_blocks(const struct page *p, const bool *chosen, struct buf *text);

#endif
