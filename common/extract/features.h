/* features.h - what a block of a page looks like and where it is, in numbers
 *
 * Each block has F_COUNT features, the page G_COUNT. They are inputs of
 * decision trees, which see only the order of values, so counts stay counts
 * and are not put on a logarithmic scale. Below, "words" counts an ideograph
 * as half a word; the "prose" of a block is its number of words outside links
 * if it reads like running text, else 0. A "share" is between 0 and 1; link
 * density is the share of words (of a single block: characters) in links,
 * prose density the share of words that are prose. Everything takes time
 * linear in the page. The names are also those in the file of trees.
 */
#ifndef PIPELM_FEATURES_H
#define PIPELM_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "common/extract/about.h"
#include "common/extract/blocks.h"

#define BLOCK_FEATURES(X) \
	/* the text itself; title_in_block is the share of the title's words \
	 * that the block has, block_in_title the reverse; hard boilerplate is \
	 * made of words that are rare in content */ \
	X(chars) X(link_density) X(ends_sentence) \
	X(capitalized)		/* share of words */ \
	X(boilerplate) X(hard_boilerplate)	/* shares of words */ \
	X(title_in_block) X(block_in_title) \
	X(repeated_5grams)	/* share of 5-grams seen in earlier blocks */ \
	/* tag of the nearest element that is not inline */ \
	X(is_div) X(is_p) X(is_li) X(in_link) \
	/* levels up to the nearest element with a class of that category, or \
	 * that is that landmark; CAT_FAR and LAND_FAR: none */ \
	X(class_form) X(class_footer) X(class_comment) X(class_popup) \
	X(class_product) X(class_nav) X(class_thread) X(class_header) \
	X(class_docs) \
	X(land_footer) X(land_main) X(land_nav) X(land_aside) \
	X(land_section) X(land_article) X(land_dialog) \
	X(near_popup)		/* or advertisement, or disclaimer */ \
	X(near_comments) \
	/* ancestors: anc1 is the first that contains more than the block, \
	 * anc2 the next with more blocks; page_prose is its share of the \
	 * page's prose */ \
	X(anc1_prose_density) X(anc2_prose_density) X(anc3_prose_density) \
	X(anc1_link_density) X(anc2_link_density) \
	X(anc1_page_prose) X(anc2_page_prose) \
	X(anc1_words_per_block) X(anc2_words) \
	/* levels up until 30% or 50% of the page's prose is inside, and the \
	 * share of its words inside when 50% or 80% of the prose is */ \
	X(levels_to_30_prose) X(levels_to_50_prose) \
	X(words_at_50_prose) X(words_at_80_prose) \
	/* the container of the main text: position is 0 at its first block \
	 * and 1 at its last, levels counts from it up to the nearest common \
	 * ancestor with the block; outside: not in it, and not around it */ \
	X(in_container) X(container_position) X(container_levels) \
	X(container_outside) \
	/* repeated siblings around the block, the innermost group and the \
	 * largest: number of items, words per item, share of the page's \
	 * words, prose density, blocks per item */ \
	X(inner_items) X(inner_item_words) X(inner_page_words) \
	X(inner_prose_density) X(inner_item_blocks) \
	X(large_items) X(large_item_words) X(large_page_words) \
	X(large_prose_density) \
	/* blocks with the same path: their number, words and sentences per \
	 * block, share of the page's words, prose relative to the path with \
	 * the most prose */ \
	X(path_blocks) X(path_block_words) X(path_block_sentences) \
	X(path_page_words) X(path_prose_rank) \
	/* neighbours: the next block; 3 and 8 blocks before and after; prose \
	 * of the block and the 3 or 8 after it; blocks since the last heading; \
	 * prose from the next block up to the next heading */ \
	X(next_link_density) X(next_sentences) \
	X(around3_link_density) X(around8_link_density) \
	X(ahead3_prose) X(ahead8_prose) \
	X(heading_distance) X(prose_to_heading) \
	/* position: shares of the page's blocks, words and prose before the \
	 * block, and of its prose after it */ \
	X(block_position) X(word_position) X(prose_before) X(prose_after) \
	/* the title's heading: whether the block comes after it (.5 when \
	 * there is none), how many blocks after it; levels from it up to the \
	 * common ancestor, and that one's share of the page's words */ \
	X(after_title) X(title_distance) X(title_levels) X(title_page_words) \
	/* article elements: 2 in the one with the title, 1 in none, 0 in \
	 * another; prose relative to the article with the most */ \
	X(other_article) X(article_prose_share)

#define PAGE_FEATURES(X) \
	X(og_type)		/* 1 article, 2 product, 3 other, 0 missing */ \
	X(ld_article)		/* JSON-LD declares an article */ \
	/* the URL has a path component (or host) typical of such pages */ \
	X(url_forum) X(url_product) X(url_listing) X(url_docs) \
	X(url_article) X(url_hyphens)	/* most in one path component */ \
	/* names of a forum engine; words in body's class or id */ \
	X(forum_engine) X(body_archive) X(body_single) \
	/* numbers of elements with that tag, or a class of that category */ \
	X(tag_p) X(tag_form) X(tag_button) X(tag_li) X(tag_time) X(tag_code) \
	X(class_article) X(class_comment) X(class_product) X(class_thread) \
	/* totals: words of prose, its density, blocks, share of stop words, \
	 * blocks with a price or a date, the longest block of prose, blocks \
	 * with over 60 words outside links */ \
	X(prose) X(prose_density) X(link_density) X(blocks) X(stop_words) \
	X(prices) X(dates) X(longest_prose) X(long_blocks) \
	/* the container's shares of words and of prose, and its density */ \
	X(container_words) X(container_prose) X(container_link_density) \
	X(largest_article)	/* share of words */ \
	/* the largest group of repeated siblings */ \
	X(siblings_prose_density) X(siblings_page_words) \
	X(siblings_link_density) \
	X(comment_words)	/* share of words in comments */

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

/* Names in that order: block features, then page features after "page.". */
extern const char *const feature_names[F_COUNT + G_COUNT];

/* Marks of blocks. The first five say that a block is not part of the text of
 * an article; they matter on article pages only. */
enum {
	MARK_FIGURE = 1,	/* in a figure or caption */
	MARK_OTHER = 2,		/* in another article element than the title */
	MARK_REPEAT = 4,	/* nearly all of it was seen before */
	MARK_SIDE = 8,		/* an aside outside the best container */
	MARK_LINKS = 16,	/* a paragraph that is a link */
	/* of blocks of any page */
	MARK_VERBATIM = 32,	/* preformatted, or a cell: similar blocks may
				 * differ in what matters */
	MARK_PLATE = 64,	/* navigation, share lines and the like */
	MARK_LOOSE = 128	/* directly between the blocks of its element */
};

struct features;

struct features *features_new(void);
void features_free(struct features *f);

/* Computes everything for p, which has at least one block, and a. */
void features_make(struct features *f, const struct page *p,
	const struct about *a);

/* Values for the page last given to features_make: column i of the matrix,
 * feature i of all blocks; and the page features. */
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
