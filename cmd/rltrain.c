/* rltrain - reinforcement and preference learning on graded rollouts:
 * rltrain(1)
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/map.h"
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
#include "common/train/policy.h"
#include "common/train/train_options.h"

#define PACK_ROWS 64		/* rows at once, where memory holds them */
#define FAR 0.1			/* nats a token from sampler to model */

enum { LOSS_DPO = 7 };		/* index in OBJECTIVE_WORDS */

static const char *const loss_names[] = { "expert", "reinforce", "rloo",
	"grpo", "dr-grpo", "dapo", "ppo", "dpo" };

static struct {
	const char *dir, *out, *ref;
	int loss, average;
	int64_t epochs, batch;
	double clip_low, clip_high, kl_loss, kl_reward, entropy, beta,
		smoothing, check;
	bool best_worst, fresh;
} o = { .loss = 3, .epochs = 1, .beta = .1 };

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
	  "samples, or pairs, of an update (all)" },
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
	{ 0, "beta", OPT_FLOAT, &o.beta, "X", "+dpo's beta (0.1)" },
	{ 0, "smoothing", OPT_FLOAT, &o.smoothing, "X",
	  "+dpo: share of pairs that are the wrong way round (0)" },
	{ 0, "best-worst", OPT_FLAG, &o.best_worst, NULL,
	  "+dpo: pairs are the best and worst of graded rollouts" },
	{ 0, "check-logprobs", OPT_FLOAT, &o.check, "X",
	  "+refuse rollouts whose logprobs are off by more than X" },
	{ 0, "fresh", OPT_FLAG, &o.fresh, NULL,
	  "+forget the moments of the rounds before" },
	TRAIN_OPTIONS("a tenth of pretrain's"),
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
	size_t *order;		/* samples, or pairs, that take part */
	size_t n;
	size_t groups, flat, ungraded;
	double mean_reward;
	float *now;		/* dpo: scores of the present model */
	struct checkpoint at;
	struct trainlog *log;
	double lr;
	struct policy_stats stats;
};

static void check_options(void)
{
	if (!o.dir)
		die_usage("which model? -m DIR");
	if (!o.out)
		die_usage("where to? -o DIR2");
	option_range("epochs", o.epochs, 1, 1000000);
	option_range("batch", o.batch, 0, INT64_MAX);
	if ((o.kl_loss != 0 || o.kl_reward != 0) && !o.ref)
		die_usage("--kl and --kl-reward need the frozen model: --ref");
	if (!(o.clip_low >= 0 && o.clip_low < 1) || !(o.clip_high >= 0))
		die_usage("--clip-low is from 0 to 1, --clip-high above 0");
	if (!(o.smoothing >= 0 && o.smoothing < .5))
		die_usage("--smoothing: %g is not from 0 to below 0.5",
			o.smoothing);
	if (!(o.beta > 0))
		die_usage("--beta: %g is not above 0", o.beta);
}

/* The objective of --loss with what other options change of it. */
static struct objective objective(void)
{
	const struct objective *named = objective_find(loss_names[o.loss]);
	struct objective x = { 0 };

