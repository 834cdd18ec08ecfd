/* words.h - splits a text into words and sentences for the quality rules
 *
 * The published thresholds of the quality rules were tuned on the tokens of
 * spaCy's rule-based English tokenizer, so this makes the same ones: it splits
 * at white space, then splits off affixes (punctuation, symbols, units after
 * numbers), and handles exceptions (contractions, abbreviations, emoticons),
 * URLs and infixes. White space is never a word.
 */
#ifndef PIPELM_WORDS_H
#define PIPELM_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_word {
	uint32_t at, len;	/* bytes in the text */
	uint32_t chars;
	uint32_t classes;	/* uchar classes of its characters, or-ed */
	uint32_t common;	/* the same, and-ed */
};

struct words {
	struct text_word *v;
	size_t n, cap;
	struct words_span *span;	/* scratch */
};

/* Builds the table of exceptions; call once, before threads start. */
void words_init(void);

/* Appends the words of text[0..len), valid UTF-8 of less than 4 GiB, to w, which
 * is zero-initialised. Set w->n = 0 to reuse it; words_free frees it. */
void words_split(struct words *w, const char *text, size_t len);
void words_free(struct words *w);

/* The number of sentences, at least 1, in the line of text that ends at
 * text[end] and has the words v[0..n). A sentence starts at the first word
 * after a full stop that is not punctuation itself, or at white space other
 * than a single blank. */
size_t words_sentences(const char *text, size_t end, const struct text_word *v,
	size_t n);

/* An exception of length chars: bit i of cuts is set when a word ends after
 * character i + 1. False: s[0..len) is not one. (words_special.c) */
struct words_special {
	uint32_t cuts;		/* where it is split as an exception */
	uint32_t plain;		/* where it would be split otherwise */
};
#define WORDS_SPECIAL_BYTES 40	/* the longest */

void words_special_init(void);
bool words_special(const char *s, size_t len, struct words_special *found);

/* Calls fn for every exception; fn may set its plain cuts. */
void words_special_each(void (*fn)(const char *s, size_t len,
	struct words_special *sp));

/* Whether the code points c[0..n), with their classes, are a URL such as
 * example.org/page or https://user@host, which is one word. (words_url.c) */
bool words_is_url(const uint32_t *c, const uint16_t *classes, size_t n);

#endif
