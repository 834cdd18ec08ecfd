/* rltrain - reinforcement and preference learning on graded rollouts:
 * rltrain(1)
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/format/conversation.h"
#include "common/format/rollout.h"
#include "common/format/trainlog.h"
#include "common/model/model_dir.h"
#include "common/token/template.h"
#include "common/train/checkpoint.h"
#include "common/train/epochs.h"
#include "common/train/groups.h"
#include "common/train/pairs.h"
#include "common/train/policy.h"
#include "common/train/samples.h"
#include "common/train/train_options.h"

#define PACK_ROWS 64		/* rows at once, where memory holds them */
#define FAR 0.1			/* nats a token from sampler to model */

enum { LOSS_EXPERT = 0, LOSS_DPO = 7 };	/* indices in OBJECTIVE_WORDS */

static const char *const loss_names[] = { "expert", "reinforce", "rloo",
	"grpo", "dr-grpo", "dapo", "ppo", "dpo" };

static struct {
	const char *dir, *out, *ref;
	int loss, average;
	int64_t epochs, batch;
	double clip_low, clip_high, kl_loss, kl_reward, entropy, beta,
		smoothing, check, is_cap;
	bool best_worst, fresh, force;
} o = { .loss = 3, .epochs = 1, .beta = .1, .is_cap = 2 };

static const struct program program = { "rltrain",
	"-m DIR -o DIR2 [--loss NAME] [FILE ...]",
	"train a model on its own graded answers" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.dir, "DIR", "the model that answered" },
	{ 'o', "output", OPT_STR, &o.out, "DIR2",
	  "model directory to write, may be DIR" },
	{ 0, "loss", OPT_ENUM, &o.loss, OBJECTIVE_WORDS, "objective (grpo)" },
	{ 0, "ref", OPT_STR, &o.ref, "DIR",
	  "frozen model, for KL and dpo (dpo: the model itself)" },
	{ 0, "epochs", OPT_INT, &o.epochs, "N", "passes over the data (1)" },
	{ 0, "batch", OPT_INT, &o.batch, "N",
	  "rows of an update, an answer or a pair each (all)" },
	{ 0, "kl", OPT_FLOAT, &o.kl_loss, "X",
	  "weight of the distance to --ref in the loss (0)" },
	{ 0, "kl-reward", OPT_FLOAT, &o.kl_reward, "X",
	  "weight of the distance to --ref off the reward (0)" },
	{ 0, "entropy", OPT_FLOAT, &o.entropy, "X",
	  "bonus for the entropy of each token (0)" },
	{ 0, "clip-low", OPT_FLOAT, &o.clip_low, "X",
	  "+the ratio is cut below 1-X (grpo, dr-grpo, dapo, ppo: 0.2)" },
	{ 0, "clip-high", OPT_FLOAT, &o.clip_high, "X",
	  "+the ratio is cut above 1+X (0.2, dapo: 0.28)" },
	{ 0, "average", OPT_ENUM, &o.average, "tokens|sequences|length",
	  "+how tokens are averaged (what the objective has)" },
	{ 0, "is-cap", OPT_FLOAT, &o.is_cap, "X",
	  "+largest importance weight of a token, 0 for none (2)" },
	{ 0, "beta", OPT_FLOAT, &o.beta, "X", "+dpo's beta (0.1)" },
	{ 0, "smoothing", OPT_FLOAT, &o.smoothing, "X",
	  "+dpo: share of pairs that are the wrong way round (0)" },
	{ 0, "best-worst", OPT_FLAG, &o.best_worst, NULL,
	  "+dpo: pairs are the best and worst of graded rollouts" },
	{ 0, "check-logprobs", OPT_FLOAT, &o.check, "X",
	  "+refuse rollouts whose logprobs are off by more than X" },
	{ 0, "fresh", OPT_FLAG, &o.fresh, NULL,
	  "+forget the moments of the rounds before" },
	{ 0, "force", OPT_FLAG, &o.force, NULL,
	  "+replace another model in DIR2" },
	TRAIN_OPTIONS("adamw", "a tenth of pretrain's"),
	OPT_RECORDS,
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