	if (named)
		x = *named;
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

/* A rollout becomes an example; NULL when the model cannot take it. */
static const char *add_rollout(struct run *r, const struct rollout *x)
{
	struct examples *e = &r->policy.examples;
	size_t vocab = r->model->config.vocab, n = x->nprompt + x->n, i;
	struct example *k;

	if (!x->nprompt || !x->n)
		return "no prompt or no answer";
	if (n - 1 > r->model->config.context)
		return "longer than the model's context";
	for (i = 0; i < n; i++)
		if ((i < x->nprompt ? x->prompt_ids[i] :
				x->ids[i - x->nprompt]) >= vocab)
			return "an id that the model does not have";
	k = examples_add(e, n);
	for (i = 0; i < n; i++) {
		bool own = i >= x->nprompt;
		size_t j = i - x->nprompt;

		e->ids[k->at + i] = (int32_t)(own ? x->ids[j] :
			x->prompt_ids[i]);
		e->mask[k->at + i] = own && x->mask[j];
		e->logprobs[k->at + i] = own && x->logprobs ?
			x->logprobs[j] : 0;
		k->learned += own && x->mask[j];
	}
	return NULL;
}

/* The number of a prompt id, from 0 in order of appearance. */
static size_t group_of(struct run *r, struct map *ids, const struct json *id)
{
	bool is_new;
	uint64_t *number = map_put(ids, id->p, id->n, &is_new);

	if (is_new)
		*number = r->groups++;
	return (size_t)*number;
}

static void read_rollouts(struct run *r, char **files)
{
	struct records *in = records_open(files, "rollout");
	struct examples *e = &r->policy.examples;
	struct rollout x = { 0 };
	struct map ids = { 0 };
	size_t cap = 0;

	while (rollouts_next(in, &x, ROLLOUT_IDS)) {
		const char *why = add_rollout(r, &x);

		if (why) {
			records_bad(in, &x.rec, "%s", why);
			continue;
		}
		r->policy.sampled = grow(r->policy.sampled, e->n - 1, &cap,
			sizeof *r->policy.sampled);
		r->policy.sampled[e->n - 1] = (struct sampled) {
			.group = group_of(r, &ids, &x.id),
			.reward = x.reward,
			.tokens = e->v[e->n - 1].learned
		};
	}
	records_close(in);
	rollout_free(&x);
	map_free(&ids);
	if (!e->n)
		die("there are no rollouts");
}

/* Samples of a group become adjacent, in the order they came. */
static void sort_by_group(struct run *r)
{
	struct policy *p = &r->policy;
	size_t n = p->examples.n, g, i;
	size_t *first = xcalloc(r->groups + 1, sizeof *first);
	struct example *v = xcalloc(n, sizeof *v);
	struct sampled *s = xcalloc(n, sizeof *s);

	for (i = 0; i < n; i++)
		first[p->sampled[i].group + 1]++;
	for (g = 0; g < r->groups; g++)
		first[g + 1] += first[g];
	for (i = 0; i < n; i++) {
		size_t to = first[p->sampled[i].group]++;

		v[to] = p->examples.v[i];
		s[to] = p->sampled[i];
	}
	free(p->examples.v);
	free(p->sampled);
	p->examples.v = v;
	p->sampled = s;
	free(first);
}

static bool add_answer(struct run *r, const struct template *t,
	struct encoder *e, const struct conversation *c, bool rejected)
{
	struct examples *to = &r->policy.examples;
	size_t n = rejected ? c->nrejected : c->n - c->nprompt, i;
	const struct message *answer = rejected ? c->rejected :
		c->v + c->nprompt;
	struct rendered x = { 0 };
	struct example *k;

