/* rl_options.c - options of reinforcement learning: see rl_options.h */
#include "common/train/rl_options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/err.h"

#define LARGE 1e30		/* no weight is larger */

enum { GRPO = 3 };		/* in RL_LOSS_WORDS */

struct rl_options rl_options = {
	.loss = GRPO,
	.kl = KL_K3,
	.epochs = 1,
	.is_cap = 2
};

static const struct rl_options *const o = &rl_options;

const char *rl_loss_name(void)
{
	static char name[16];
	const char *s = RL_LOSS_WORDS;
	int i;

	for (i = 0; i < o->loss; i++)
		s = strchr(s, '|') + 1;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(s, "|"), s);
	return name;
}

bool rl_pairs(void)
{
	return preference_find(rl_loss_name()) != NULL;
}

bool rl_on_pairs(void)
{
	return rl_pairs() && !o->best_worst;
}

static bool imitates(void)
{
	return !rl_pairs() &&
		objective_find(rl_loss_name())->advantage == ADVANTAGE_BEST;
}

bool rl_weighs(void)
{
	return !rl_pairs() && !imitates() && o->is_cap > 0;
}

bool rl_refers(void)
{
	return rl_pairs() ? preference_find(rl_loss_name())->reference :
		o->kl_loss != 0 || o->kl_reward != 0;
}

/* ---- checks ---- */

/* Refuses the options in a NULL-terminated list, which have no effect with the
 * chosen loss, for the reason `because`. */
static void refuse(const char *const *names, const char *because)
{
	for (; *names; names++)
		if (option_given(*names))
			die_usage("--%s has no effect with --loss %s%s",
				*names, rl_loss_name(), because);
}

static void refuse_one(const char *name, const char *because)
{
	refuse((const char *const[]) { name, NULL }, because);
}

static void check_pairs(void)
{
	static const char *const of_policies[] = { "kl", "kl-estimator",
		"kl-reward", "entropy", "clip-low", "clip-high", "ratio",
		"average", "is-cap", "is-low", "is-mode", NULL };
	static const char *const of_rollouts[] = { "check-logprobs",
		"any-model", "group", NULL };
	struct preference p = rl_preference();

	refuse(of_policies, "");
	if (rl_on_pairs())
		refuse(of_rollouts, " on pairs, which have no logprobs");
	if (p.kind != PREFERENCE_LOGISTIC)
		refuse_one("smoothing", "");
	if (p.kind != PREFERENCE_LOGISTIC && p.kind != PREFERENCE_HINGE)
		refuse_one("margin", "");
	if (!p.reference)
		refuse_one("ref", ", which has no reference model");
}

static void check_policy(void)
{
	static const char *const of_pairs[] = { "beta", "margin", "smoothing",
		"nll", "best-worst", NULL };
	static const char *const weights[] = { "is-cap", "is-low", "is-mode",
		NULL };
	struct objective x = rl_objective();

	refuse(of_pairs, "");
	if (imitates())
		refuse(weights, ", which imitates");
	if (o->is_cap == 0)
		refuse(weights + 1, " --is-cap 0");
	if (x.surrogate == SURROGATE_LOGPROB)
		refuse_one("ratio", " and without a clip");
	if (!option_given("kl"))
		refuse_one("kl-estimator", " and without --kl");
	if (!option_given("kl") && !option_given("kl-reward"))
		refuse_one("ref", " and without --kl or --kl-reward");
}

static void check_numbers(void)
{
	option_range("epochs", o->epochs, 1, 1000000);
	option_range("batch", o->batch, 0, INT64_MAX);
	option_range_real("kl", o->kl_loss, 0, LARGE);
	option_range_real("kl-reward", o->kl_reward, 0, LARGE);
	option_range_real("is-cap", o->is_cap, 0, LARGE);
	option_range_real("is-low", o->is_low, 0, o->is_cap);
	option_range_real("check-logprobs", o->check, 0, LARGE);
	option_range_real("clip-high", o->clip_high, 0, LARGE);
	option_range_real("entropy", o->entropy, -LARGE, LARGE);
	option_range_real("margin", o->margin, 0, LARGE);
	option_range_real("nll", o->nll, 0, LARGE);
	if (option_given("beta"))
		option_above("beta", o->beta, 0, LARGE, NULL);
	if (!(o->clip_low >= 0 && o->clip_low < 1))
		die_usage("--clip-low: %g is not from 0 to below 1",
			o->clip_low);
	if (!(o->smoothing >= 0 && o->smoothing < .5))
		die_usage("--smoothing: %g is not from 0 to below 0.5",
			o->smoothing);
}

void rl_check_options(void)
{
	if (rl_pairs())
		check_pairs();
	else
		check_policy();
	check_numbers();
	if ((o->kl_loss != 0 || o->kl_reward != 0) && !o->ref)
		die_usage("--kl and --kl-reward need a frozen model: --ref");
}

/* ---- what they make of the tables ---- */

/* Both 0 is no clipping. On an objective without, one of the two alone leaves
 * the other side open. */
static void set_clip(struct objective *x)
{
	bool low = option_given("clip-low"), high = option_given("clip-high");

	if (low)
		x->clip_low = o->clip_low;
	if (high)
		x->clip_high = o->clip_high;
	if ((low || high) && x->surrogate == SURROGATE_LOGPROB)
		x->surrogate = SURROGATE_RATIO;
	if (x->clip_low == 0 && x->clip_high == 0)
		x->surrogate = SURROGATE_LOGPROB;
}

struct objective rl_objective(void)
{
	struct objective x;

	if (rl_pairs())
		return (struct objective) { .name = rl_loss_name() };
	x = *objective_find(rl_loss_name());
	set_clip(&x);
	if (option_given("average"))
		x.average = (enum average_kind)o->average;
	if (option_given("ratio"))
		x.level = (enum ratio_level)o->ratio;
	x.kl_loss = o->kl_loss;
	x.kl = (enum kl_estimator)o->kl;
	x.kl_reward = o->kl_reward;
	return x;
}

struct preference rl_preference(void)
{
	struct preference x;

	if (!rl_pairs())
		return (struct preference) { .name = rl_loss_name() };
	x = *preference_find(rl_loss_name());
	if (option_given("beta"))
		x.beta = o->beta;
	if (option_given("margin"))
		x.margin = o->margin;
	if (option_given("smoothing"))
		x.smoothing = o->smoothing;
	if (option_given("nll"))
		x.nll = o->nll;
	return x;
}

struct importance rl_importance(void)
{
	return (struct importance) { (enum importance_mode)o->is_mode,
		o->is_low, o->is_cap };
}
