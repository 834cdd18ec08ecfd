/* choices.h - answers multiple-choice questions by log-likelihood
 *
 * Each choice is appended to the prompt, after a space unless there is white
 * space already, and the log-probabilities of its tokens are added up. acc picks
 * the choice with the highest sum, acc_norm that with the highest sum per byte of
 * the choice; of equal ones the first. Prompt and choice are encoded as one text;
 * white space at the end of the prompt counts to the choice (both as lm-eval
 * does). Of a prompt that is too long for the context, the beginning is cut.
 */
#ifndef PIPELM_CHOICES_H
#define PIPELM_CHOICES_H

#include <stdbool.h>

#include "common/base/io.h"
#include "common/sample/generator.h"
#include "common/score/scorer.h"

struct choices_options {
	int64_t first;		/* id before a text, or -1 */
	bool always;		/* also before a prompt that is not empty */
	bool each;		/* a line for each question, not the totals */
};

struct choices_totals {
	uint64_t questions;
	uint64_t right, right_norm;
	double chance;		/* sum over questions of 1 / choices */
	uint64_t majority;	/* questions with the most frequent answer */
	uint64_t cut;		/* choices whose prompt was cut */
};

/* Answers the questions in the files and writes JSON lines to out. */
struct choices_totals choices_run(char **files, struct generator *g,
	struct scorer *s, const struct scorer_options *so,
	const struct choices_options *o, struct output *out);

#endif
