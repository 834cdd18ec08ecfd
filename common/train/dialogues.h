/* dialogues.h - conversations as examples: only what the assistant says is
 * learned
 */
#ifndef PIPELM_DIALOGUES_H
#define PIPELM_DIALOGUES_H

#include <stdint.h>

#include "common/format/conversation.h"
#include "common/token/template.h"
#include "common/train/examples.h"

/* Appends the first n >= 2 tokens of what a template rendered. Returns false,
 * appending nothing, if none of them is learned. */
bool dialogues_add(struct examples *e, const struct rendered *x, size_t n);

/* Zero-initialise; the caller sets the first part. */
struct dialogues {
	const struct template *template;
	const struct vocab *vocab;
	size_t time;		/* a row holds time + 1 tokens of an example */
	double share;		/* of conversations held out, in [0, 1) */
	uint64_t seed;		/* selects those held out */

	struct examples train, val;
	uint64_t cut;		/* conversations longer than a row */
};

/* Reads conversations(5) into .train and .val, split by share. Invalid ones,
 * and those with nothing to learn, are counted as in records.h. */
void dialogues_read(struct dialogues *d, char **files);

/* Reads those of a file into .val. */
void dialogues_read_val(struct dialogues *d, const char *file);

void dialogues_free(struct dialogues *d);

#endif
