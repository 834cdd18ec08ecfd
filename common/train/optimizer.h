/* optimizer.h - AdamW and Muon over the tensors of a model
 *
 * AdamW (Loshchilov and Hutter 2019) with torch's formulas: matrices,
 * embeddings and the head decay, gains and biases do not.
 *
 * Muon (Jordan et al. 2024) updates the matrices of the blocks by the orthogonal
 * matrix nearest to their momentum, computed by the Polar Express iteration (Amsel
 * et al. 2025) and normalised by row or column as in NorMuon (Li et al. 2025);
 * everything else uses AdamW.
 *
 * With several ranks, each has the moments of what it updates (shares.h), and the
 * parameters that the others update come from them.
 */
#ifndef PIPELM_OPTIMIZER_H
#define PIPELM_OPTIMIZER_H

#include "common/format/safetensors.h"
#include "common/model/model.h"
#include "common/train/exchange.h"

enum optimizer_kind {
	OPTIMIZER_ADAMW,
	OPTIMIZER_MUON
};

const char *optimizer_name(enum optimizer_kind kind);	/* as --optimizer */

struct optimizer_config {
	enum optimizer_kind kind;
	double lr;		/* AdamW's */
	double matrix_lr;	/* Muon's */
	double beta1, beta2, eps;
	double momentum;	/* Muon's */
	double weight_decay;
	enum compute compute;	/* of Muon's products: fp32 or bf16 */
	enum dtype moments;	/* AdamW's: F32, or BF16, rounded at random (kernel.h) */
};

/* AdamW with betas .9 and .95, eps 1e-8, decay .1; lr and matrix_lr suit a
 * model of this width trained from random initialisation. */
void optimizer_defaults(struct optimizer_config *c, enum optimizer_kind kind,
	size_t width);

struct optimizer;

/* Moments 0, step 0; updates what m trains, its adapter or itself. m is kept by
 * reference. */
struct optimizer *optimizer_new(const struct optimizer_config *c,
	struct model *m);
void optimizer_free(struct optimizer *o);

/* What this rank updates of a tensor of model_trained(m). */
struct range optimizer_range(const struct optimizer *o, size_t tensor);

/* The exchange between the ranks that update o's tensors together. */
struct exchange *optimizer_exchange(const struct optimizer *o,
	enum dtype wire);

/* One update of the parameters from gradient (their layout) times
 * grad_scale, with both learning rates times lr_scale. e: gathers what other ranks
 * have updated, until exchange_wait; NULL: there are none. */
void optimizer_step(struct optimizer *o, const float *gradient,
	double grad_scale, double lr_scale, struct exchange *e);

long optimizer_steps(const struct optimizer *o);	/* updates so far */

/* A tensor that it updates and that, or whose moments, hold a NaN or infinity, on any
 * rank; NULL if there is none. All ranks call it. */
const struct tensor *optimizer_not_finite(const struct optimizer *o);

/* Moments as tensors optimizer.m.NAME and optimizer.v.NAME, those of all ranks: rank 0
 * writes, the others, for which w is NULL, send it theirs. */
void optimizer_declare(const struct optimizer *o, struct st_writer *w);
void optimizer_write(const struct optimizer *o, struct st_writer *w);

/* Restores the moments; steps is the value of optimizer_steps. Fatal if they do
 * not match the model. */
void optimizer_read(struct optimizer *o, const struct safetensors *s,
	long steps);

/* ---- muon.c ---- */

/* For matrices of up to n elements, the shorter side up to k, the longer up to
 * l: y (n), a and b (k,k), sum (l). */
struct muon_scratch {
	float *y, *a, *b;
	double *sum;
	enum compute compute;	/* of the products */
};

/* Replaces x (rows,cols) by a nearly orthogonal matrix of the same row and
 * column space: all singular values near 1. */
void muon_polar(float *x, const struct muon_scratch *s, size_t rows,
	size_t cols);

/* Replaces the mean gradient g (out,in) by the step to subtract at learning
 * rate 1; v (longer side) is NorMuon's second moment. */
void muon_direction(float *g, float *v, const struct muon_scratch *s,
	size_t out, size_t in);

#endif
