/* rl.c - a run of reinforcement or preference learning: see rl.h */
#include "common/train/rl.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/model/model_dir.h"
#include "common/model/model_hash.h"
#include "common/token/tokenizer_files.h"
#include "common/train/adapter.h"
#include "common/train/pairs.h"
#include "common/train/ranks.h"
#include "common/train/rl_options.h"
#include "common/train/train_options.h"

#define PACK_ROWS 64		/* rows at once, if they fit in memory */
#define FAR 0.1			/* nats per token from sampler to model */

static const struct rl_options *const o = &rl_options;

/* ---- updates ---- */

/* Before the first update, the model should be the one that answered. */
static void warn_if_far(const struct rl *r)
{
	if (!rl_pairs() && !o->any_model && r->taken == 1 &&
		r->stats.kl > FAR)
		warn("the answers are far from the model's own, %.2g nats a "
			"token: were they sampled from another model?",
			r->stats.kl);
}

/* Each rank has its part of the means. */
static void add_ranks(struct policy_stats *s)
{
	double *const part[] = { &s->loss, &s->entropy, &s->kl, &s->ref_kl,
		&s->clipped, &s->importance, &s->outside, &s->chosen,
		&s->rejected, &s->margin, &s->accuracy };
	enum { N = sizeof part / sizeof *part };
	double sum[N];
	size_t i;

	for (i = 0; i < N; i++)
		sum[i] = *part[i];
	ranks_sum_doubles(sum, N);
	for (i = 0; i < N; i++)
		*part[i] = sum[i];
}

static const char *const columns[] = { "reward", "length", "flat", "entropy",
	"kl", "ref_kl", "clipped", "importance", "outside", "chosen",
	"rejected", "margin", "accuracy", NULL };

static double measured(bool has, double x)
{
	return has ? x : NAN;
}

/* Sets the values of the columns; what the loss does not have is NaN. */
static void measure(struct rl *r)
{
	const struct policy_stats *s = &r->stats;
	const struct policy *p = &r->policy;
	bool pairs = rl_pairs();
	double v[RL_COLUMNS] = {
		measured(!rl_on_pairs(), r->samples.reward),
		r->samples.length,
		measured(!rl_on_pairs(), (double)r->samples.flat),
		measured(!pairs, s->entropy),
		measured(!pairs, s->kl),
		measured(!pairs && p->ref, s->ref_kl),
		measured(!pairs && p->objective.surrogate !=
			SURROGATE_LOGPROB, s->clipped),
		measured(p->weighs, s->importance),
		measured(p->weighs, s->outside),
		measured(pairs, s->chosen),
		measured(pairs, s->rejected),
		measured(pairs, s->margin),
		measured(pairs, s->accuracy)
	};

	memcpy(r->measured, v, sizeof v);
}

static bool gradient(void *ctx, struct update *u)
{
	struct rl *r = ctx;
	const size_t *order;
	size_t n;

	do {	/* a resumed run first skips what it had taken */
		order = epochs_next(&r->turns, &n);
		if (!order)
			return false;
	} while (++r->taken <= r->run.at.step - r->run.at.first);
	if (rl_pairs())
		preference_gradient(&r->policy, &r->memory, &r->run.trainer,
			order, n, r->now, &r->stats);
	else
		policy_gradient(&r->policy, &r->memory, &r->run.trainer, order,
			n, &r->stats);
	trainer_meet(&r->run.trainer);
	add_ranks(&r->stats);
	measure(r);
	warn_if_far(r);
	u->rows = n;
	u->tokens = r->stats.tokens;
	return true;
}

static void write_tokenizer(void *ctx, const char *dir)
{
	const struct rl *r = ctx;

	tokenizer_copy(r->from, dir, r->run.model->config.context);
}

/* ---- a run ---- */

/* A hash of the training data: everything that affects the updates. */
static uint64_t data_hash(const struct policy *p)
{
	const struct examples *e = &p->examples;
	uint64_t h = hash64(e->ids, e->tokens * sizeof *e->ids);
	size_t i;

	h = hash64_seed(e->mask, e->tokens * sizeof *e->mask, h);
	h = hash64_seed(e->logprobs, e->tokens * sizeof *e->logprobs, h);
	h = hash64_seed(e->sample_logprobs, e->tokens *
		sizeof *e->sample_logprobs, h);
	for (i = 0; p->sampled && i < e->n; i++)
		h = hash64_seed(&p->sampled[i].reward,
			sizeof p->sampled[i].reward, h);
	return h;
}

