/* features.h - what a block of a page looks like and where it stands, in numbers
 *
 * Each block gets F_COUNT numbers, the page G_COUNT. They are made for
 * decision trees, which see only the order of values, so counts stay counts
 * and are not put on a logarithmic scale. "Words" below counts an ideograph
 * as half a word; "prose" of a block is its words outside links when it reads
 * like running text, else 0. All takes time linear in the page.
 */
#ifndef PIPELM_FEATURES_H
#define PIPELM_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "common/extract/about.h"
#include "common/extract/blocks.h"

/* Block features. c_X, g_X: levels up to the nearest element of that
 * category or landmark. */
#define BLOCK_FEATURES(X) \
	/* the text itself */ \
	X(chars) X(ld)		/* share of characters in links */ \
	X(endp) X(capw) X(bpfrac) X(bphard) \
	X(Tin) X(inT)		/* title's words in block, the reverse */ \
	X(ndup)			/* share of 5-grams seen before */ \
	/* element and those around it */ \
	X(t_div) X(t_p) X(t_li) X(inA) \
	X(c_form) X(c_foot) X(c_com) X(c_pop) X(c_prod) X(c_nav) \
	X(c_thread) X(c_head) X(c_doc) \
	X(g_footer) X(g_main) X(g_nav) X(g_aside) X(g_section) \
	X(g_article) X(g_dialog) X(jpop) X(jcom) \
	/* ancestors, level 1 is the first that holds more than the block */ \
	X(a1pr) X(a2pr) X(a3pr)	/* prose / words */ \
	X(a1ld) X(a2ld) X(a1prs) X(a2prs) /* share of the page's prose */ \
	X(a1wb) X(a2w)		/* words a block, words */ \
	X(lv30) X(lv50)		/* levels until 30, 50% of prose is inside */ \
	X(lw50) X(lw80)		/* share of words there */ \
	/* the container that holds most prose */ \
	X(inbest) X(bestpos) X(lcabest) X(jout) \
	/* repeated siblings: innermost group, largest group */ \
	X(r1n) X(r1w) X(r1s) X(r1pr) X(r1nb) \
	X(r2n) X(r2w) X(r2s) X(r2pr) \
	/* blocks of the same path */ \
	X(sgn) X(sgw) X(sgs) X(sgsh) X(sgrank) \
	/* order */ \
	X(s1ld) X(s1se) X(w3ld) X(w8ld) X(f3pr) X(f8pr) X(hdist) X(nextpr) \
	X(pos) X(wpos) X(prbef) X(praft) \
	/* heading with the title, articles */ \
	X(afterh1) X(h1dist) X(lcah1) X(wh1) X(nartT) X(artsh)

#define PAGE_FEATURES(X) \
	X(og) X(ldart) X(pforum) X(pprod) X(plist) X(pdoc) X(part) \
	X(hyphens) X(forum) X(barch) X(bsingle) \
	X(t_p) X(t_form) X(t_button) X(t_li) X(t_time) X(t_code) \
	X(c_art) X(c_com) X(c_prod) X(c_thread) \
	X(tp) X(pf) X(ld) X(nb) X(stop) X(price) X(date) X(maxp) X(long) \
	X(best) X(bestpr) X(bestld) X(art1) X(rpr) X(rs) X(rld) X(comtext)

enum {
#define X(name) F_##name,
	BLOCK_FEATURES(X)
#undef X
	F_COUNT
};

enum {
#define X(name) G_##name,
	PAGE_FEATURES(X)
#undef X
	G_COUNT
};

/* Names in that order: block features, then page features with "G.". */
extern const char *const feature_names[F_COUNT + G_COUNT];

/* Marks of blocks that are no part of an article's text (article pages). */
enum {
	MARK_FIGURE = 1,	/* in a figure or caption */
	MARK_OTHER = 2,		/* in another article element than the title */
	MARK_REPEAT = 4,	/* nearly all said before */
	MARK_SIDE = 8,		/* aside, outside of the best container */
	MARK_LINKS = 16,	/* a paragraph that is a link */
	/* of blocks of any page */
	MARK_VERBATIM = 32,	/* preformatted, or a cell: what is equal to the
				 * eye is not the same there */
	MARK_PLATE = 64,	/* navigation, share lines and the like */
	MARK_LOOSE = 128	/* text between the blocks of its element */
};

struct features;

struct features *features_new(void);
void features_free(struct features *f);

/* Computes everything for p, which has at least one block, and a. */
void features_make(struct features *f, const struct page *p,
	const struct about *a);

/* Values of the page last given to features_make: column i of the matrix
 * holds feature i of all blocks; page features. */
const float *features_column(const struct features *f, int i);
const float *features_page(const struct features *f);

double features_words(const struct features *f, size_t block);
unsigned features_marks(const struct features *f, size_t block);

/* The nearest element around the block that is not inline. */
uint32_t features_elem(const struct features *f, size_t block);

/* Hash and number of a block's words, for finding exact repeats. */
uint64_t features_text_hash(const struct features *f, size_t block,
	size_t *words);

/* The block with the heading that is the title, or -1. */
long features_title_block(const struct features *f);

#endif
