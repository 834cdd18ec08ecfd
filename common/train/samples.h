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

/* What may be read, and how it is grouped. */
struct samples_rules {
	const char *model;	/* path of the model, for messages */
	char model_hash[17];	/* what rollouts that name their model must say;
				 * "": anything */
	char tokenizer_hash[17];	/* likewise */
	bool by_prompt;		/* as in groups.h */
};

/* What was read. */
struct samples_read {
	size_t groups;
	size_t elsewhere;	/* samples with sample_logprobs */
	size_t unknown;		/* without, at a temperature other than 1 */
};

/* Appends rollouts(5), those of a group adjacent. Invalid ones are counted as
 * in records.h; a group with two prompts is fatal, as are a rollout of another
 * model or tokenizer and having no rollouts. */
void samples_read(struct policy *p, const struct model_config *c, char **files,
	const struct samples_rules *rules, struct samples_read *read);

/* What became of the samples, whose groups are adjacent. */
struct samples_stats {
	size_t flat;		/* groups whose rewards carry no signal */
	size_t ungraded;	/* samples */
	double reward;		/* mean of the graded ones; NaN: none */
	double length;		/* mean number of sampled tokens of them */
};

/* Counts what all objectives have in common: ungraded, reward and length. */
void samples_count(const struct policy *p, struct samples_stats *stats);

/* Fills p->advantage according to p->objective, and order (p->examples.n) with
 * the samples that have one; returns how many do. */
size_t samples_choose(struct policy *p, size_t *order,
	struct samples_stats *stats);

#endif
