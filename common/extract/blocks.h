/* blocks.h - a page as a sequence of blocks of text
 *
 * A block is the text between two boundaries of block-level elements: a
 * paragraph, an item, a cell, a heading, a listing. Hidden elements and line
 * numbers are not part of it; formulas are, as TeX. Elements are numbered in
 * document order, so the blocks below an element are a range, and totals over
 * a subtree are differences of prefix sums over blocks.
 */
#ifndef PIPELM_BLOCKS_H
#define PIPELM_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/extract/classes.h"
#include "common/html/dom.h"
#include "common/extract/grid.h"

enum {
	BLOCKS_MAX = 400000,	/* a page is truncated after this many */
	ELEMS_MAX = 2000000,
	DEPTH_MAX = 400		/* deeper text belongs to the element there */
};

/* Elements and ARIA roles that divide a page into regions. */
enum landmark {
	LAND_MAIN, LAND_ARTICLE, LAND_NAV, LAND_FOOTER, LAND_ASIDE,
	LAND_FIGURE, LAND_SECTION, LAND_DIALOG, LAND_A,
	LAND_COUNT
};

enum { CAT_FAR = 20, LAND_FAR = 30 };	/* distances are capped here */

#define ELEM_NONE UINT32_MAX

struct elem {
	uint64_t style;		/* hash of tag and class: similar siblings */
	uint64_t path;		/* hash of all styles from body to here */
	uint32_t parent;	/* ELEM_NONE: this is body, number 0 */
	uint32_t first, end;	/* its range of blocks */
	uint32_t article;	/* nearest article or itself; ELEM_NONE */
	uint32_t outer_article;	/* the outermost one */
	uint32_t row;		/* nearest tr of the innermost table; ELEM_NONE */
	uint32_t column;	/* of a cell; row: the column of its last cell */
	uint16_t tag;
	bool is_inline;
	bool is_pre;		/* contains preformatted blocks */
	bool is_layout;		/* row whose cells hold parts of a page */
	bool is_poster;		/* in the part of a forum post about its author */
	uint8_t cat[CAT_COUNT];		/* levels up to the nearest element */
	uint8_t land[LAND_COUNT];	/* of that kind, 0: itself */
};

struct text_block {
	size_t start;		/* in page.text */
	uint32_t len;		/* bytes, at least one of them not a space */
	uint32_t link_chars;	/* characters in links */
	uint32_t elem;		/* of its first text; pre: around all of it */
	bool pre;		/* white space is kept */
};

struct page {
	struct buf text;	/* of all blocks, concatenated */
	struct text_block *block;
	size_t nblock, block_cap;
	struct elem *elem;
	size_t nelem, elem_cap;
	const struct node **fact;	/* meta, link and script in the body */
	size_t nfact, fact_cap;
	uint32_t tags[TAG_COUNT];	/* elements of each tag in the body */
	uint32_t cats[CAT_COUNT];	/* elements of each category */
	unsigned limits;	/* bits of enum limit, including the parser's */
	struct buf open, formula;	/* working memory of the walk */
	struct grid grid;
};

/* Cuts the body of d into blocks. Uses node.user. p must be zero-initialised
 * ({0}) before its first page and keeps its memory until page_free. A page
 * without a body has no elements.
 *
 * Leaves out elements that the page hides (hidden, display none, visibility
 * hidden, a closed dialog), except those that a reader can open, such as tabs
 * and accordions, and an element with more than two thirds of the text. */
void page_cut(struct page *p, const struct dom *d, struct classes *classes);
void page_free(struct page *p);

#endif
