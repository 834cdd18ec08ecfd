/* grading.h - a run over rollouts that gives each its scores
 *
 * A score is noted under rewards.NAME, and its weight times the score is added to
 * the reward. A rollout that a judge cannot score has the reward null, and the
 * cause under ungraded.NAME. Several judges in one run give what a run for each,
 * joined by pipes, would.
 */
#ifndef PIPELM_GRADING_H
#define PIPELM_GRADING_H

#include <stdbool.h>

#include "common/base/io.h"
#include "common/format/records.h"
#include "common/grade/judge.h"

struct grading_options {
	struct judge **judges;		/* in the order of their scores */
	size_t njudge;
	bool replace;			/* the rewards that are there */
	bool finished;			/* answers that were cut off get 0 */
	const char *summary;		/* file for a summary, or NULL */
	const char *by;			/* a key: a summary for each value */
};

struct grading;

/* o must stay; the judges are freed with the run. */
struct grading *grading_new(const struct grading_options *o);

/* Reads the rollouts, writes those that are good in the same order; bad ones
 * are reported to in. Fatal: a reward of that name without replace, one that
 * no float holds, and a judge that cannot work. */
void grading_run(struct grading *g, struct records *in, struct output *out);

/* Ends the judges. Before the output is closed, since what they said may have
 * been no scores, or none of the answers could be used: that is fatal. */
void grading_finish(struct grading *g);

/* Writes the summary; says on standard error what could not be scored, and the
 * means. */
void grading_summary(const struct grading *g);
void grading_free(struct grading *g);

#endif
