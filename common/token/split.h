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

#include <stddef.h>
#include <stdint.h>

struct splitter;

/* pattern: "gpt2", "smollm", "cl100k", "o200k", or a PCRE2 pattern; a pattern
 * that is equal to a known one in a spelling that files use is that one. Dies
 * when PCRE2 does not accept it. The caller frees it with splitter_free. */
struct splitter *splitter_new(const char *pattern);
void splitter_free(struct splitter *s);

/* "gpt2", "smollm", "cl100k", "o200k", or the user's pattern. */
const char *splitter_name(const struct splitter *s);

/* NULL for a user's pattern of PCRE2, else the regular expressions as files
 * of Hugging Face spell it. */
const char *splitter_regex(const struct splitter *s);

/* Offsets of word ends. Walks text[0..len) from *at on and writes up to max
 * ends, ascending, into ends[]; sets *at to where to go on and returns how
 * many it wrote; 0 when the text is used up. A word depends on all the text
 * behind it only through a few characters; text is a whole document. */
size_t split_words(const struct splitter *s, const char *text, size_t len,
	size_t *at, size_t *ends, size_t max);

#endif
