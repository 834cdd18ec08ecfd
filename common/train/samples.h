/* samples.h - graded rollouts as the samples of a policy */
#ifndef PIPELM_SAMPLES_H
#define PIPELM_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/rollout.h"
#include "common/train/policy.h"

/* Appends x as a sample; the caller sets its group. Returns NULL, or why the
 * sample does not fit a model of this shape. */
const char *samples_add(struct policy *p, const struct model_config *c,
	const struct rollout *x);

/* What was read. */
struct samples_read {
	size_t groups;
	size_t elsewhere;	/* samples with sample_logprobs */
	size_t unknown;		/* without, at a temperature other than 1 */
};

/* Appends rollouts(5), those of a group adjacent. Invalid ones are counted as
 * in records.h; a group with two prompts is fatal, as is having no rollouts. */
void samples_read(struct policy *p, const struct model_config *c, char **files,
	struct samples_read *read);

/* What became of the samples, whose groups are adjacent. */
struct samples_stats {
	size_t flat;		/* groups whose rewards carry no signal */
	size_t ungraded;	/* samples */
	double reward;		/* mean of the graded ones; NaN: none */
};

/* Fills p->advantage according to p->objective, and order (p->examples.n) with
 * the samples that have one; returns how many do. */
size_t samples_choose(struct policy *p, size_t *order,
	struct samples_stats *stats);

#endif