	template_begin(t, e, c->n ? c->v[0].role : NULL, &x);
	for (i = 0; i < c->nprompt; i++)
		template_message(t, e, c->v[i].role, c->v[i].content,
			c->v[i].len, false, &x);
	for (i = 0; i < n; i++)
		template_message(t, e, answer[i].role, answer[i].content,
			answer[i].len, !strcmp(answer[i].role, "assistant"),
			&x);
	if (x.ids.n < 2 || x.ids.n - 1 > r->model->config.context) {
		rendered_free(&x);
		return false;
	}
	k = examples_add(to, x.ids.n);
	for (i = 0; i < x.ids.n; i++) {
		to->ids[k->at + i] = (int32_t)x.ids.v[i];
		to->mask[k->at + i] = x.mask[i];
		k->learned += x.mask[i];
	}
	rendered_free(&x);
	return k->learned > 0;
}

static void read_pairs(struct run *r, char **files)
{
	struct conversations *in = conversations_open(files);
	struct vocab *v = vocab_open(o.dir, NULL);
	struct encoder *e = encoder_new(v);
	struct conversation c = { 0 };
	struct template t;

	if (!template_find(&t, v, o.dir))
		die("%s: the tokenizer has no chat template: run sft first",
			o.dir);
	if (vocab_size(v) > r->model->config.vocab)
		die("%s: the tokenizer has more tokens than the model", o.dir);
	while (conversations_next(in, &c)) {
		size_t before = r->policy.examples.n;

		if (!c.rejected) {
			conversations_bad(in, "no rejected answer");
			continue;
		}
		if (add_answer(r, &t, e, &c, false) &&
			add_answer(r, &t, e, &c, true))
			continue;
		while (r->policy.examples.n > before)
			examples_drop(&r->policy.examples);
		conversations_bad(in, "an answer that is empty or longer than "
			"the model's context");
	}
	conversations_close(in);
	encoder_free(e);
	template_free(&t);
	vocab_free(v);
	if (!r->policy.examples.n)
		die("there are no pairs");
}

/* ---- what takes part ---- */

/* Best and worst of each group as pairs, where they differ. */
static void make_pairs(struct run *r)
{
	struct policy *p = &r->policy;
	struct example *v = xcalloc(2 * r->groups, sizeof *v);
	size_t i, end, n = 0;

	for (i = 0; i < p->examples.n; i = end) {
		size_t best = i, worst = i, k;

		for (end = i; end < p->examples.n && p->sampled[end].group ==
				p->sampled[i].group; end++)
			;
		for (k = i; k < end; k++) {
			double reward = p->sampled[k].reward;

			if (isnan(reward) || !p->sampled[k].tokens)
				continue;
			if (!(p->sampled[best].reward >= reward))
				best = k;
			if (!(p->sampled[worst].reward <= reward))
				worst = k;
		}
		if (!(p->sampled[best].reward > p->sampled[worst].reward))
			continue;
		v[n++] = p->examples.v[best];
		v[n++] = p->examples.v[worst];
	}
	free(p->examples.v);
	p->examples.v = v;
	p->examples.n = n;
}

static void choose_pairs(struct run *r)
{
	if (o.best_worst)
		make_pairs(r);
	r->n = r->policy.examples.n / 2;
	if (!r->n)
		die("there is no pair to learn from");
	r->order = xcalloc(r->n, sizeof *r->order);
}

/* Distances of the samples to the reference, for kl_reward. */
static void measure_kl(struct policy *p)
{
	size_t i, t;

	for (i = 0; i < p->examples.n; i++) {
		const struct example *x = &p->examples.v[i];

		for (t = x->at; t < x->at + x->n; t++)
			if (p->examples.mask[t])
				p->sampled[i].kl +=
					(double)p->examples.logprobs[t] -
					(double)p->ref[t];
	}
}

/* Advantages, and the list of samples that have one. */
static void choose_samples(struct run *r)
{
	struct policy *p = &r->policy;
	size_t n = p->examples.n, i, end, graded;

	if (p->ref)
		measure_kl(p);
	p->advantage = xcalloc(n, sizeof *p->advantage);
	objective_advantages(&p->objective, p->sampled, n, p->advantage);
	r->order = xcalloc(n, sizeof *r->order);
	for (i = 0; i < n; i = end) {
		size_t before = r->n;

		for (end = i; end < n && p->sampled[end].group ==
				p->sampled[i].group; end++)
			if (!isnan(p->advantage[end]))
				r->order[r->n++] = end;
		r->flat += r->n == before;
	}
	for (i = 0; i < n; i++) {
		if (isnan(p->sampled[i].reward))
			r->ungraded++;
		else
			r->mean_reward += p->sampled[i].reward;
	}
	graded = n - r->ungraded;
	if (!graded)
		die("no rollout has a reward: grade(1) gives them");
	r->mean_reward /= (double)graded;
}

/* ---- frozen model, and the check of the sampler ---- */

static void score_reference(struct run *r)
{
	struct policy *p = &r->policy;
	struct activations *a = r->trainer.activations;
	struct model *m = r->model;

	if (!o.ref && o.loss != LOSS_DPO)
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
	policy_score(p, &r->memory, m, a, p->ref);
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

	policy_score(p, &r->memory, r->model, r->trainer.activations, now);
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
	if (o.loss == LOSS_DPO) {
		policy_score(&r->policy, &r->memory, r->model,
			r->trainer.activations, r->now);
		dpo_gradient(&r->policy, &r->memory, &r->trainer, order, n,
			r->now, &r->stats);
	} else {
		policy_gradient(&r->policy, &r->memory, &r->trainer, order, n,
			&r->stats);
	}
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
	size_t batch = o.batch ? (size_t)o.batch : r->n, from;
	size_t *perm = xcalloc(r->n, sizeof *perm);
	size_t *order = xcalloc(r->n, sizeof *order), i;
	int64_t epoch;

	signals_catch();
	for (epoch = 0; epoch < o.epochs && !signals_caught(); epoch++) {
		examples_shuffle(perm, r->n, (uint64_t)option_seed,
			(uint32_t)epoch);
		for (i = 0; i < r->n; i++)
			order[i] = r->order[perm[i]];
		for (from = 0; from < r->n && !signals_caught();
			from += batch) {
			update(r, order + from, r->n - from < batch ?
				r->n - from : batch);
			if (!epoch && !from)
				warn_if_far(r);
		}
	}
	free(perm);
	free(order);
}

/* ---- a run ---- */

static void open_run(struct run *r)
{
	struct optimizer_config c = train_optimizer(&r->model->config, .1);
	char *state = path_join(o.dir, "trainlog.tsv");
	size_t fit;

	/* Rows as long as the longest sample, so that few places are empty. */
	r->time = r->policy.examples.longest - 1;
	fit = trainer_rows(r->model, PACK_ROWS, r->time,
		train_options.memory);
	trainer_init(&r->trainer, r->model, &c, fit, r->time,
		train_options.clip);
	policy_memory_init(&r->memory, &r->policy, fit, r->time);
	r->policy.objective = objective();
	r->policy.entropy = o.entropy;
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

	if (o.loss == LOSS_DPO)
		progress_summary("pairs=%zu loss=%.4f accuracy=%.3f "
			"grad_norm=%.3g", r->n, s->loss, s->accuracy,
			r->trainer.grad_norm);
	else
		progress_summary("groups=%zu flat=%zu samples=%zu used=%zu "
			"ungraded=%zu reward=%.4f loss=%.4f entropy=%.3f "
			"kl=%.3g clipped=%.3f grad_norm=%.3g", r->groups,
			r->flat, r->policy.examples.n, r->n, r->ungraded,
			r->mean_reward, s->loss, s->entropy, s->kl,
			s->clipped, r->trainer.grad_norm);
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

int main(int argc, char **argv)
{
	struct run r = { 0 };
	bool pairs;

	argv += options_parse(&program, rows, argc, argv);
	check_options();
	pairs = o.loss == LOSS_DPO && !o.best_worst;
	r.model = model_load(o.dir);
	if (pairs)
		read_pairs(&r, argv);
	else
		read_rollouts(&r, argv);
	if (!pairs)
		sort_by_group(&r);
	open_run(&r);
	if (option_given("check-logprobs") && !pairs)
		check_logprobs(&r);
	if (o.loss == LOSS_DPO)
		choose_pairs(&r);
	score_reference(&r);
	if (o.loss == LOSS_DPO)
		r.now = xcalloc(r.policy.examples.tokens, sizeof *r.now);
	else
		choose_samples(&r);
	dir_claim(o.out);	/* before the work, not after it */
	if (r.n)
		train(&r);
	else
		warn("all groups have rewards without spread: nothing is "
			"learned");
	save(&r);
	if (signals_caught())
		die("stopped by a signal; %s holds the model so far", o.out);
	summary(&r);
	close_run(&r);
	return 0;
}
