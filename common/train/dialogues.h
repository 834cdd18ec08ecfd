/* dialogues.h - conversations as examples: what the assistant says is learned */
#ifndef PIPELM_DIALOGUES_H
#define PIPELM_DIALOGUES_H

#include <stdint.h>

#include "common/format/conversation.h"
#include "common/token/template.h"
#include "common/train/examples.h"

/* Appends the first n tokens, at least 2, of what a template rendered; false,
 * and nothing is appended, when none of them is learned. */
bool dialogues_add(struct examples *e, const struct rendered *x, size_t n);

/* Zero-initialise; the caller sets the first part. */
struct dialogues {
	const struct template *template;
	const struct vocab *vocab;
	size_t time;		/* a row holds time + 1 tokens of an example */
	double share;		/* held out of what is read, from 0 to below 1 */
	uint64_t seed;		/* which they are */

	struct examples train, val;
	uint64_t cut;		/* conversations longer than a row */
};

/* Reads conversations(5), to->.train and .val by share. Bad ones, and those of
 * which nothing would be learned, are counted as records.h says. */
void dialogues_read(struct dialogues *d, char **files);

/* Reads those of a file, to .val. */
void dialogues_read_val(struct dialogues *d, const char *file);

void dialogues_free(struct dialogues *d);

#endif
