/* preview.h - a text that a model in training continues
 *
 * By the training's own forward pass, without a cache of keys: slow, but a few
 * tokens now and then, with the numbers and the memory of the training.
 */
#ifndef PIPELM_PREVIEW_H
#define PIPELM_PREVIEW_H

#include "common/token/encode.h"
#include "common/train/trainer.h"

enum { PREVIEW_TOKENS = 64 };	/* of a continuation, at most */
#define PREVIEW_TEMPERATURE .8

/* Appends to ids, which has at least one and fewer than `time` ids, up to
 * PREVIEW_TOKENS more, of the first `usable`, until there are `time` or the id `end`
 * (-1: none) is drawn, which is not appended. The draws are a function of seed and
 * step. a has room for a row of `time` tokens; what it held is overwritten. */
void preview(struct model *m, struct activations *a, struct ids *ids,
	size_t time, size_t usable, int64_t end, uint64_t seed, long step);

#endif
