/* recipe.c - the numbers that training has by default: see recipe.h */
#include "common/train/recipe.h"

#include <math.h>

static const struct recipe recipes[] = {
	[RECIPE_PRETRAIN] = {
		.optimizer = OPTIMIZER_ADAMW,
		.rate = 1,
		.clip = 1,
		.batch = 32,
		.schedule = SCHEDULE_COSINE,
		.warmup = .02,
		.warmdown = .65,
		.last = .1
	},
	[RECIPE_SFT] = {
		.optimizer = OPTIMIZER_ADAMW,
		.rate = .5,
		.clip = 1,
		.batch = 16,
		.schedule = SCHEDULE_LINEAR,
		.warmup = .02,
		.warmdown = .5,
		.last = 0
	},
	[RECIPE_RLTRAIN] = {
		.optimizer = OPTIMIZER_ADAMW,
		.rate = .1,
		.clip = 1,
		.schedule = SCHEDULE_CONSTANT
	}
};

const struct recipe *recipe_find(enum recipe_of of)
{
	return &recipes[of];
}

struct optimizer_config recipe_optimizer(const struct recipe *r,
	enum optimizer_kind kind, const struct model_config *c, size_t tokens)
{
	struct optimizer_config o;

	optimizer_defaults(&o, kind, c->width);
	o.lr *= r->rate;
	o.matrix_lr *= r->rate;
	return o;
}

#define SFT_STEPS 200		/* updates that a small set gets */
#define SFT_EPOCHS 40		/* passes over it at most */
#define SFT_PARTS 8		/* updates of a pass over it */

struct sft_plan recipe_sft_plan(size_t rows, size_t batch)
{
	struct sft_plan p = { .batch = batch };
	size_t most = recipes[RECIPE_SFT].batch, updates;

	if (!p.batch)
		p.batch = rows / SFT_PARTS < 1 ? 1 : rows / SFT_PARTS > most ?
			most : rows / SFT_PARTS;
	updates = (rows + p.batch - 1) / p.batch;
	p.epochs = (int64_t)((SFT_STEPS + updates - 1) / (updates ? updates :
		1));
	if (p.epochs < 2)
		p.epochs = 2;
	if (p.epochs > SFT_EPOCHS)
		p.epochs = SFT_EPOCHS;
	return p;
}
