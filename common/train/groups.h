/* groups.h - groups rollouts by prompt
 *
 * A rollout belongs to the group of its id or, without an id, to the group of
 * rollouts without id that have the same prompt; or, if asked for, always to that
 * of its prompt, as where the moves of a game are rollouts and games share
 * positions. A group has one prompt: rewards of answers to different prompts
 * cannot be compared.
 */
#ifndef PIPELM_GROUPS_H
#define PIPELM_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/map.h"
#include "common/format/rollout.h"
#include "common/train/examples.h"
#include "common/train/objective.h"

struct group {
	uint64_t prompt;	/* hash of its ids */
	const char *file;	/* of its first rollout, for messages */
	uint64_t line;
};

/* Zero-initialise and set by_prompt; groups_free. */
struct groups {
	bool by_prompt;		/* ids do not count */
	struct map numbers;
	struct group *v;	/* (n) in the order in which they appeared */
	size_t n, cap;
	struct buf key;
};

/* Sets *number to the number of x's group, from 0, creating the group if
 * necessary. Returns false if the group's prompt differs from x's. */
bool groups_find(struct groups *g, const struct rollout *x, size_t *number);
void groups_free(struct groups *g);

/* Makes the samples of each of the n groups adjacent, keeping their order
 * within a group: (*s)[i] belongs to example i before and after. */
void groups_sort(size_t n, struct examples *e, struct sampled **s);

#endif
