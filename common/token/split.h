/* split.h - splits text into the words within which BPE merges
 *
 * The four known patterns are hand-written and classify characters by Unicode
 * 16, as tiktoken does. Any other pattern is in the syntax of oniguruma.h, as in
 * tokenizer.json files, and is matched by PCRE2 with its Unicode tables. Every
 * byte belongs to exactly one word, so concatenating the words gives the text:
 * both the matches and the gaps between them are words. A byte that is not
 * part of valid UTF-8 counts as a character that is neither letter, number nor
 * white space.
 */
#ifndef PIPELM_SPLIT_H
#define PIPELM_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct splitter;

/* pattern: "gpt2", "smollm", "cl100k", "o200k", or a regular expression, which
 * is recognised if it is a known pattern in a spelling found in files. what
 * names the option in the usage error (exit 2) for a pattern that cannot be
 * translated or compiled. Free it with splitter_free. Threads may share it. */
struct splitter *splitter_new(const char *pattern, const char *what);

/* The same for a pattern from a file: an error ends the program with exit 1, and
 * only spellings that mean the same to Oniguruma are recognised. */
struct splitter *splitter_of_file(const char *pattern, const char *file);
void splitter_free(struct splitter *s);

/* Whether splitter_new recognises the pattern as a known one. */
bool splitter_find(const char *pattern);

/* "gpt2", "smollm", "cl100k", "o200k", or the user's pattern. */
const char *splitter_name(const struct splitter *s);

/* Whether it is one of the four known patterns, which leave no gaps. */
bool splitter_is_known(const struct splitter *s);

/* The regular expression as spelled in tokenizer.json files. */
const char *splitter_regex(const struct splitter *s);

/* The state of splitting one text; for one thread. Zero-initialise it, start it
 * for any number of texts, free it at the end. */
struct split {
	const struct splitter *splitter;
	const char *text;
	size_t len;
	size_t at;		/* words before this were returned */
	const size_t *ends;	/* of the words of the last split_next */
	const unsigned char *kinds;	/* their enum split_kind; NULL: all
					 * are matches */
	struct split_scratch *scratch;
	const char *name;	/* of the input, for messages, or NULL, and */
	uint64_t line;		/* the line of the text in it, or 0 */
};

enum split_kind {
	SPLIT_GAP,		/* between matches */
	SPLIT_MATCH,
	SPLIT_BAD		/* bytes that are not valid UTF-8 */
};

/* text[0..len) must be a whole document: words depend on what follows them. */
void split_start(struct split *w, const struct splitter *s, const char *text,
	size_t len);

/* Finds the next words and returns their number, 0 at the end of the text. Word
 * i is text[ends[i - 1]..ends[i]); the first starts where the last call ended,
 * initially at 0. A pattern that needs too many steps is fatal; the message
 * says where. */
size_t split_next(struct split *w);

void split_free(struct split *w);

/* A position at or after `at` where text may be cut so that the parts, split
 * separately, have the words of the whole; len when there is none. A user's
 * pattern always gives len. */
size_t split_safe_cut(const struct splitter *s, const char *text, size_t len,
	size_t at);

#endif