struct run {
	struct model *model;
	struct policy policy;
	struct policy_memory memory;
	struct trainer trainer;
	size_t time;
	size_t *order;		/* samples that take part; NULL: all pairs */
	size_t n;		/* samples, or pairs, that take part */
	size_t groups, sampled_elsewhere, unknown_sampler;
	struct samples_stats samples;
	float *now;		/* dpo: scratch */
	struct checkpoint at;
	struct trainlog *log;
	double lr;
	struct policy_stats stats;	/* of the last update */
};

/* ---- options ---- */

static bool on_pairs(void)
{
	return o.loss == LOSS_DPO && !o.best_worst;
}

/* Importance weights correct an expectation over what was sampled; imitation
 * and preferences are none. */
static bool weighs(void)
{
	return o.loss != LOSS_EXPERT && o.loss != LOSS_DPO && o.is_cap > 0;
}

/* Refuses the options of a list ended by NULL, which do nothing there. */
static void refuse(const char *const *names, const char *where)
{
	for (; *names; names++)
		if (option_given(*names))
			die_usage("--%s has no effect %s", *names, where);
}

static void check_effects(void)
{
	static const char *const of_dpo[] = { "beta", "smoothing",
		"best-worst", NULL };
	static const char *const not_of_dpo[] = { "kl", "kl-reward",
		"entropy", "clip-low", "clip-high", "average", "is-cap",
		NULL };
	static const char *const check[] = { "check-logprobs", NULL };
	static const char *const cap[] = { "is-cap", NULL };
	static const char *const ref[] = { "ref", NULL };
	static const char *const of_muon[] = { "matrix-lr", "momentum", NULL };

	if (o.loss == LOSS_DPO)
		refuse(not_of_dpo, "with --loss dpo");
	else
		refuse(of_dpo, "without --loss dpo");
	if (o.loss == LOSS_EXPERT)
		refuse(cap, "with --loss expert, which imitates");
	if (on_pairs())
		refuse(check, "on pairs, which have no logprobs");
	if (o.loss != LOSS_DPO && !option_given("kl") &&
		!option_given("kl-reward"))
		refuse(ref, "without --kl, --kl-reward or --loss dpo");
	if (train_options.optimizer != OPTIMIZER_MUON)
		refuse(of_muon, "without --optimizer muon");
}

static void check_weight(const char *name, double x)
{
	if (!(x >= 0 && x <= 1e30))
		die_usage("--%s: %g is not from 0 to 1e30", name, x);
}

static void check_options(void)
{
	if (!o.dir)
		die_usage("which model? -m DIR");
	if (!o.out)
		die_usage("where to? -o DIR2");
	check_effects();
	option_range("epochs", o.epochs, 1, 1000000);
	option_range("batch", o.batch, 0, INT64_MAX);
	check_weight("kl", o.kl_loss);
	check_weight("kl-reward", o.kl_reward);
	check_weight("is-cap", o.is_cap);
	check_weight("check-logprobs", o.check);
	check_weight("clip-high", o.clip_high);
	check_weight("entropy", fabs(o.entropy));
	if ((o.kl_loss != 0 || o.kl_reward != 0) && !o.ref)
		die_usage("--kl and --kl-reward need the frozen model: --ref");
	if (!(o.clip_low >= 0 && o.clip_low < 1))
		die_usage("--clip-low: %g is not from 0 to below 1",
			o.clip_low);
	if (!(o.smoothing >= 0 && o.smoothing < .5))
		die_usage("--smoothing: %g is not from 0 to below 0.5",
			o.smoothing);
	if (!(o.beta > 0 && o.beta <= 1e30))
		die_usage("--beta: %g is not above 0 and at most 1e30",
			o.beta);
}

/* The objective of --loss with what other options change of it. */
static struct objective objective(void)
{
	const struct objective *named = objective_find(loss_names[o.loss]);
	struct objective x = { 0 };

