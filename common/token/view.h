/* view.h - shows tokens as coloured text on a terminal
 *
 * Adjacent segments (segment.h) have different colours. Control characters are
 * shown as '?', so that text cannot control the terminal. token_page.h shows
 * tokens on a page.
 */
#ifndef PIPELM_VIEW_H
#define PIPELM_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/token/vocab.h"

/* out and v stay owned by the caller. */
struct view;
struct view *view_open(struct output *out, const struct vocab *v);
void view_ids(struct view *w, const uint32_t *ids, size_t n);
void view_document_end(struct view *w);
void view_close(struct view *w);

#endif
