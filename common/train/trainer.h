/* trainer.h - what pretrain, sft and rltrain share: one update after another
 *
 *	while (...) {
 *		trainer_begin(t);
 *		trainer_add(t, &batch, weight);		 some times
 *		trainer_meet(t);
 *		trainer_update(t, lr_factor);
 *	}
 *
 * Gradients of the batches of a step add up; the update clips their norm. The
 * loss of a step is the sum of the losses of its rows, each summed by itself
 * and then in the order of the rows: it does not depend on how many rows are
 * computed at once, or by which rank.
 */
#ifndef PIPELM_TRAINER_H
#define PIPELM_TRAINER_H

#include "common/model/forward.h"
#include "common/train/optimizer.h"

struct trainer {
	struct model *model;
	struct activations *activations;
	struct optimizer *optimizer;
	size_t rows;		/* of the largest batch at once */
	float *gradient;
	struct weights weights;	/* views of gradient */
	double clip;		/* largest norm of a step's gradient; 0: any */
	double grad_norm;	/* of the last update, before clipping */
	double *loss;		/* (nloss) of each row of this step */
	size_t nloss, loss_cap;
};

/* rows, time: the largest batch at once. The model stays the caller's. */
void trainer_init(struct trainer *t, struct model *m,
	const struct optimizer_config *c, size_t rows, size_t time,
	double clip);
void trainer_free(struct trainer *t);

void trainer_begin(struct trainer *t);

/* Room for the losses of n rows more, 0 until the caller adds to them. It lives
 * until the next call. */
double *trainer_losses(struct trainer *t, size_t n);

/* Forward and backward of this rank's rows of b (ranks.h), in parts where more
 * than fit at once; see model_backward for the weights (B,T). The loss of a
 * row is the sum of -weight * logprob. */
void trainer_add(struct trainer *t, const struct batch *b,
	const float *weight);

/* Rows first.. of a batch, at most max, as a batch of their own. */
struct batch batch_part(const struct batch *b, size_t first, size_t max);

/* Backward alone, after model_forward of the same batch, which fits. Adds the
 * losses of its rows to loss (rows), unless that is NULL. */
void trainer_add_backward(struct trainer *t, const struct batch *b,
	const float *weight, const float *entropy_weight, double *loss);

/* Where ranks meet: adds up gradient and losses over all of them. */
void trainer_meet(struct trainer *t);

/* The loss of the step, after ranks have met. */
double trainer_loss(const struct trainer *t);

/* Clips and updates. A gradient that is not finite is fatal. */
void trainer_update(struct trainer *t, double lr_factor);

/* ---- validation: evaluate.c ---- */

struct data;
struct rows;

struct evaluation {
	double loss;		/* nats a token */
	double bits_per_byte;	/* NaN without byte lengths */
	uint64_t tokens;
};

/* The mean loss over the first `windows` windows of d (0: all). bytes (vocab)
 * gives each token's length in bytes, 0 for special ones; or NULL. eot >= 0
 * separates documents. */
struct evaluation evaluate(struct model *m, struct activations *a,
	struct data *d, struct rows *r, uint64_t windows,
	const uint32_t *bytes, int64_t eot);

struct examples;
struct pack;

/* The mean loss over what is learned of e, at least one example, packed into
 * p. rows: how many of p's a holds at once. */
double evaluate_examples(struct model *m, struct activations *a, size_t rows,
	const struct examples *e, struct pack *p);

#endif