	if (named)
		x = *named;
	if (x.clip_low == 0 && x.clip_high == 0) {
		/* One side alone leaves the other open. */
		x.clip_low = option_given("clip-high") ? 1 : 0;
		x.clip_high = option_given("clip-low") ? INFINITY : 0;
	}
	if (option_given("clip-low"))
		x.clip_low = o.clip_low;
	if (option_given("clip-high"))
		x.clip_high = o.clip_high;
	if (option_given("average"))
		x.average = (enum average_kind)o.average;
	x.kl_loss = o.kl_loss;
	x.kl_reward = o.kl_reward;
	return x;
}

/* ---- reading ---- */

static size_t find_group(struct groups *g, const struct rollout *x)
{
	size_t number;

	if (!groups_find(g, x, &number))
		die("%s:%" PRIu64 ": id %.*s has another prompt than at "
			"%s:%" PRIu64 ": a group is one prompt", x->rec.file,
			x->rec.line, x->id.n < 80 ? (int)x->id.n : 80,
			x->id.p, g->v[number].file, g->v[number].line);
	return number;
}

static void read_rollouts(struct run *r, char **files)
{
	struct records *in = records_open(files, "rollout");
	struct rollout x = { 0 };
	struct groups groups = { 0 };

	while (rollouts_next(in, &x, ROLLOUT_IDS)) {
		const char *why = samples_add(&r->policy, &r->model->config,
			&x);

		if (why) {
			records_bad(in, &x.rec, "%s", why);
			continue;
		}
		r->policy.sampled[r->policy.examples.n - 1].group =
			find_group(&groups, &x);
		r->sampled_elsewhere += x.sample_logprobs != NULL;
		r->unknown_sampler += !x.sample_logprobs && x.temperature != 1;
	}
	records_close(in);
	rollout_free(&x);
	if (!r->policy.examples.n)
		die("there are no rollouts");
	groups_sort(groups.n, &r->policy.examples, &r->policy.sampled);
	r->groups = groups.n;
	groups_free(&groups);
}

static void read_pairs(struct run *r, char **files)
{
	struct conversations *in = conversations_open(files,
		"preference pair");
	struct vocab *v = vocab_open(o.dir, NULL);
	struct encoder *e = encoder_new(v);
	struct conversation c = { 0 };
	struct rendered scratch = { 0 };
	struct template t;

	model_check_tokenizer(r->model, o.dir,
		vocab_hash_below(v, r->model->tokens));
	if (!template_find(&t, v, o.dir))
		die("%s: %s", o.dir, t.why);
	if (vocab_size(v) > r->model->config.vocab)
		die("%s: the tokenizer has more tokens than the model", o.dir);
	while (conversations_next(in, &c)) {
		const char *why = pairs_add(&r->policy.examples, &t, e, &c,
			r->model->config.context, &scratch);

		if (why)
			conversations_bad(in, why);
	}
	conversations_close(in);
	rendered_free(&scratch);
	encoder_free(e);
	template_free(&t);
	vocab_free(v);
	if (!r->policy.examples.n)
		die("there are no pairs");
}

/* ---- what takes part ---- */

static void choose_pairs(struct run *r)
{
	r->n = o.best_worst ? pairs_best_worst(&r->policy.examples,
		r->policy.sampled) : r->policy.examples.n / 2;
	if (!r->n)
		die("there is no pair to learn from");
	r->now = xcalloc(r->policy.examples.tokens, sizeof *r->now);
}

static void choose_samples(struct run *r)
{
	struct policy *p = &r->policy;

	r->order = xcalloc(p->examples.n, sizeof *r->order);
	r->n = samples_choose(p, r->order, &r->samples);
	if (r->samples.ungraded == p->examples.n)
		die("no rollout has a reward: grade(1) gives them");
}

/* Where the distribution that was drawn from is not the model's own. */
static void tell_samplers(const struct run *r)
{
	if (option_given("is-cap") && !r->sampled_elsewhere)
		warn("no rollout has sample_logprobs: --is-cap changes "
			"nothing");
	if (weighs() && r->unknown_sampler)
		warn("%zu rollouts have a temperature other than 1 and no "
			"sample_logprobs: they are taken as sampled from the "
			"model as it is", r->unknown_sampler);
}

