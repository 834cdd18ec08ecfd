/* wordcount.h - counts how often each word occurs, the input of BPE training
 *
 * Counts have 64 bits. They can be made separately, on many machines, written
 * as text and added; the result does not depend on how the work was divided.
 *
 * The file: a first line `#words 1<TAB>PATTERN`, then a line `COUNT<TAB>WORD`
 * for each word, the most frequent first, equal counts in byte order. In
 * patterns and words, \\ \n \r \t stand for a backslash, newline, carriage
 * return and tab; all other bytes are unchanged.
 */
#ifndef PIPELM_WORDCOUNT_H
#define PIPELM_WORDCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/io.h"
#include "common/token/split.h"

struct wordcount;
struct wordcount *wordcount_new(void);
void wordcount_free(struct wordcount *c);

/* Adds the words of text[0..len), a whole document; w is working memory. */
void wordcount_text(struct wordcount *c, struct split *w,
	const struct splitter *s, const char *text, size_t len);

/* Adds all counts of from. */
void wordcount_merge(struct wordcount *c, const struct wordcount *from);

/* The number of words, and of their occurrences. */
size_t wordcount_size(const struct wordcount *c);
uint64_t wordcount_total(const struct wordcount *c);

/* A word and its count. Start with *state = 0; false at the end. The bytes are
 * valid until the next call. The order is arbitrary, but depends only on the
 * words and the order in which they were added. */
struct word_count {
	const char *p;
	size_t len;
	uint64_t count;
	char copy[16];
};
bool wordcount_next(const struct wordcount *c, size_t *state, struct word_count *w);

void wordcount_write(const struct wordcount *c, const char *pattern,
	const char *name);

/* Adds the counts in a file. If *pattern is NULL it is set to the file's pattern,
 * freed by the caller; otherwise the two must be equal. Errors are fatal. */
void wordcount_read(struct wordcount *c, const char *name, char **pattern);

#endif
