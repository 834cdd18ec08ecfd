/* extract.h - the main text of a web page
 *
 * The page is cut into blocks (blocks.h), features describe what each block
 * looks like and where it is (features.h), boosted trees estimate the
 * probability that the block is content (trees.h), and the blocks with the
 * best expected word F1 for the page are kept. Navigation, advertisements,
 * cookie notices and the like are dropped.
 *
 * Of text that a page repeats word for word, the second copy is dropped when
 * it is boilerplate (navigation, share lines, dates, the profile next to each
 * post of a forum), or when at least eight words are repeated in another kind
 * of place, twenty if they span several blocks. Cells and preformatted text
 * are never dropped as repeats.
 *
 * Time and memory are linear in the page. A page with more than BLOCKS_MAX
 * blocks is truncated, and LIMIT_BLOCKS says so.
 */
#ifndef PIPELM_EXTRACT_H
#define PIPELM_EXTRACT_H

#include <stddef.h>

#include "common/base/buf.h"

struct dom;
struct extractor;

/* What the page says about itself; empty strings where it says nothing. The
 * strings belong to the extractor and are valid until its next page. */
struct extract_meta {
	const char *title;	/* og:title, <title>, or the first h1 */
	const char *author;
	const char *date;	/* of publication, as written: mostly ISO 8601 */
	const char *url;	/* canonical */
	const char *language;	/* html lang="" */
	unsigned limits;	/* bits of enum limit (dom.h) that were reached */
};

/* An extractor keeps its memory from page to page; each thread needs its own.
 * trees[0..n) is a file in the format of trees.h and must stay in memory; NULL
 * selects the built-in one. Dies when the file is invalid. */
struct extractor *extractor_new(const void *trees, size_t n);
void extractor_free(struct extractor *x);

/* Replaces the content of text by the main text of d, in UTF-8: an empty line
 * between paragraphs, list items as lines that start with "- ", table rows as
 * lines with cells separated by tabs (empty cells included), preformatted text
 * unchanged, one newline at the end. A page without content gives an empty
 * text. meta may be NULL. */
void extract_text(struct extractor *x, const struct dom *d, struct buf *text,
	struct extract_meta *meta);

#endif