/* ---- frozen model, and the check of the sampler ---- */

static void score_reference(struct run *r)
{
	struct policy *p = &r->policy;
	struct activations *a = r->trainer.activations;
	struct model *m = r->model;

	if (o.loss != LOSS_DPO && o.kl_loss == 0 && o.kl_reward == 0)
		return;
	if (o.ref) {
		m = model_load(o.ref);
		if (m->config.vocab < r->model->config.vocab ||
			m->config.context < r->time)
			die("%s: a smaller vocabulary or context than the "
				"model's", o.ref);
		a = activations_new(m, r->trainer.rows, r->time, false);
	}
	p->ref = xcalloc(p->examples.tokens, sizeof *p->ref);
	policy_score(p, &r->memory, m, a, NULL, p->examples.n, p->ref);
	if (o.ref) {
		activations_free(a);
		model_free(m);
	}
}

static void check_logprobs(struct run *r)
{
	struct policy *p = &r->policy;
	float *now = xcalloc(p->examples.tokens, sizeof *now);
	double worst = 0;
	size_t i;

	policy_score(p, &r->memory, r->model, r->trainer.activations, NULL,
		p->examples.n, now);
	for (i = 0; i < p->examples.tokens; i++)
		if (p->examples.mask[i])
			worst = fmax(worst, fabs((double)now[i] -
				(double)p->examples.logprobs[i]));
	free(now);
	progress_summary("logprobs: largest difference %.3g", worst);
	if (!(worst <= o.check))
		die("the rollouts' logprobs are off by %.3g, more than %g: "
			"of another model?", worst, o.check);
}

/* ---- updates ---- */

static void update(struct run *r, const size_t *order, size_t n)
{
	struct trainlog_row row = { .val_loss = NAN };

	trainer_begin(&r->trainer);
	if (o.loss == LOSS_DPO)
		dpo_gradient(&r->policy, &r->memory, &r->trainer, order, n,
			r->now, &r->stats);
	else
		policy_gradient(&r->policy, &r->memory, &r->trainer, order, n,
			&r->stats);
	trainer_update(&r->trainer, 1);
	r->at.step++;
	r->at.tokens += r->stats.tokens;
	row.step = r->at.step;
	row.loss = r->stats.loss;
	row.lr = r->lr;
	row.grad_norm = r->trainer.grad_norm;
	row.tokens = r->at.tokens;
	trainlog_add(r->log, &row);
}

/* Before the first update the model is the one that answered. */
static void warn_if_far(const struct run *r)
{
	if (o.loss != LOSS_DPO && r->stats.kl > FAR)
		warn("the answers are far from the model's own, %.2g nats a "
			"token: were they sampled from another model?",
			r->stats.kl);
}

static void train(struct run *r)
{
	struct epochs turns;
	const size_t *order;
	bool first = true;
	size_t n;

	epochs_init(&turns, r->order, r->n, (size_t)o.batch,
		(uint32_t)o.epochs, (uint64_t)option_seed);
	signals_catch();
	while (!signals_caught() && (order = epochs_next(&turns, &n))) {
		update(r, order, n);
		if (first)
			warn_if_far(r);
		first = false;
	}
	epochs_free(&turns);
}

/* ---- a run ---- */

