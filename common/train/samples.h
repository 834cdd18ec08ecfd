/* samples.h - graded rollouts as the samples of a policy */
#ifndef PIPELM_SAMPLES_H
#define PIPELM_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/rollout.h"
#include "common/train/policy.h"

/* Appends x as a sample; the caller sets its group. Returns NULL, or why it does
 * not fit a model of this shape. */
const char *samples_add(struct policy *p, const struct model_config *c,
	const struct rollout *x);

/* What was read. */
struct samples_read {
	size_t groups;
	size_t elsewhere;	/* samples that have sample_logprobs */
	size_t unknown;		/* that have none, and another temperature */
};

/* Appends rollouts(5), those of a group adjacent. Bad ones are counted as
 * records.h says; a group with two prompts is fatal, as are no rollouts. */
void samples_read(struct policy *p, const struct model_config *c, char **files,
	struct samples_read *read);

/* What became of the samples, in groups that are adjacent. */
struct samples_stats {
	size_t flat;		/* groups with rewards that teach nothing */
	size_t ungraded;	/* samples */
	double reward;		/* mean of the graded ones; NaN: none is */
};

/* Fills p->advantage by p->objective, and order[0..p->examples.n) with the
 * samples that have one; returns how many those are. */
size_t samples_choose(struct policy *p, size_t *order,
	struct samples_stats *stats);

#endif
