/* standing.h - how well a model does, from several graded answers a prompt
 *
 * accuracy is the share of full marks, each prompt counting once: pass@1. pass@k
 * is the probability that one of k answers has full marks, without bias from n of
 * which c have: 1 - C(n-c,k)/C(n,k) (Chen 2021). majority_vote is the share of
 * prompts whose commonest answer has full marks (Wang 2022). baseline is the share
 * of the commonest reference: what always giving that answer would score.
 */
#ifndef PIPELM_STANDING_H
#define PIPELM_STANDING_H

#include "common/base/io.h"
#include "common/grade/judge.h"

struct standing;

/* by: a key of rollouts whose values are summarised one by one, or NULL. */
struct standing *standing_new(struct judge *const *judges, size_t n,
	const char *by);
void standing_add(struct standing *s, const struct rollout *x,
	const struct verdict *v);

/* A line of JSON for each value, in the order of their appearance, and one for
 * all: grade(1). */
void standing_write(struct standing *s, struct output *out);
void standing_free(struct standing *s);

#endif
