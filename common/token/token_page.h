/* token_page.h - a page that shows the tokens of texts in one or more
 * vocabularies, side by side
 *
 *	token_page_text(p, title, bytes);
 *	token_page_column(p, ids, n, mask);	 for each vocabulary, in order
 *
 * Adjacent segments (segment.h) have different colours; pointing at one marks its
 * ids in the list below, and the other way round.
 */
#ifndef PIPELM_TOKEN_PAGE_H
#define PIPELM_TOKEN_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/token/vocab.h"

struct token_vocab {
	const char *name;
	const struct vocab *v;
};

/* v (n) must outlive the page. */
struct token_page;
struct token_page *token_page_begin(struct output *out,
	const struct token_vocab *v, size_t n);

/* Begins a text of that many bytes; 0: unknown. */
void token_page_text(struct token_page *p, const char *title, size_t bytes);

/* Its tokens in the next vocabulary. mask (n) or NULL: underline tokens where it
 * is not 0, which are what a trainer learns. */
void token_page_column(struct token_page *p, const uint32_t *ids, size_t n,
	const unsigned char *mask);

/* Ends the page with the totals of each vocabulary. */
void token_page_end(struct token_page *p);

#endif
