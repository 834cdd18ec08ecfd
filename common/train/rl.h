/* rl.h - a run of reinforcement or preference learning
 *
 * A round of a loop of rounds: what other programs sampled and graded is read
 * whole, all or a part of it takes part, and each epoch takes each member in
 * one update.
 */
#ifndef PIPELM_RL_H
#define PIPELM_RL_H

#include "common/train/epochs.h"
#include "common/train/policy.h"
#include "common/train/run.h"
#include "common/train/samples.h"

/* Zero-initialise; the program sets the first part. */
struct rl {
	const char *from;	/* model directory to load */
	const char *base;	/* the one that answered, which the run started
				 * from */

	struct run run;
	struct policy policy;
	struct policy_memory memory;
	struct samples_read read;
	struct samples_stats samples;
	size_t *order;		/* samples that take part; NULL: all pairs */
	size_t n;		/* samples, or pairs, that take part */
	struct epochs turns;
	long taken;		/* updates of turns so far */
	float *now;		/* dpo: scratch */
	struct policy_stats stats;	/* of the last update */
};

/* Loads the model and reads what it learns from, as rl_options say. The run is
 * then ready for run_open but for its directory and options. */
void rl_open(struct rl *r, char **files);

/* After run_open: scores what has to be scored before the first update, and
 * chooses what takes part: r->n, which may be 0. */
void rl_begin(struct rl *r);

/* Why nothing takes part. */
const char *rl_why_nothing(const struct rl *r);

void rl_close(struct rl *r);

#endif
