/* candidate.h - measurements of a text by the quality rules; private to them
 *
 * Each is made when a rule first needs it and kept until the text changes.
 * Characters are code points, as the thresholds assume.
 */
#ifndef PIPELM_CANDIDATE_H
#define PIPELM_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/filter/words.h"

struct slice {
	const char *s;
	size_t n;
};

/* Python's str.strip. */
struct slice slice_strip(struct slice x);
bool slice_ends(struct slice x, const char *end);

/* Removes the next line, as split by str.splitlines, from *rest; false at the
 * end. */
bool slice_line(struct slice *rest, struct slice *line);

struct repeat_count {
	double parts, chars;	/* repeated parts, out of `of` in total */
	double of;
};

/* A set of hashes that can be emptied in constant time. */
struct hash_slot {
	uint64_t hash;
	uint32_t stamp, count, first;
};
struct hash_set {
	struct hash_slot *v;
	size_t nslot;
	uint32_t stamp;
};

struct candidate_lines {		/* lines by str.splitlines */
	double n, bullets, ellipses;
};
struct candidate_symbols {
	double words, non_symbol, chars, letters, hashes, ellipses;
	int stop_words;
};
struct fineweb_lines {		/* lines that are not blank */
	double n, ended, short_ones, dup_chars, newlines, chars;
};

enum c4_verdict { C4_GOOD, C4_LOREM_IPSUM, C4_CURLY_BRACKET };

enum {
	HAS_CHARS = 1, HAS_WORDS = 2, HAS_LINES = 4, HAS_SYMBOLS = 8,
	HAS_PARAGRAPHS = 16, HAS_DUP_LINES = 32, HAS_FINEWEB = 64, HAS_C4 = 128,
	HAS_DENSE = 256
};

struct candidate_facts {
	unsigned has;
	double chars;
	struct words words;
	struct candidate_lines lines;
	struct candidate_symbols symbols;
	struct repeat_count paragraphs, dup_lines;
	struct fineweb_lines fineweb;
	enum c4_verdict c4;
	double sentences;
	/* scratch */
	struct hash_set set;
	struct buf dense;	/* the words, concatenated */
	uint32_t *dense_at;	/* where each starts; words.n + 1 entries */
	uint64_t *word_hash;
	size_t dense_cap;
	struct buf kept, line;
};

struct candidate;

double candidate_chars(struct candidate *p);
const struct words *candidate_words(struct candidate *p);
const struct candidate_lines *candidate_lines(struct candidate *p);
const struct candidate_symbols *candidate_symbols(struct candidate *p);
const struct repeat_count *candidate_paragraphs(struct candidate *p);
const struct repeat_count *candidate_dup_lines(struct candidate *p);
const struct fineweb_lines *candidate_fineweb(struct candidate *p);

/* The length in characters of the most frequent n-gram, times its count. */
double candidate_top_ngram(struct candidate *p, size_t n);

/* The number of characters in n-grams that occurred before. */
double candidate_dup_ngrams(struct candidate *p, size_t n);

/* Applies the line rules of C4 (c4.c): edits the text unless a page rule of C4
 * drops the page. */
void candidate_c4(struct candidate *p);

#endif
