/* blocks.h - a page as a row of blocks of text
 *
 * A block is the text between two ends of block-level elements: a paragraph,
 * an item, a cell, a heading, a listing. Hidden elements and line numbers are
 * no part of it; formulas are, as TeX. Elements are numbered in document order, so
 * the blocks below an element are a range, and what a whole subtree holds is
 * a difference of two prefix sums over blocks.
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
	BLOCKS_MAX = 400000,	/* a page is cut off behind these */
	ELEMS_MAX = 2000000,
	DEPTH_MAX = 400		/* below, text belongs to the element there */
};

/* Elements and ARIA roles that divide a page into regions. */
enum landmark {
	LAND_MAIN, LAND_ARTICLE, LAND_NAV, LAND_FOOTER, LAND_ASIDE,
	LAND_FIGURE, LAND_SECTION, LAND_DIALOG, LAND_A,
	LAND_COUNT
};

enum { CAT_FAR = 20, LAND_FAR = 30 };	/* distances end here */

#define ELEM_NONE UINT32_MAX

struct elem {
	uint64_t style;		/* hash of tag and class: alike as siblings */
	uint64_t path;		/* hash of all styles from body to here */
	uint32_t parent;	/* ELEM_NONE: this is body, number 0 */
	uint32_t first, end;	/* its blocks */
	uint32_t article;	/* nearest article, maybe itself; ELEM_NONE */
	uint32_t outer_article;	/* the outermost one */
	uint32_t row;		/* nearest tr of the innermost table; ELEM_NONE */
	uint32_t column;	/* cell: its column; row: that of its last cell */
	uint16_t tag;
	bool is_inline;
	bool is_pre;		/* holds preformatted blocks */
	bool is_layout;		/* row: its cells hold parts of a page */
	bool is_poster;		/* in what a forum says of who wrote a post */
	uint8_t cat[CAT_COUNT];		/* levels up to the nearest element */
	uint8_t land[LAND_COUNT];	/* of the kind, 0: itself */
};

struct block {
	size_t start;		/* in page.text */
	uint32_t len;		/* bytes, at least one that is no space */
	uint32_t link_chars;	/* characters that stand in links */
	uint32_t elem;		/* of its first text; pre: of all of it */
	bool pre;		/* white space is as in the page */
};

struct page {
	struct buf text;	/* of all blocks, one behind the other */
	struct block *block;
	size_t nblock, block_cap;
	struct elem *elem;
	size_t nelem, elem_cap;
	const struct node **fact;	/* meta, link, script in the body */
	size_t nfact, fact_cap;
	uint32_t tags[TAG_COUNT];	/* elements of each tag in the body */
	uint32_t cats[CAT_COUNT];	/* elements of each category */
	unsigned limits;	/* bits of enum limit, the parser's too */
	struct buf open, formula;	/* of the walk */
	struct grid grid;
};

/* Cuts the body of d into blocks. Uses node.user. p is zero-initialised ({0})
 * before its first page and keeps its memory; page_free gives it back. A page
 * without a body has no elements.
 *
 * Elements are left out that the page hides (hidden, display none, visibility
 * hidden, a closed dialog), but not those that a reader opens, as tabs and
 * accordions, nor one that holds more than two thirds of the text. */
void page_cut(struct page *p, const struct dom *d, struct classes *classes);
void page_free(struct page *p);

#endif
