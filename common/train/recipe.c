/* recipe.c - the default hyperparameters of training: see recipe.h */
#include "common/train/recipe.h"

#include <math.h>

static const struct recipe recipes[] = {
	/* Validation loss on English handbooks, handbooks in 24 languages, and
	 * dialogues with sums; llama with 1.05M parameters, width 128, 300
	 * updates of 4,096 tokens, Muon's rate .02:
	 *	beside_muon 1	3.942	4.237	3.469
	 *	3		3.711	3.968	3.251
	 *	5		3.732	3.956	3.222
	 *	8		3.705	3.935	3.157
	 *	12			3.939	3.181
	 *	5, Muon .01	3.802	3.990	3.253
	 *	3, Muon .06			3.420
	 *	AdamW alone, 3 times its rate		4.418
	 * Width 256, 3.7M parameters, 200 updates, the first set: beside_muon
	 * 1: 4.066, 4: 3.810, 8: 3.768. */
	[RECIPE_PRETRAIN] = {
		.optimizer = OPTIMIZER_MUON,
		.rate = 1,
		.beside_muon = 8,
		.clip = 1,
		.batch = 32,
		.schedule = SCHEDULE_LINEAR,
		.warmup = .02,
		.warmdown = .65,
		.last = 0
	},
	/* adapter: fifty facts learned by a llama of width 64, all matrices; the
	 * final loss, and the updates until it is below .05 (55 if the whole
	 * model is trained, at factor 1):
	 *	rank 8, factor .5	.0012	235
	 *		1		.0011	176
	 *		2		.0012	155
	 *		4		.20	never
	 *	rank 2, 16, factor 2	.0012	222, 108 */
	[RECIPE_SFT] = {
		.optimizer = OPTIMIZER_ADAMW,
		.rate = .5,
		.beside_muon = 1,
		.adapter = 2,
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
		.beside_muon = 1,
		.adapter = 2,
		.clip = 1,
		.schedule = SCHEDULE_CONSTANT
	},
	[RECIPE_RMTRAIN] = {
		.optimizer = OPTIMIZER_ADAMW,
		.rate = .3,
		.beside_muon = 1,
		.clip = 1,
		.batch = 16,
		.schedule = SCHEDULE_LINEAR,
		.warmup = .02,
		.warmdown = 1,
		.last = 0
	}
};

const struct recipe *recipe_find(enum recipe_of of)
{
	return &recipes[of];
}

double recipe_beside(const struct recipe *r, enum optimizer_kind kind)
{
	return kind == OPTIMIZER_MUON ? r->beside_muon : 1;
}

struct optimizer_config recipe_optimizer(const struct recipe *r,
	enum optimizer_kind kind, const struct model_config *c, size_t tokens)
{
	struct optimizer_config o;

	optimizer_defaults(&o, kind, c->width);
	o.lr *= r->rate * recipe_beside(r, kind);
	o.matrix_lr *= r->rate;
	return o;
}

struct recipe_length recipe_length(size_t parameters, size_t time)
{
	double tokens = 20 * (double)parameters;
	double operations = 6 * (double)parameters * tokens;
	double rows = .292 * pow(operations, .3271) / (double)time;
	struct recipe_length l = { .batch = rows > 1 ? (size_t)rows : 1 };

	l.updates = (uint64_t)ceil(tokens / (double)(l.batch * time));
	return l;
}

/* Fifty short conversations need about fifty to a hundred passes, each update
 * taking a fraction of them, before a small model reproduces their answers word
 * for word; large sets are learned in two passes. */
#define SFT_TOKENS 300000	/* of all passes together */
#define SFT_EPOCHS 100		/* at most */
#define SFT_PARTS 8		/* updates per pass */

struct recipe_plan recipe_sft_plan(size_t tokens, size_t rows)
{
	size_t most = recipes[RECIPE_SFT].batch, batch;
	size_t epochs = SFT_TOKENS / (tokens ? tokens : 1);

	batch = (rows + SFT_PARTS - 1) / SFT_PARTS;
	return (struct recipe_plan) {
		.batch = batch > most ? most : batch,
		.epochs = epochs < 2 ? 2 : epochs > SFT_EPOCHS ? SFT_EPOCHS :
			(int64_t)epochs
	};
}

/* A preference for answers with a certain word among six, learned by a llama of
 * 48 x 2: share of 200 held-out pairs ranked correctly
 *	pairs	batch	epochs 2	4	8	16
 *	60	4	.64	.64	.81	.87
 *	60	16	.59	.62	.67	.85
 *	200	4	.91	.95	1.00	1.00
 *	200	16	.67	.94	.94	1.00
 *	500	4	.95	1.00	1.00
 *	500	16	.88	.95
 * so some 250 updates are needed, whatever the number of pairs. With the answers of
 * a quarter of the pairs swapped:
 *	pairs	batch	epochs 1	2	4	8
 *	500	7		.88	.94	.99
 *	2000	16	.94	.99	.96
 * so many pairs are overfitted soon. */
#define RMTRAIN_UPDATES 250
#define RMTRAIN_EPOCHS 10	/* at most */
#define RMTRAIN_PARTS 64	/* updates per pass */
#define RMTRAIN_LEAST 4		/* prompts of an update */

struct recipe_plan recipe_rmtrain_plan(size_t prompts)
{
	size_t most = recipes[RECIPE_RMTRAIN].batch, each, epochs;
	size_t batch = prompts / RMTRAIN_PARTS;

	batch = batch < RMTRAIN_LEAST ? RMTRAIN_LEAST : batch > most ? most :
		batch;
	each = (prompts + batch - 1) / batch;
	epochs = (RMTRAIN_UPDATES + each - 1) / each;
	return (struct recipe_plan) {
		.batch = batch,
		.epochs = epochs < 2 ? 2 : epochs > RMTRAIN_EPOCHS ?
			RMTRAIN_EPOCHS : (int64_t)epochs
	};
}
