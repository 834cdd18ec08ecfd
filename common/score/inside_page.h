/* inside_page.h - a page that shows texts as a model reads them
 *
 * Of each text: its tokens, coloured by how surprising they are; at the token that
 * the reader points at, what the model expected instead, what each layer would
 * have predicted there, and where each head attends to; and, over all tokens, the
 * predictions and norms of every layer.
 */
#ifndef PIPELM_INSIDE_PAGE_H
#define PIPELM_INSIDE_PAGE_H

#include "common/base/io.h"
#include "common/sample/generator.h"
#include "common/score/texts.h"

struct inside_page;

/* top: alternatives at each token. out and g must outlive the page. */
struct inside_page *inside_page_begin(struct output *out,
	const struct generator *g, size_t top);

/* Adds a text; only its first `most` tokens, if it has more. */
void inside_page_add(struct inside_page *p, const struct text *x, size_t most);

/* Adds a remark at the end: what is not shown. */
void inside_page_end(struct inside_page *p, uint64_t left_out);

#endif
