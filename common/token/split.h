/* split.h - cutting text into the words within which BPE merges
 *
 * The four known patterns are hand-written and classify characters by
 * Unicode 16, as tiktoken does; any other is a pattern in the syntax of
 * oniguruma.h, as tokenizer.json has them, matched by PCRE2 with its Unicode
 * tables. Every byte belongs to exactly one word, so that joining words gives
 * the text back: the matches are words, and so is what lies between. A byte that is not part of
 * valid UTF-8 is taken as a character that is neither letter, number nor
 * white space.
 */
#ifndef PIPELM_SPLIT_H
#define PIPELM_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct splitter;

/* pattern: "gpt2", "smollm", "cl100k", "o200k", or a regular expression; one
 * that is equal to a known one in a spelling that files use is that one. what
 * names the option in the usage error (exit 2) when it cannot be translated
 * or compiled. The caller frees it with splitter_free. May be shared by
 * threads. */
struct splitter *splitter_new(const char *pattern, const char *what);

/* The same for a pattern that stands in a file: a mistake ends the program
 * with exit 1, and spellings are known only where Oniguruma means the same. */
struct splitter *splitter_of_file(const char *pattern, const char *file);
void splitter_free(struct splitter *s);

/* Whether splitter_new takes the pattern for a known one. */
bool splitter_find(const char *pattern);

/* "gpt2", "smollm", "cl100k", "o200k", or the user's pattern. */
const char *splitter_name(const struct splitter *s);

/* Whether it is one of the four, which have no gaps between matches. */
bool splitter_is_known(const struct splitter *s);

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
	const unsigned char *kinds;	/* their enum split_kind; NULL: all
					 * are matches */
	struct split_scratch *scratch;
	const char *name;	/* of the input for messages, or NULL, and */
	uint64_t line;		/* the line of the text in it, or 0 */
};

enum split_kind {
	SPLIT_GAP,		/* lies between matches */
	SPLIT_MATCH,
	SPLIT_BAD		/* bytes that are no valid UTF-8 */
};

/* text[0..len) is a whole document: what a word is depends on what follows. */
void split_start(struct split *w, const struct splitter *s, const char *text,
	size_t len);

/* Finds the next words and returns how many; 0 when the text is used up. Word
 * i is text[ends[i - 1]..ends[i]), the first begins where the last call
 * ended (0 at first). A pattern that takes too many steps is fatal, with the
 * place. */
size_t split_next(struct split *w);

void split_free(struct split *w);

/* A place at or after at where text may be cut so that the parts, split apart,
 * have the words of the whole; len when there is none. Known patterns only: a
 * user's pattern gives len. */
size_t split_safe_cut(const struct splitter *s, const char *text, size_t len,
	size_t at);

#endif
