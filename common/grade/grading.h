/* grading.h - a run over rollouts that gives each a score, by all threads
 *
 * The score comes from a grader (grader.h) or from a program that answers each
 * rollout with a number (coprocess.h). It is noted under rewards.NAME, and
 * weight times the score is added to the reward.
 */
#ifndef PIPELM_GRADING_H
#define PIPELM_GRADING_H

#include <stdbool.h>

#include "common/base/io.h"
#include "common/format/records.h"
#include "common/grade/grader.h"

/* What scores rollouts many at a time, in place of a grader. */
struct rollout;
struct judge {
	void *ctx;
	size_t lines;		/* of a batch, for each thread */
	size_t bytes;		/* the same */

	/* By all threads: takes rollout i of a batch, of which the text was read;
	 * it may read more. Returns NULL, or why it cannot be scored, a string
	 * that is valid until the next batch. */
	const char *(*take)(void *ctx, size_t i, int thread,
		struct rollout *x);

	/* Then, by one: the scores of those of the n rollouts that were taken. */
	void (*score)(void *ctx, size_t n, double *score);
};

struct grading_options {
	struct grader_options grader;	/* unused with a command or judge */
	const char *command;		/* for sh -c; NULL: the grader */
	const struct judge *judge;	/* NULL: the grader */
	double timeout;			/* seconds, of the command's answer */
	const char *name;		/* under which scores are noted */
	double weight;
	bool replace;			/* the rewards that are there */
	bool finished;			/* answers that were cut off get 0 */
};

struct grading;

/* o must stay. */
struct grading *grading_new(const struct grading_options *o);

/* Reads the rollouts, writes those that are good in the same order; bad ones
 * are reported to in. Fatal: a reward of that name without replace, one that
 * no float holds, and a command that cannot work. */
void grading_run(struct grading *g, struct records *in, struct output *out);

/* Ends the programs. Before the output is closed, since what they said may
 * have been no answers: that is fatal. */
void grading_finish(struct grading *g);

/* On standard error: what could not be scored, the mean. */
void grading_summary(const struct grading *g);
void grading_free(struct grading *g);

#endif
