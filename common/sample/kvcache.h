/* kvcache.h - keys and values of tokens that were read, so that each token
 * passes through the model once
 *
 * A run holds consecutive tokens: for each layer a matrix of rows [k|v],
 * kv_heads * head_size floats each half, k rotated already. A sequence is one
 * run, or two: a prefix that many sequences share (the prompt, stored once
 * for all its samples) and its own tokens.
 */
#ifndef PIPELM_KVCACHE_H
#define PIPELM_KVCACHE_H

#include <stddef.h>

#include "common/model/config.h"

struct kvrun {
	size_t n;		/* tokens held */
	size_t cap;
	size_t layers, width;	/* width: floats of a row [k|v] */
	float *rows;		/* (layers, cap, width) */
};

struct kvrun *kvrun_new(const struct model_config *c);
void kvrun_free(struct kvrun *r);

/* Room for n tokens more; what is held may move. */
void kvrun_room(struct kvrun *r, size_t n);

/* The row [k|v] of token i in a layer; i below cap. */
static inline float *kvrun_row(const struct kvrun *r, size_t layer, size_t i)
{
	return r->rows + (layer * r->cap + i) * r->width;
}

#endif
