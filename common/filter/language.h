/* language.h - which language is a text in
 *
 * The built-in model (data/lang.bin, made by tools/train-lang.py) is a
 * classifier over hashed character 1- to 4-grams in the manner of fastText
 * (Joulin et al. 2016): 20,000 rows of 16 int8, averaged over the n-grams of a
 * text, times a matrix of 104 languages and "und", text in no language. A
 * fastText file such as lid.176.ftz can stand in its place.
 */
#ifndef PIPELM_LANGUAGE_H
#define PIPELM_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

struct language;

/* The built-in model (NULL) or that of a file: fastText's or our own format.
 * Dies with a message when it is not sound. */
struct language *language_open(const char *file);
void language_close(struct language *l);

/* Whether code[0..n) is one that the model gives. The labels of a fastText file
 * are not asked: true. */
bool language_knows(const struct language *l, const char *code, size_t n);

/* The code of the language of text[0..len), UTF-8 ("en", "zh-Hant", "und")
 * and its probability. A text without a letter is und with 0. The code lives
 * as long as l. May be called by several threads at once. */
const char *language_guess(const struct language *l, const char *text,
	size_t len, double *score);

#endif
