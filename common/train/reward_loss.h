/* reward_loss.h - scores of answers, and what they cost where they disagree with
 * comparisons
 *
 * The loss of a comparison is -log sigmoid(better - worse - margin) (Bradley and
 * Terry 1952, Ouyang et al. 2022, Touvron et al. 2023), plus, to keep scores
 * around 0, center times the square of their sum (Eisenstein et al. 2023).
 */
#ifndef PIPELM_REWARD_LOSS_H
#define PIPELM_REWARD_LOSS_H

#include "common/train/rankings.h"
#include "common/train/trainer.h"

/* *d_better and *d_worse: the derivatives. */
double reward_loss(double better, double worse, double margin, double center,
	double *d_better, double *d_worse);

/* Working memory for up to `examples` examples, in batches of as many rows as are
 * computed at once. */
struct reward_memory {
	struct pack pack;
	size_t *order, *place;	/* (examples), of those in use */
	size_t n;
	uint64_t *stamp, stamps;	/* (examples): whether it is in order */
	float *value, *d_value;	/* (B,T) */
	double *score, *slope;	/* (examples) */
};
void reward_memory_init(struct reward_memory *k, size_t examples, size_t rows,
	size_t time);
void reward_memory_free(struct reward_memory *k);

/* Sets k->score of the k->n examples in k->order. m: a reward model. Returns
 * whether they fitted in one batch, whose forward pass is then the last one of
 * a. */
bool reward_scores(const struct model *m, struct activations *a,
	struct reward_memory *k, const struct examples *e);

/* Weighted means over comparisons. */
struct reward_stats {
	double loss;
	double accuracy;	/* share with better above worse */
	double weight;		/* of all */
	uint64_t tokens;	/* of the answers, with their prompts */
};

/* Adds the gradient of the comparisons of the prompts order[0..n) to t. */
void reward_gradient(const struct rankings *r, struct reward_memory *k,
	struct trainer *t, const size_t *order, size_t n, double center,
	struct reward_stats *stats);

/* Their loss without centering, and accuracy, over all of r, which has at least
 * one. */
struct reward_stats reward_evaluate(const struct rankings *r,
	struct reward_memory *k, const struct model *m, struct activations *a);

#endif
