/* words.h - words of English and a few other languages near an answer */
#ifndef PIPELM_GRADE_WORDS_H
#define PIPELM_GRADE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A letter or digit of any script, or an underscore: bytes of other characters
 * than ASCII count. */
bool word_byte(char c);

/* The word that begins or ends at s, which may be empty; returns its length. */
size_t word_after(const char *s, const char *end);
size_t word_before(const char *text, const char *s);

/* Whether the word s[0..n), in any case, is one of those in list, which are in
 * lower case and separated by spaces. */
bool word_in(const char *s, size_t n, const char *list);

/* Whether `what`, in lower case, is at s in any case. */
bool word_at(const char *s, const char *end, const char *what);

/* The first occurrence of `what`, in lower case, in s..end in any case, or NULL. */
const char *words_find(const char *s, const char *end, const char *what);

/* The end of the sentence that s is in: at a newline, or after a full stop,
 * question or exclamation mark before white space; or end. */
const char *sentence_end(const char *s, const char *end);

/* Its beginning, not further back than `most` bytes; s is not the end of the text. */
const char *sentence_begin(const char *text, const char *s, size_t most);

#endif
