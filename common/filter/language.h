/* language.h - identifies the language of a text
 *
 * The built-in model (data/lang.bin, made by tools/train-lang.py) is a
 * classifier over hashed character 1- to 4-grams in the style of fastText
 * (Joulin et al. 2016): the mean of the text's n-grams among 20,000 rows of 16
 * int8, times a matrix of 104 languages and "und", text in no language. A
 * fastText file such as lid.176.ftz can be used instead.
 */
#ifndef PIPELM_LANGUAGE_H
#define PIPELM_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

struct language;

/* The built-in model (NULL), or that of a file in fastText's or our own format.
 * Dies with a message when the file is invalid. */
struct language *language_open(const char *file);
void language_close(struct language *l);

/* Whether the model can return code[0..n). Always true for a fastText file,
 * whose labels are not checked. */
bool language_knows(const struct language *l, const char *code, size_t n);

/* The code of the language of text[0..len), UTF-8 ("en", "zh-Hant", "und"), and
 * its probability; und and 0 for a text without letters. The code lives as
 * long as l. Safe to call from several threads. */
const char *language_guess(const struct language *l, const char *text,
	size_t len, double *score);

#endif
