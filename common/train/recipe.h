/* recipe.h - the default hyperparameters of training, all in one place
 *
 * Each program has a recipe: rates, schedule, batch. Options override
 * individual numbers (train_options.h). To change a default, change recipe.c
 * and the manual pages, nothing else.
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
	RECIPE_RLTRAIN,
	RECIPE_RMTRAIN
};

struct recipe {
	enum optimizer_kind optimizer;
	double rate;		/* factor on the rates that suit pretraining */
	double beside_muon;	/* factor on AdamW's rate if Muon trains the
				 * matrices */
	double adapter;		/* factor on AdamW's rate for adapters, which do
				 * not decay */
	double clip;		/* largest norm of a gradient */
	size_t batch;		/* rows of an update */
	/* The schedule; warmup and warmdown are fractions of the run. */
	enum schedule_kind schedule;
	double warmup, warmdown, last;
};

const struct recipe *recipe_find(enum recipe_of of);

/* The factor on AdamW's rate when it runs alongside an optimizer of that
 * kind. */
double recipe_beside(const struct recipe *r, enum optimizer_kind kind);

/* The optimizer of a recipe for a model, with updates of `tokens` tokens (0:
 * unknown); kind may differ from the recipe's. */
struct optimizer_config recipe_optimizer(const struct recipe *r,
	enum optimizer_kind kind, const struct model_config *c, size_t tokens);

/* Rows of an update and updates for pretraining a model on 20 tokens for each of its
 * parameters (Hoffmann et al. 2022), by the batch size that Bi et al. (DeepSeek LLM,
 * 2024) fitted: .292 C^.327 tokens for a run of C operations. time: of a row. */
struct recipe_length {
	size_t batch;
	uint64_t updates;
};
struct recipe_length recipe_length(size_t parameters, size_t time);

/* Rows of an update and passes over the data, for conversations with a given
 * total of tokens that fill a given number of rows, at least 1: a small set
 * gets enough passes to be memorised, a large one two. */
struct recipe_plan {
	size_t batch;
	int64_t epochs;
};
struct recipe_plan recipe_sft_plan(size_t tokens, size_t rows);

/* Prompts of an update and passes over the data for rmtrain, with that many
 * prompts, at least 1. */
struct recipe_plan recipe_rmtrain_plan(size_t prompts);

#endif
