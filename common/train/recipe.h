/* recipe.h - the default hyperparameters of training, all in one place
 *
 * Each program has a recipe: rates, schedule, batch. Options override single
 * numbers (train_options.h). Better defaults are changed in recipe.c and the
 * pages, nowhere else.
 */
#ifndef PIPELM_RECIPE_H
#define PIPELM_RECIPE_H

#include <stddef.h>
#include <stdint.h>

#include "common/train/optimizer.h"
#include "common/train/schedule.h"

enum recipe_of {
	RECIPE_PRETRAIN,
	RECIPE_SFT,
	RECIPE_RLTRAIN
};

struct recipe {
	enum optimizer_kind optimizer;
	double rate;		/* times the rates that fit pretraining */
	double beside_muon;	/* times the rate of AdamW, where Muon trains
				 * the matrices */
	double clip;		/* largest norm of a gradient */
	size_t batch;		/* rows of an update */
	/* The schedule; warmup and warmdown are parts of the run. */
	enum schedule_kind schedule;
	double warmup, warmdown, last;
};

const struct recipe *recipe_find(enum recipe_of of);

/* What AdamW's rate is multiplied by beside an optimizer of that kind. */
double recipe_beside(const struct recipe *r, enum optimizer_kind kind);

/* The optimizer of a recipe for a model, with updates of so many tokens (0:
 * not known); kind may be another than the recipe's. */
struct optimizer_config recipe_optimizer(const struct recipe *r,
	enum optimizer_kind kind, const struct model_config *c, size_t tokens);

/* Rows of an update and passes over the data for conversations of so many
 * tokens in all, which fill so many rows, at least 1: a small set is learned,
 * a large one passed over twice. */
struct sft_plan {
	size_t batch;
	int64_t epochs;
};
struct sft_plan recipe_sft_plan(size_t tokens, size_t rows);

#endif
