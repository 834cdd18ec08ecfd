/* plan.h - what a pretraining run will cost, before it begins */
#ifndef PIPELM_PLAN_H
#define PIPELM_PLAN_H

#include <stdint.h>

#include "common/base/io.h"
#include "common/train/memory.h"
#include "common/train/recipe.h"

struct plan {
	struct training_size size;	/* its config is the model's */
	enum recipe_of recipe;
	uint64_t updates;		/* 0: unknown */
	uint64_t tokens;		/* in the data; 0: unknown */
};

/* Floating-point operations a token of forward and backward pass, in rows of `time`
 * tokens: 6 for each weight of a product, and those of attention without its mask. */
double plan_flops(const struct model_config *c, size_t time);

/* Writes lines of a name, a tab and a number: parameters; floating-point operations a
 * token, 6 for each weight of a product and 12 LHQT for attention (Chowdhery et al.,
 * PaLM, 2022, appendix B); the tokens for which a model of this size is the best use of
 * the operations, 20 for each parameter (Hoffmann et al. 2022); bytes of memory by
 * kind; and, from some updates of the model with one and with two blocks, tokens a
 * second and the time of the run. A run that would not fit into memory is fatal after
 * what is known without measuring. */
void plan_write(struct output *out, struct plan *p);

#endif
