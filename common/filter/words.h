/* words.h - the words and sentences of a text, cut as the quality rules want
 *
 * The published thresholds of the quality rules were set on the tokens of
 * spaCy's rule-based English tokenizer, so the same cuts are made here: white
 * space first, then affixes (punctuation, symbols, units behind numbers),
 * exceptions (contractions, abbreviations, emoticons), addresses, infixes.
 * Runs of white space are no words.
 */
#ifndef PIPELM_WORDS_H
#define PIPELM_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
	uint32_t at, len;	/* bytes of the text */
	uint32_t chars;
	uint32_t classes;	/* uchar classes of its characters, or-ed */
	uint32_t common;	/* and-ed */
};

struct words {
	struct word *v;
	size_t n, cap;
	struct words_span *span;	/* scratch */
};

/* Builds the table of exceptions; once, before threads are at work. */
void words_init(void);

/* Appends the words of text[0..len), valid UTF-8 of less than 4 GiB, to w. Zero
 * w before its first use, set w->n = 0 to use it again; words_free frees. */
void words_split(struct words *w, const char *text, size_t len);
void words_free(struct words *w);

/* Sentences in the line of text that ends at text[end] and has the words
 * v[0..n): a new one begins at the first word after a full stop that is no
 * punctuation itself, or at white space other than one blank. At least 1. */
size_t words_sentences(const char *text, size_t end, const struct word *v,
	size_t n);

/* An exception of length chars: bit i of cuts set when a word ends behind
 * character i + 1. False: s[0..len) is none. (words_special.c) */
struct words_special {
	uint32_t cuts;		/* where it is cut as an exception */
	uint32_t plain;		/* where it would be cut otherwise */
};
#define WORDS_SPECIAL_BYTES 40	/* none is longer */

void words_special_init(void);
bool words_special(const char *s, size_t len, struct words_special *found);

/* Calls fn for every exception; fn may set its plain cuts. */
void words_special_each(void (*fn)(const char *s, size_t len,
	struct words_special *sp));

/* An address such as example.org/page or https://user@host: one word. The
 * code points c[0..n) with their classes. (words_url.c) */
bool words_is_url(const uint32_t *c, const uint16_t *classes, size_t n);

#endif
