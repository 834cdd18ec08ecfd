/* recipe.c - the numbers that training has by default: see recipe.h */
#include "common/train/recipe.h"

#include <math.h>

static const struct recipe recipes[] = {
	/* On English handbooks, on dialogues and sums, and on handbooks in 20
	 * languages, models of 0.7 to 1.3M parameters reached a validation loss
	 * that was lower by 0.4 to 0.7 after the same 200 to 250 updates than
	 * with AdamW and a cosine, and on the first two by 0.6 to 0.7 than with
	 * AdamW at three to four times its rate; an update takes a fifth
	 * longer. */
	[RECIPE_PRETRAIN] = {
		.optimizer = OPTIMIZER_MUON,
		.rate = 1,
		.clip = 1,
		.batch = 32,
		.schedule = SCHEDULE_LINEAR,
		.warmup = .02,
		.warmdown = .65,
		.last = 0
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

/* Fifty short conversations need some fifty to a hundred passes, in updates
 * of a part of them each, before a small model gives their answers word for
 * word; large sets are learned in two. */
#define SFT_TOKENS 300000	/* of all passes together */
#define SFT_EPOCHS 100		/* passes at most */
#define SFT_PARTS 8		/* updates of a pass */

struct sft_plan recipe_sft_plan(size_t tokens, size_t rows)
{
	size_t most = recipes[RECIPE_SFT].batch, batch;
	size_t epochs = SFT_TOKENS / (tokens ? tokens : 1);

	batch = (rows + SFT_PARTS - 1) / SFT_PARTS;
	return (struct sft_plan) {
		.batch = batch > most ? most : batch,
		.epochs = epochs < 2 ? 2 : epochs > SFT_EPOCHS ? SFT_EPOCHS :
			(int64_t)epochs
	};
}