static void open_run(struct run *r)
{
	struct optimizer_config c = train_optimizer(RECIPE_RLTRAIN,
		&r->model->config, 0);
	char *state = path_join(o.dir, "trainlog.tsv");
	struct training_size size = { .config = &r->model->config,
		.batch = PACK_ROWS, .reference = o.ref != NULL };
	size_t fit;

	/* Rows as long as the longest sample, so that few places are empty. */
	size.time = r->time = r->policy.examples.longest - 1;
	size.data = 2 * examples_bytes(&r->policy.examples);
	fit = train_rows(RECIPE_RLTRAIN, &size);
	trainer_init(&r->trainer, r->model, &c, fit, r->time,
		train_options.clip);
	policy_memory_init(&r->memory, &r->policy, fit, r->time);
	r->policy.objective = objective();
	r->policy.entropy = o.entropy;
	r->policy.importance = weighs() && r->sampled_elsewhere ? o.is_cap : 0;
	r->policy.dpo_beta = o.beta;
	r->policy.dpo_smoothing = o.smoothing;
	r->lr = c.lr;
	r->at.settings = c.kind == OPTIMIZER_MUON ? "rltrain muon" :
		"rltrain adamw";
	if (!o.fresh && checkpoint_is(o.dir, r->at.settings))
		checkpoint_load(o.dir, r->trainer.optimizer, &r->at);
	r->log = trainlog_open(state, r->at.step ? r->at.step : -1);
	free(state);
}

static void save(struct run *r)
{
	char *before = model_provenance(o.dir);
	char *log = path_join(o.out, "trainlog.tsv");

	model_copy_tokenizer(o.dir, o.out);
	trainlog_save_as(r->log, log);
	checkpoint_save(o.out, r->model, r->trainer.optimizer, &r->at, before);
	free(before);
	free(log);
}

static void summary(const struct run *r)
{
	const struct policy_stats *s = &r->stats;
	char learned[320] = "", weights[96] = "";

	if (o.loss == LOSS_DPO) {
		progress_summary("pairs=%zu loss=%.4f accuracy=%.3f "
			"grad_norm=%.3g", r->n, s->loss, s->accuracy,
			r->trainer.grad_norm);
		return;
	}
	if (r->policy.importance != 0)
		snprintf(weights, sizeof weights, " importance=%.3f "
			"capped=%.3f", s->importance, s->capped);
	if (r->n)
		snprintf(learned, sizeof learned, " loss=%.4f entropy=%.3f "
			"kl=%.3g clipped=%.3f%s grad_norm=%.3g", s->loss,
			s->entropy, s->kl, s->clipped, weights,
			r->trainer.grad_norm);
	progress_summary("groups=%zu flat=%zu samples=%zu used=%zu "
		"ungraded=%zu reward=%.4f%s", r->groups, r->samples.flat,
		r->policy.examples.n, r->n, r->samples.ungraded,
		r->samples.reward, learned);
}

static void close_run(struct run *r)
{
	policy_memory_free(&r->memory);
	policy_free(&r->policy);
	trainer_free(&r->trainer);
	model_free(r->model);
	trainlog_free(r->log);
	free(r->order);
	free(r->now);
}

/* What no answer was chosen for. */
static const char *why_nothing(const struct run *r)
{
	size_t i, tokens = 0;

	for (i = 0; o.loss != LOSS_DPO && i < r->policy.examples.n; i++)
		tokens += r->policy.sampled[i].tokens;
	if (!tokens && o.loss != LOSS_DPO)
		return "no answer has a token whose mask is 1";
	return o.loss == LOSS_EXPERT ? "no group has an answer to imitate" :
		"all groups have rewards without spread";
}

int main(int argc, char **argv)
{
	struct run r = { 0 };

	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "a smaller -M";
	check_options();
	if (!o.force)
		model_dir_check(o.out, o.dir, NULL, "--force replaces it");
	r.model = model_load(o.dir);
	if (on_pairs())
		read_pairs(&r, argv);
	else
		read_rollouts(&r, argv);
	open_run(&r);
	tell_samplers(&r);
	if (option_given("check-logprobs"))
		check_logprobs(&r);
	if (o.loss == LOSS_DPO)
		choose_pairs(&r);
	score_reference(&r);
	if (o.loss != LOSS_DPO)
		choose_samples(&r);
	dir_claim(o.out);	/* before the work, not after it */
	if (r.n)
		train(&r);
	else
		warn("%s: nothing is learned", why_nothing(&r));
	save(&r);
	if (signals_caught())
		die("stopped by a signal; %s holds the model so far", o.out);
	summary(&r);
	close_run(&r);
	return 0;
}