/* Valid until the next call. */
static const char *kind(const struct rl *r)
{
	static struct buf b;

	buf_reset(&b);
	buf_str(&b, "rltrain ");
	adapter_setting(&b, r->run.model);
	buf_printf(&b, "optimizer=%s%s", optimizer_name(train_optimizer(
		RECIPE_RLTRAIN, &r->run.model->config, 0).kind),
		train_moments() == DTYPE_BF16 ? "-bf16" : "");
	return b.p;
}

/* What must match for a run to resume; for the next round, only its beginning
 * must. */
static char *settings(const struct rl *r)
{
	struct buf b = { 0 };

	buf_printf(&b, "%s ", kind(r));
	run_setting_model(&b, r->base);
	buf_printf(&b, " loss=%s batch=%" PRId64 " seed=%" PRId64 " data=%016"
		PRIx64, rl_loss_name(), o->batch, option_seed,
		data_hash(&r->policy));
	train_setting(&b);
	return buf_end(&b);
}

static void prepare_run(struct rl *r)
{
	struct run *run = &r->run;

	run->settings = settings(r);
	run->kind = kind(r);
	run->after = o->fresh ? NULL : r->from;
	run->chain = model_provenance(r->from);
	/* Rows as long as the longest sample, to keep padding low. */
	run->size = (struct training_size) { .batch = PACK_ROWS,
		.time = r->policy.examples.longest - 1,
		.data = 2 * examples_bytes(&r->policy.examples),
		.reference = rl_refers() &&
			(o->ref || run_options.resume) };
	run->ctx = r;
	run->gradient = gradient;
	run->columns = columns;
	run->measured = r->measured;
	run->write_tokenizer = write_tokenizer;
}

/* A resumed run has seen these rollouts before, and its model may have replaced
 * the one that wrote them. */
static void read_samples(struct rl *r, char **files)
{
	struct samples_rules x = { .model = r->base, .by_prompt = o->group };

	if (!o->any_model && !run_options.resume)
		hash_text(x.model_hash, model_hash(r->base));
	if (vocab_exists(r->from)) {
		struct vocab *v = vocab_open(r->from, NULL);

		hash_text(x.tokenizer_hash, vocab_hash(v));
		vocab_free(v);
	}
	samples_read(&r->policy, &r->run.model->config, files, &x, &r->read);
}

void rl_open(struct rl *r, char **files)
{
	struct policy *p = &r->policy;

	r->run.model = adapter_or_model(r->from);
	model_check_head(&r->run.model->config, r->from, false);
	if (rl_on_pairs())
		pairs_read(&p->examples, r->run.model, r->from, files);
	else
		read_samples(r, files);
	p->objective = rl_objective();
	p->preference = rl_preference();
	p->entropy = o->entropy;
	p->weighs = rl_weighs() && r->read.elsewhere;
	p->importance = rl_importance();
	prepare_run(r);
}

/* ---- frozen model, and the check of the sampler ---- */

/* The directory of the frozen model; NULL: the model itself before its first
 * update. */
static const char *reference_dir(const struct rl *r)
{
	if (o->ref || !r->run.resumed)
		return o->ref;
	if (file_same(r->base, r->run.dir))
		die("--resume: %s's frozen model was the one in %s, which the "
			"run has replaced: a run with --ref can resume",
			rl_loss_name(), r->base);
	return r->base;
}

/* Ids must mean the same tokens in both models. */
static void check_reference(const struct rl *r, const struct model *m,
	const char *dir)
{
	const struct model_config *c = &r->run.model->config;
	struct vocab *v;

	if (m->config.vocab < c->vocab || m->config.context < r->run.size.time)
		die("%s: its vocabulary or context is smaller than the "
			"model's", dir);
	if (vocab_exists(r->from)) {
		v = vocab_open(r->from, NULL);
		model_check_tokenizer(m, dir, vocab_hash_below(v, m->tokens));
		vocab_free(v);
	}
}

/* out (tokens) = the log-probabilities of all examples by a model: each rank computes
 * those of its share. */
static void score_all(struct rl *r, const struct model *m, struct activations *a,
	float *out)
{
	size_t n = r->policy.examples.n, i, first, end;
	size_t *order = xcalloc(n, sizeof *order);

	for (i = 0; i < n; i++)
		order[i] = i;
	ranks_share(n, &first, &end);
	policy_score(&r->policy, &r->memory, m, a, order + first, end - first,
		out);
	ranks_sum_floats(out, r->policy.examples.tokens);
	free(order);
}

