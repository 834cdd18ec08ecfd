/* fasttext.h - loads and applies classifiers of the fastText library
 *
 * Supervised models in format version 12, .bin (floats) and .ftz (product
 * quantisation, pruned dictionary), such as lid.176.ftz and published quality
 * classifiers for web text (Joulin et al. 2016). Labels and scores equal those
 * of the library. The file is memory-mapped.
 */
#ifndef PIPELM_FASTTEXT_H
#define PIPELM_FASTTEXT_H

#include <stdbool.h>
#include <stddef.h>

struct fasttext;

/* Whether p[0..n) is the start of such a model. */
bool fasttext_begins(const unsigned char *p, size_t n);

/* Dies with a message when the file is not a valid supervised model. */
struct fasttext *fasttext_open(const char *file);
void fasttext_close(struct fasttext *ft);

/* The labels as stored in the model ("__label__en"). */
size_t fasttext_labels(const struct fasttext *ft);
const char *fasttext_label(const struct fasttext *ft, size_t i);

/* Writes the score of every label for text[0..len) to
 * score[0..fasttext_labels). Line ends count as spaces. As in the library, a
 * word "</s>" ends the text and labels in the text are ignored. Returns false,
 * with all scores 0, when the model knows nothing in the text. Dies when a
 * score is not finite. Safe to call from several threads. */
bool fasttext_score(const struct fasttext *ft, const char *text, size_t len,
	float *score);

#endif
