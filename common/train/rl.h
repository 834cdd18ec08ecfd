/* rl.h - a run of reinforcement or preference learning
 *
 * One round of a loop of rounds: all that other programs sampled and graded is
 * read at once, all or some of it is selected for training, and in each epoch
 * every selected member is in one update.
 */
#ifndef PIPELM_RL_H
#define PIPELM_RL_H

#include "common/train/epochs.h"
#include "common/train/policy.h"
#include "common/train/run.h"
#include "common/train/samples.h"

enum { RL_COLUMNS = 13 };	/* of the log, further ones: see rl.c */

/* Zero-initialise; the program sets the first part. */
struct rl {
	const char *from;	/* model directory to load */
	const char *base;	/* the model that answered, from which the run
				 * started */

	struct run run;
	struct policy policy;
	struct policy_memory memory;
	struct samples_read read;
	struct samples_stats samples;
	size_t *order;		/* samples selected; NULL: all pairs */
	size_t n;		/* samples, or pairs, selected */
	struct epochs turns;
	long taken;		/* updates of turns so far */
	float *now;		/* pairs: scratch */
	struct policy_stats stats;	/* of the last update */
	double measured[RL_COLUMNS];	/* the same, as the log has it */
};

/* Loads the model and reads what it learns from, according to rl_options. The
 * run is then ready for run_open except for its directory and options. */
void rl_open(struct rl *r, char **files);

/* After run_open: scores what must be scored before the first update, and
 * selects what to train on: r->n, which may be 0. */
void rl_begin(struct rl *r);

/* Why nothing was selected. */
const char *rl_why_nothing(const struct rl *r);

void rl_close(struct rl *r);

#endif
