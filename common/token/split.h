/* split.h - cutting text into the words within which BPE merges
 *
 * The four known patterns are hand-written and classify characters by
 * Unicode 16, as tiktoken does; any other is a PCRE2 pattern, with the
 * Unicode tables of the installed library. Every byte belongs to exactly one
 * word, so that joining words gives the text back. A byte that is not part of
 * valid UTF-8 is taken as a character that is neither letter, number nor
 * white space.
 */
#ifndef PIPELM_SPLIT_H
#define PIPELM_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct splitter;

/* pattern: "gpt2", "smollm", "cl100k", "o200k", or a PCRE2 pattern; a pattern
 * that is equal to a known one in a spelling that files use is that one. what
 * names it in the message when PCRE2 does not accept it, which is fatal. The
 * caller frees it with splitter_free. May be shared by threads. */
struct splitter *splitter_new(const char *pattern, const char *what);
void splitter_free(struct splitter *s);

/* "gpt2", "smollm", "cl100k", "o200k", or the user's pattern. */
const char *splitter_name(const struct splitter *s);

/* The regular expression as tokenizer.json files spell it. */
const char *splitter_regex(const struct splitter *s);

/* A walk over one text; belongs to one thread. Zero-initialise it, start it
 * for as many texts as you like, free it at the end. */
struct split {
	const struct splitter *splitter;
	const char *text;
	size_t len;
	size_t at;		/* words up to here were given */
	const size_t *ends;	/* of the words of the last split_next */
	struct split_scratch *scratch;
};

/* text[0..len) is a whole document: what a word is depends on what follows. */
void split_start(struct split *w, const struct splitter *s, const char *text,
	size_t len);

/* Finds the next words and returns how many; 0 when the text is used up. Word
 * i is text[ends[i - 1]..ends[i]), the first begins where the last call
 * ended (0 at first). */
size_t split_next(struct split *w);

void split_free(struct split *w);

/* A place at or after at where text may be cut so that the parts, split apart,
 * have the words of the whole; len when there is none. Known patterns only: a
 * user's pattern gives len. */
size_t split_safe_cut(const struct splitter *s, const char *text, size_t len,
	size_t at);

#endif
