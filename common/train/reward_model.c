/* reward_model.c - a run that trains a reward model: see reward_model.h */
#include "common/train/reward_model.h"

#include <inttypes.h>
#include <math.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/model/model_dir.h"
#include "common/train/ranks.h"
#include "common/train/train_options.h"

#define PACK_ROWS 64		/* rows at once, if they fit in memory */
#define VALIDATIONS 4		/* in an epoch */

/* ---- model and data ---- */

static void open_model(struct reward_model *r)
{
	struct model *m = model_load(r->from);

	answers_open(&r->answers, m, r->from);
	r->run.model = m;
	if (m->config.reward)
		return;
	r->run.model = model_with_score(m, answers_pad(&r->answers),
		(uint64_t)option_seed);
	model_free(m);
	r->run.model->tokens = vocab_size(r->answers.vocab);
	r->run.model->tokenizer = vocab_hash_below(r->answers.vocab,
		r->run.model->tokens);
}

/* What was left out. */
static void tell(const struct preferences *p)
{
	if (p->ungraded)
		warn("%" PRIu64 " rollouts without a reward are left out",
			p->ungraded);
	if (p->flat)
		warn("%" PRIu64 " groups of rollouts without two different "
			"answers of different reward are left out", p->flat);
	if (p->turns)
		warn("%" PRIu64 " turns of trees are left out: an answer is "
			"empty or too long, or no two differ in rank",
			p->turns);
	if (p->same)
		warn("%" PRIu64 " comparisons of an answer with itself, which "
			"got different rewards, are left out", p->same);
}

static void read_preferences(struct reward_model *r, char **files)
{
	struct preferences *p = &r->preferences;

	p->answers = &r->answers;
	p->context = r->run.model->config.context;
	p->share = r->val_share;
	p->seed = (uint64_t)option_seed;
	preferences_read(p, files);
	if (!p->train.n)
		die("no comparison to learn from%s", p->val.n ?
			": --val-share holds all of them out" : p->ungraded ?
			": the rollouts have no rewards, which grade(1) gives "
			"them" : "");
	if (p->share > 0 && !p->val.n)
		warn("--val-share %g holds none of %zu prompts out: there is "
			"no validation; a larger share gives one", p->share,
			p->train.nprompt);
	if (r->val_file)
		preferences_read_val(p, r->val_file);
	if (r->val_file && !p->val.n)
		die("%s: no comparison to validate on", r->val_file);
	tell(p);
}

/* ---- training ---- */

/* Whether the update just taken is one of those, spread over an epoch, after
 * which the model is validated. */
static bool is_validated(const struct reward_model *r)
{
	long at = (r->taken - 1) % r->each;

	return (at + 1) * VALIDATIONS / r->each > at * VALIDATIONS / r->each;
}

static bool gradient(void *ctx, struct update *u)
{
	struct reward_model *r = ctx;
	const size_t *order;
	size_t n;

	do	/* a resumed run first skips what it had taken */
		order = epochs_next(&r->turns, &n);
	while (++r->taken <= r->run.at.step);
	reward_gradient(&r->preferences.train, &r->memory, &r->run.trainer,
		order, n, r->center, &r->stats);
	trainer_meet(&r->run.trainer);
	ranks_sum_doubles(&r->stats.accuracy, 1);
	r->measured[0] = r->stats.accuracy;
	r->measured[1] = NAN;
	u->rows = n;
	u->tokens = r->stats.tokens;
	u->validate = is_validated(r);
	return true;
}

static double validate(void *ctx)
{
	struct reward_model *r = ctx;

	r->val = reward_evaluate(&r->preferences.val, &r->val_memory,
		r->run.model, r->run.trainer.activations);
	r->measured[1] = r->val.accuracy;
	return r->val.loss;
}

static void write_tokenizer(void *ctx, const char *dir)
{
	const struct reward_model *r = ctx;
	const struct model_config *c = &r->run.model->config;

	answers_write(&r->answers, dir, c->context, c->pad);
}

/* ---- a run ---- */

/* What must match for a run to resume. */
static char *settings(const struct reward_model *r)
{
	struct buf b = { 0 };

	buf_str(&b, "rmtrain ");
	run_setting_model(&b, r->base);
	buf_printf(&b, " optimizer=%s batch=%" PRId64 " center=%g seed=%" PRId64
		" data=%016" PRIx64, optimizer_name(train_optimizer(
			RECIPE_RMTRAIN, &r->run.model->config, 0).kind),
		r->batch, r->center, option_seed,
		rankings_hash(&r->preferences.train));
	train_setting(&b);
	return buf_end(&b);
}

/* The number of updates of the run; 0: as many as --minutes allows. */
static long count_steps(const struct reward_model *r)
{
	if (run_options.steps)
		return (long)run_options.steps;
	if (run_options.minutes > 0 && !option_given("epochs"))
		return 0;
	return r->each * (long)r->epochs;
}

static void prepare_run(struct reward_model *r)
{
	static const char *const columns[] = { "accuracy", "val_accuracy",
		NULL };
	const struct preferences *p = &r->preferences;
	struct run *run = &r->run;

	run->steps = count_steps(r);
	/* Rows as long as the longest answer, to keep padding low. */
	run->size = (struct training_size){ .batch = PACK_ROWS,
		.time = size_max(p->train.examples.longest,
			p->val.examples.longest) - 1,
		.data = rankings_bytes(&p->train) + rankings_bytes(&p->val) };
	run->settings = settings(r);
	run->chain = model_provenance(r->from);
	run->columns = columns;
	run->measured = r->measured;
	run->ctx = r;
	run->gradient = gradient;
	run->validate = p->val.n ? validate : NULL;
	run->write_tokenizer = write_tokenizer;
}

static void plan(struct reward_model *r)
{
	struct recipe_plan p = recipe_rmtrain_plan(r->preferences.train.nprompt);

	if (!option_given("batch"))
		r->batch = (int64_t)p.batch;
	if (!option_given("epochs"))
		r->epochs = p.epochs;
}

void reward_model_open(struct reward_model *r, char **files)
{
	open_model(r);
	read_preferences(r, files);
	plan(r);
	epochs_init(&r->turns, NULL, r->preferences.train.nprompt,
		(size_t)r->batch, UINT32_MAX, (uint64_t)option_seed);
	r->each = (long)((r->turns.n + r->turns.batch - 1) / r->turns.batch);
	prepare_run(r);
}

void reward_model_begin(struct reward_model *r)
{
	size_t rows = r->run.trainer.rows, time = r->run.size.time;

	reward_memory_init(&r->memory, r->preferences.train.examples.n, rows,
		time);
	reward_memory_init(&r->val_memory, r->preferences.val.examples.n, rows,
		time);
}

void reward_model_close(struct reward_model *r)
{
	run_close(&r->run);
	model_free(r->run.model);
	reward_memory_free(&r->memory);
	reward_memory_free(&r->val_memory);
	preferences_free(&r->preferences);
	answers_free(&r->answers);
	epochs_free(&r->turns);
}
