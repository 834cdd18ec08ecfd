/* fasttext.h - reading and asking classifiers of the fastText library
 *
 * Supervised models, .bin (floats) and .ftz (product quantisation, pruned
 * words), of format version 12, such as lid.176.ftz and the quality
 * classifiers that are published for web text (Joulin et al. 2016). Labels
 * and scores are those of the library. The file is mapped.
 */
#ifndef PIPELM_FASTTEXT_H
#define PIPELM_FASTTEXT_H

#include <stdbool.h>
#include <stddef.h>

struct fasttext;

/* True when p[0..n) begins such a model. */
bool fasttext_begins(const unsigned char *p, size_t n);

/* Dies with a message when the file is no sound supervised model. */
struct fasttext *fasttext_open(const char *file);
void fasttext_close(struct fasttext *ft);

/* The labels as the model has them ("__label__en"). */
size_t fasttext_labels(const struct fasttext *ft);
const char *fasttext_label(const struct fasttext *ft, size_t i);

/* The score of every label for text[0..len), line ends taken as spaces, into
 * score[0..fasttext_labels). As in the library a word "</s>" ends the text, and
 * labels in it count for nothing. False when the model knows nothing in the
 * text; score is then all 0. Dies when the model's numbers give none. May be
 * called by several threads at once. */
bool fasttext_score(const struct fasttext *ft, const char *text, size_t len,
	float *score);

#endif
