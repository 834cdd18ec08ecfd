/* view.h - shows tokens as coloured text, on a terminal or as a page
 *
 * A segment is the smallest group of tokens that makes whole characters;
 * adjacent segments have different colours. On a terminal, control characters
 * are shown as '?', so that text cannot control the terminal.
 */
#ifndef PIPELM_VIEW_H
#define PIPELM_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/token/vocab.h"

/* out and v stay owned by the caller. html: a self-contained page. */
struct view;
struct view *view_open(struct output *out, const struct vocab *v, bool html);
void view_ids(struct view *w, const uint32_t *ids, size_t n);
void view_document_end(struct view *w);
void view_close(struct view *w);

#endif
