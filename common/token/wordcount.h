/* wordcount.h - how often each word occurs: what BPE training learns from
 *
 * Counts have 64 bits. They may be made apart, on many machines, written as
 * text, and added up; the result does not depend on how the work was cut.
 *
 * As a file: a first line `#words 1<TAB>PATTERN`, then a line `COUNT<TAB>WORD`
 * for each word, the most frequent first, equal ones in order of their bytes.
 * In pattern and word \\ \n \r \t stand for a backslash, newline, return and
 * tab; all other bytes are as they are.
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

/* Adds the words of text[0..len), a whole document; w is scratch. */
void wordcount_text(struct wordcount *c, struct split *w,
	const struct splitter *s, const char *text, size_t len);

/* Adds all of from. */
void wordcount_merge(struct wordcount *c, const struct wordcount *from);

/* Number of words, and of their occurrences. */
size_t wordcount_size(const struct wordcount *c);
uint64_t wordcount_total(const struct wordcount *c);

/* A word and its count: start with *state = 0; false at the end. The bytes
 * live until the next call. The order is arbitrary, but depends on nothing
 * but the words and the order in which they came. */
struct word {
	const char *p;
	size_t len;
	uint64_t count;
	char copy[16];
};
bool wordcount_next(const struct wordcount *c, size_t *state, struct word *w);

void wordcount_write(const struct wordcount *c, const char *pattern,
	const char *name);

/* Adds what a file holds. *pattern NULL gets its pattern, freed by the caller;
 * otherwise it must be the same. Anything malformed is fatal. */
void wordcount_read(struct wordcount *c, const char *name, char **pattern);

#endif
