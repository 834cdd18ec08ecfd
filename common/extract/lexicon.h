/* lexicon.h - counts over the words of a block of text
 *
 * A word is a run of letters, digits and underscores of any script, compared
 * in lower case. Lists of stop words and of words that buttons, notices and
 * menus are made of, mostly English, stand in lexicon.c.
 */
#ifndef PIPELM_LEXICON_H
#define PIPELM_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hashes of the words of a page, in order. Zero-initialise it ({0}). */
struct word_hashes {
	uint64_t *hash;
	size_t n, cap;
};

struct word_counts {
	uint32_t chars;		/* characters */
	uint32_t words;
	uint32_t ideographs;	/* Han, Kana, Hangul, which have no spaces */
	uint32_t sentences;	/* ends of sentences */
	uint32_t stop;		/* stop words */
	uint32_t capital;	/* words that begin with a capital letter */
	uint32_t plate;		/* boilerplate words: share, login, related */
	uint32_t hard;		/* those of them that content rarely has */
	bool ended;		/* ends as sentences and headings of lists do */
	bool date, price;	/* has something that looks like one */
};

struct lexicon;

struct lexicon *lexicon_new(void);
void lexicon_free(struct lexicon *l);

/* Counts over s[0..n), valid UTF-8 or not, and appends its words' hashes to
 * w, which may be grown. */
void lexicon_count(const struct lexicon *l, const char *s, size_t n,
	struct word_hashes *w, struct word_counts *c);

#endif
