/* lexicon.h - counts over the words of a block of text
 *
 * A word is a run of letters, digits and underscores of any script, compared
 * in lower case. lexicon.c has the lists of stop words and of words typical of
 * buttons, notices and menus, mostly English.
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
	uint32_t ideographs;	/* Han, Kana and Hangul, written without spaces */
	uint32_t sentences;	/* ends of sentences */
	uint32_t stop;		/* stop words */
	uint32_t capital;	/* words that start with a capital letter */
	uint32_t plate;		/* boilerplate words: share, login, related */
	uint32_t hard;		/* those of them that are rare in content */
	bool ended;		/* ends like a sentence or the heading of a list */
	bool date, price;	/* contains something that looks like one */
};

struct lexicon;

struct lexicon *lexicon_new(void);
void lexicon_free(struct lexicon *l);

/* Counts over s[0..n), which need not be valid UTF-8, and appends the hashes of
 * its words to w, growing it if needed. */
void lexicon_count(const struct lexicon *l, const char *s, size_t n,
	struct word_hashes *w, struct word_counts *c);

#endif
