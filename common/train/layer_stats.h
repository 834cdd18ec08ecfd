/* layer_stats.h - how large weights, gradients and activations are, layer by layer
 *
 *	layer_stats_watch(s, t);	 before the forward passes of an update
 *	layer_stats_gradient(s, t);	 between gradient and update
 *	layer_stats_add(s, t, step, out);	 after it
 *
 * Layer 0 is the embedding, then come the blocks from 1 on, then final norm and head.
 */
#ifndef PIPELM_LAYER_STATS_H
#define PIPELM_LAYER_STATS_H

#include "common/base/buf.h"
#include "common/train/trainer.h"

struct layer_stats;

/* Keeps a copy of what the trainer changes: 4 bytes a parameter. */
struct layer_stats *layer_stats_new(const struct trainer *t);
void layer_stats_free(struct layer_stats *s);

void layer_stats_watch(struct layer_stats *s, struct trainer *t);
void layer_stats_gradient(struct layer_stats *s, struct trainer *t);

/* Appends a line for each layer, its columns those of LAYERS_BEGIN (measures.h): root
 * mean square and largest magnitude of the weights, of the gradient before clipping,
 * and of the residual stream after the layer, at all positions of this rank; and the
 * norm of the update as a share of that of the weights before. What there is none of
 * is "nan". */
void layer_stats_add(struct layer_stats *s, const struct trainer *t, long step,
	struct buf *out);

#endif
