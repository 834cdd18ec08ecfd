/* inside.h - what happens inside the network while it reads a text
 *
 * One pass over the text, watched (model/forward.h): the predictions of the model
 * and, by the logit lens, of each layer; the norms of the residual stream; who
 * attends to whom.
 */
#ifndef PIPELM_INSIDE_H
#define PIPELM_INSIDE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/kernel/kernel.h"
#include "common/model/model.h"

enum { LENS_TOP = 3 };

/* Of a text of n tokens. Prediction i is that of token i+1, computed at token i;
 * the last, of nothing, is left out of all arrays of predictions. Layer 0 is the
 * embedding, layer l the residual stream after block l. */
struct inside {
	size_t n, layers, heads, top;
	size_t lens_top;		/* LENS_TOP, or top if that is less */
	const int32_t *ids;		/* (n), the caller's */
	float *logprob, *entropy;	/* (n-1) nats */
	int32_t *rank;			/* (n-1) */
	struct logit *best;		/* (n-1,top) */
	float *lens_logprob;		/* (layers+1,n-1) of the text's token */
	struct logit *lens;		/* (layers+1,n-1,lens_top) */
	double *norm;			/* (layers+1,n) */
	struct buf attention;		/* JSON: see below */
};

/* Attention is quantised: a JSON array of layers, each an array of heads, each a
 * string of base-64 digits (A-Z a-z 0-9 - _): for each token the number of keys
 * with a probability of at least 1/64, and for each of them two digits for its
 * place, and two for 4095 times its probability. */
#define ATTENTION_LEAST (1 / 64.0)
#define ATTENTION_TOKENS 4096		/* the most that two digits can address */

/* Reads ids (n), from 1 to ATTENTION_TOKENS and the model's context of them.
 * usable: as in scorer.h; top: at most usable and LOGITS_BEST. */
void inside_look(struct inside *in, const struct model *m, const int32_t *ids,
	size_t n, size_t usable, size_t top);
void inside_free(struct inside *in);

#endif
