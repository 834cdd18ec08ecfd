/* extract.h - the main text of a web page
 *
 * The page is cut into blocks (blocks.h), each block gets numbers that say
 * what it looks like and where it stands (features.h), boosted trees turn
 * them into the probability that the block is content (trees.h), and those
 * blocks are taken that promise the best word F1 for this page. Navigation,
 * advertisements, cookie notices and the like stay behind.
 *
 * Of what a page says twice word for word the second is left out where it is
 * boilerplate (navigation, share lines, dates, the profile beside each post of
 * a forum), or eight words or more that come again in another kind of place,
 * twenty where they are several blocks; never cells and preformatted text.
 *
 * Time and memory are linear in the page; one of more than BLOCKS_MAX blocks
 * is cut off there, and says so.
 */
#ifndef PIPELM_EXTRACT_H
#define PIPELM_EXTRACT_H

#include <stddef.h>

#include "common/base/buf.h"

struct dom;
struct extractor;

/* What the page says about itself; empty strings where it says nothing. The
 * strings belong to the extractor and live until its next page. */
struct extract_meta {
	const char *title;	/* og:title, <title>, or the first h1 */
	const char *author;
	const char *date;	/* of publication, as written: mostly ISO 8601 */
	const char *url;	/* the canonical one */
	const char *language;	/* html lang="" */
	unsigned limits;	/* bits of enum limit (dom.h) that acted */
};

/* An extractor keeps its memory from page to page; each thread needs its own.
 * trees[0..n) is a file as in trees.h and must stay; NULL takes the built-in
 * one. Dies when the file is not sound. */
struct extractor *extractor_new(const void *trees, size_t n);
void extractor_free(struct extractor *x);

/* Replaces the content of text with the main text of d, UTF-8: paragraphs
 * with an empty line between them, items of lists as lines that begin with
 * "- ", rows of tables as lines with cells joined by tabs, also empty ones,
 * preformatted text as it is, one newline at the end. A page without content
 * gives an empty text. meta may be NULL. */
void extract_text(struct extractor *x, const struct dom *d, struct buf *text,
	struct extract_meta *meta);

#endif
