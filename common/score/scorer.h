/* scorer.h - log-probabilities of the tokens of texts, many texts at once
 *
 * Texts are cut into windows, and windows of several texts are packed into the
 * rows of a batch (train/pack.h): the blocks and the head are those of training,
 * so the numbers are those that a trainer computes.
 *
 * A window feeds up to `context` tokens to the model and predicts the token after
 * each. The next window begins `stride` tokens later, and only predictions that
 * no window has made yet count. With stride = context, the last token of a window
 * is the first of the next, as in pretraining; with a smaller one, every token
 * but those of the first window has at least context - stride tokens before it.
 *
 *	struct scorer *s = scorer_new(m, &options);
 *	scorer_add(s, ids, mask, n, &scores);	 for each text
 *	scorer_flush(s);			 now all scores are there
 */
#ifndef PIPELM_SCORER_H
#define PIPELM_SCORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/kernel/kernel.h"
#include "common/model/model.h"

struct scorer_options {
	size_t context, stride;	/* 1 <= stride <= context <= the model's */
	size_t batch;		/* tokens computed at once, if a window has no
				 * more; bounds the memory */
	size_t usable;		/* only ids below this have a rank */
	bool rank, entropy;
	size_t top;		/* likeliest tokens at each place; at most
				 * `usable` and LOGITS_BEST */
};

/* Of a text of n tokens; element i belongs to the prediction of token i. Those
 * of tokens that are not predicted are left alone. Each may be NULL unless
 * requested by the options. */
struct scores {
	float *logprob;			/* (n) */
	float *entropy;			/* (n), nats */
	int32_t *rank;			/* (n) ids likelier than the token */
	struct logit *best;		/* (n,top), log-probabilities */
};

/* Allocates what n tokens need by the options. */
void scores_init(struct scores *s, const struct scorer_options *o, size_t n);
void scores_free(struct scores *s);

/* m, flat or packed, must outlive it. */
struct scorer;
struct scorer *scorer_new(const struct model *m,
	const struct scorer_options *o);
void scorer_free(struct scorer *s);

/* Queues a text; mask (n) or NULL: token i is predicted if mask[i] is not 0. The
 * first token never is. ids (all below the model's vocabulary), mask and what `to`
 * points to must stay valid until scorer_flush. Logits that are not finite are
 * fatal. */
void scorer_add(struct scorer *s, const int32_t *ids,
	const unsigned char *mask, size_t n, const struct scores *to);
void scorer_flush(struct scorer *s);

#endif