static void score_reference(struct rl *r)
{
	struct policy *p = &r->policy;
	struct activations *a = r->run.trainer.activations;
	struct model *m = r->run.model;
	const char *dir = reference_dir(r);

	if (dir) {
		m = model_load(dir);
		train_compute_in(m);
		model_check_head(&m->config, dir, false);
		check_reference(r, m, dir);
		a = activations_new(m, r->run.trainer.rows, r->run.size.time,
			KEEP_NOTHING);
	}
	p->ref = xcalloc(p->examples.tokens, sizeof *p->ref);
	score_all(r, m, a, p->ref);
	if (dir) {
		activations_free(a);
		model_free(m);
	}
}

static void check_logprobs(struct rl *r)
{
	struct policy *p = &r->policy;
	float *now = xcalloc(p->examples.tokens, sizeof *now);
	double worst = 0;
	size_t i;

	score_all(r, r->run.model, r->run.trainer.activations, now);
	for (i = 0; i < p->examples.tokens; i++)
		if (p->examples.mask[i])
			worst = fmax(worst, fabs((double)now[i] -
				(double)p->examples.logprobs[i]));
	free(now);
	progress_summary("logprobs: largest difference %.3g", worst);
	if (!(worst <= o->check))
		die("the rollouts' logprobs are off by %.3g, more than %g: "
			"of another model?", worst, o->check);
}

/* ---- selection ---- */

/* Warns about samples drawn from another distribution than the model's own. */
static void tell_samplers(const struct rl *r)
{
	if (option_given("is-cap") && !r->read.elsewhere)
		warn("no rollout has sample_logprobs: --is-cap changes "
			"nothing");
	if (rl_weighs() && r->read.unknown)
		warn("%zu rollouts have a temperature other than 1 and no "
			"sample_logprobs: they are taken as sampled from the "
			"model as it is", r->read.unknown);
}

static double mean_length(const struct examples *e)
{
	double learned = 0;
	size_t i;

	for (i = 0; i < e->n; i++)
		learned += (double)e->v[i].learned;
	return learned / (double)e->n;
}

static void choose_pairs(struct rl *r)
{
	struct policy *p = &r->policy;

	if (o->best_worst)
		samples_count(p, &r->samples);
	r->n = o->best_worst ? pairs_best_worst(&p->examples, p->sampled) :
		p->examples.n / 2;
	if (!r->n)
		die("no pair to learn from");
	r->samples.length = mean_length(&p->examples);
	r->samples.flat = r->read.groups - (o->best_worst ? r->n : 0);
	r->now = xcalloc(p->examples.tokens, sizeof *r->now);
}

static void choose_samples(struct rl *r)
{
	struct policy *p = &r->policy;

	r->order = xcalloc(p->examples.n, sizeof *r->order);
	r->n = samples_choose(p, r->order, &r->samples);
	if (r->samples.ungraded == p->examples.n)
		die("no rollout has a reward: grade(1) gives them");
}

void rl_begin(struct rl *r)
{
	policy_memory_init(&r->memory, &r->policy, r->run.trainer.rows,
		r->run.size.time);
	tell_samplers(r);
	if (option_given("check-logprobs") && !r->run.resumed)
		check_logprobs(r);
	if (rl_pairs())
		choose_pairs(r);
	if (rl_refers())
		score_reference(r);
	if (!rl_pairs())
		choose_samples(r);
	epochs_init(&r->turns, r->order, r->n, (size_t)o->batch,
		(uint32_t)o->epochs, (uint64_t)option_seed);
	r->run.steps = r->run.at.first + epochs_updates(&r->turns);
}

const char *rl_why_nothing(const struct rl *r)
{
	size_t i, tokens = 0;

	for (i = 0; !rl_pairs() && i < r->policy.examples.n; i++)
		tokens += r->policy.sampled[i].tokens;
	if (!tokens && !rl_pairs())
		return "no answer has a token whose mask is 1";
	return r->policy.objective.advantage == ADVANTAGE_BEST ?
		"no group has an answer to imitate" :
		"all groups have rewards without spread";
}

void rl_close(struct rl *r)
{
	run_close(&r->run);
	model_free(r->run.model);
	policy_memory_free(&r->memory);
	policy_free(&r->policy);
	epochs_free(&r->turns);
	free(r->order);
	free(r->now);
}
