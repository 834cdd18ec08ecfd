/* trainer.h - the update step that all trainers share
 *
 *	while (...) {
 *		trainer_begin(t);
 *		trainer_add(t, &batch, weight);		 once or more
 *		trainer_meet(t);
 *		trainer_update(t, lr_factor);
 *	}
 *
 * Gradients accumulate over the batches of a step; the update clips their norm.
 * The loss of a step is the sum of the losses of its rows: each row is summed
 * separately, then the rows in order, so the loss does not depend on how many
 * rows are computed at once, or by which rank.
 */
#ifndef PIPELM_TRAINER_H
#define PIPELM_TRAINER_H

#include "common/model/forward.h"
#include "common/token/vocab.h"
#include "common/train/exchange.h"
#include "common/train/optimizer.h"

struct trainer {
	struct model *model;
	struct activations *activations;
	struct optimizer *optimizer;
	size_t rows;		/* the most in one pass */
	float *gradient;
	size_t size;		/* floats of it */
	struct weights weights;	/* views of gradient */
	double clip;		/* largest gradient norm of a step; 0: any */
	double grad_norm;	/* of the last update, before clipping */
	struct watch *watch;	/* of forward passes of trainer_add; or NULL */
	size_t watched;		/* tokens of the current pass */
	double *loss;		/* (nloss) of each row of this step */
	size_t nloss, loss_cap;
	/* With several ranks: */
	struct exchange *exchange;	/* else NULL */
	struct backward_watch backward;
	size_t stages;		/* of the gradient that are not queued yet */
	bool last;		/* see trainer_last */
	bool met;		/* in this step */
};

/* rows, time: the largest batch of one pass; keep: of its activations; wire: as in
 * exchange_new. The caller keeps the model. */
void trainer_init(struct trainer *t, struct model *m,
	const struct optimizer_config *c, size_t rows, size_t time,
	enum keep keep, double clip, enum dtype wire);
void trainer_free(struct trainer *t);

void trainer_begin(struct trainer *t);

/* Appends room for the losses of n more rows, initially 0, for the caller to
 * add to. Valid until the next call. */
double *trainer_losses(struct trainer *t, size_t n);

/* The next trainer_add, or trainer_add_backward, is the last of this step: the ranks
 * begin to exchange what it completes while it is in the blocks before. Without it,
 * they begin in trainer_meet. */
void trainer_last(struct trainer *t);

/* Forward and backward pass over this rank's rows of b (ranks.h), in several
 * parts if they do not fit at once; see model_backward for the weights (B,T).
 * The loss of a row is the sum of -weight * logprob. */
void trainer_add(struct trainer *t, const struct batch *b,
	const float *weight);

/* Up to max rows of b from row first on, as a batch of their own (a view). */
struct batch batch_part(const struct batch *b, size_t first, size_t max);

/* The backward pass alone, after model_forward of the same batch, which must
 * fit at once. Adds the losses of its rows to loss (rows), unless that is
 * NULL. */
void trainer_add_backward(struct trainer *t, const struct batch *b,
	const float *weight, const float *entropy_weight, double *loss);

/* Synchronises the ranks, after the last backward pass of the step: sums losses over all
 * of them, and the part of the gradient whose parameters this rank updates. Only after
 * that may they exchange anything else in this step. A second call does nothing. */
void trainer_meet(struct trainer *t);

/* The loss of the step, after trainer_meet. */
double trainer_loss(const struct trainer *t);

/* Clips the gradient and updates the model, on all ranks. A non-finite gradient is
 * fatal. */
void trainer_update(struct trainer *t, double lr_factor);

/* ---- validation: evaluate.c ---- */

struct data;
struct rows;

struct evaluation {
	double loss;		/* nats per token; NaN if there was none */
	double bits_per_byte;	/* NaN without a vocabulary */
	uint64_t windows, tokens, bytes;
};

/* The mean loss over the first `windows` windows of d (0: all). v: whose tokens
 * they are, for the bytes of their text, or NULL. eot >= 0: the token that
 * separates documents. */
struct evaluation evaluate(struct model *m, struct activations *a,
	struct data *d, struct rows *r, uint64_t windows,
	const struct vocab *v, int64_t eot);

struct examples;
struct pack;

/* The mean loss over the learned tokens of e, which has at least one example,
 * packed into p. rows: how many of p's rows fit into a at once. */
double evaluate_examples(struct model *m, struct activations *a, size_t rows,
	const struct examples *e, struct pack *p);

#endif
