/* features_work.h - working data shared by the files that implement features.h */
#ifndef PIPELM_FEATURES_WORK_H
#define PIPELM_FEATURES_WORK_H

#include "common/extract/features.h"
#include "common/extract/keys.h"
#include "common/extract/lexicon.h"

/* Data of a block. */
struct row {
	struct word_counts count;
	double words, link_words, prose;
	float ld;		/* share of characters in links, at most 1 */
	float title_share;	/* share of the title's words in the block */
	float repeated;		/* share of its 5-grams seen before */
	uint32_t elem;		/* nearest element that is not inline */
	uint32_t path;		/* index of its group of equal paths */
	size_t first_word;	/* index in features.words */
	unsigned char heading;	/* 1..6 in h1..h6, else 0 */
	unsigned char marks;
};

/* Sums over an element's subtree, or over the blocks before a block. */
struct sums {
	double words, link_words, prose;
};

/* A group: sibling elements with one style, or blocks with one path. */
struct block_group {
	uint32_t n, blocks;
	double words, link_words, prose, sentences;
};

/* The nearest common ancestor with another element, and how many levels above
 * that element it is; ELEM_NONE when there is no such element. */
struct meet {
	uint32_t elem, levels;
};

/* What the ancestors of an element say about it. */
struct elem_place {
	double score;		/* as the container of the main text */
	double own_prose;	/* article: without that of inner articles */
	uint32_t up;		/* nearest ancestor with more blocks */
	uint32_t group;		/* its group of siblings */
	uint32_t inner, large;	/* nearest and largest group around it */
	uint32_t level30, level50;	/* levels up to 30% and 50% of prose */
	float words50, words80;	/* share of the page's words there */
	struct meet best, title;
};

struct features {
	struct lexicon *lexicon;
	struct word_hashes words;
	const struct page *page;
	const struct about *about;
	size_t n;		/* blocks */
	size_t stride;		/* floats from column to column */
	float *x;
	size_t x_cap;
	float g[G_COUNT];
	struct row *row;
	struct sums *before;	/* [n + 1]: sums of the blocks before each */
	size_t row_cap;
	struct elem_place *place;
	size_t place_cap;
	struct block_group *group;	/* of siblings, then of paths */
	size_t ngroup, group_cap;
	struct keys keys;
	double all_words, all_prose;	/* of the page, at least 1 */
	uint32_t best;		/* the container of the main text */
	long title;		/* block of the title's heading, or -1 */
	uint32_t title_article;	/* ELEM_NONE */
};

static inline float *column(const struct features *f, int i)
{
	return f->x + (size_t)i * f->stride;
}

static inline double per(double a, double b)
{
	return a / (b > 1 ? b : 1);
}

static inline struct sums below(const struct features *f, uint32_t elem)
{
	const struct elem *e = &f->page->elem[elem];
	const struct sums *a = &f->before[e->first], *b = &f->before[e->end];

	return (struct sums){ b->words - a->words,
		b->link_words - a->link_words, b->prose - a->prose };
}

void rows_scan(struct features *f);		/* features_text.c */
void columns_text(struct features *f);
void columns_order(struct features *f);
void places_make(struct features *f);		/* features_tree.c */
void columns_tree(struct features *f);
void page_make(struct features *f);		/* features_page.c */

#endif
