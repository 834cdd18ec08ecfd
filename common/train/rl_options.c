/* rl_options.c - options of reinforcement learning: see rl_options.h */
#include "common/train/rl_options.h"

#include <math.h>

#include "common/base/err.h"

/* In the order of OBJECTIVE_WORDS. */
static const char *const losses[] = { "expert", "reinforce", "rloo", "grpo",
	"dr-grpo", "dapo", "ppo", "dpo" };
#define LARGE 1e30		/* no weight is larger */

enum { EXPERT = 0, GRPO = 3, DPO = 7 };

struct rl_options rl_options = {
	.loss = GRPO,
	.epochs = 1,
	.beta = .1,
	.is_cap = 2
};

static const struct rl_options *const o = &rl_options;

const char *rl_loss_name(void)
{
	return losses[o->loss];
}

bool rl_is_expert(void)
{
	return o->loss == EXPERT;
}

bool rl_is_dpo(void)
{
	return o->loss == DPO;
}

bool rl_on_pairs(void)
{
	return rl_is_dpo() && !o->best_worst;
}

bool rl_weighs(void)
{
	return !rl_is_expert() && !rl_is_dpo() && o->is_cap > 0;
}

bool rl_refers(void)
{
	return rl_is_dpo() || o->kl_loss != 0 || o->kl_reward != 0;
}

/* ---- checks ---- */

/* Refuses the options in a NULL-terminated list, which have no effect there. */
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

	if (rl_is_dpo())
		refuse(not_of_dpo, "with --loss dpo");
	else
		refuse(of_dpo, "without --loss dpo");
	if (rl_is_expert())
		refuse(cap, "with --loss expert, which imitates");
	if (rl_on_pairs())
		refuse(check, "on pairs, which have no logprobs");
	if (!rl_is_dpo() && !option_given("kl") &&
		!option_given("kl-reward"))
		refuse(ref, "without --kl, --kl-reward or --loss dpo");
}

void rl_check_options(void)
{
	check_effects();
	option_range("epochs", o->epochs, 1, 1000000);
	option_range("batch", o->batch, 0, INT64_MAX);
	option_range_real("kl", o->kl_loss, 0, LARGE);
	option_range_real("kl-reward", o->kl_reward, 0, LARGE);
	option_range_real("is-cap", o->is_cap, 0, LARGE);
	option_range_real("check-logprobs", o->check, 0, LARGE);
	option_range_real("clip-high", o->clip_high, 0, LARGE);
	option_range_real("entropy", o->entropy, -LARGE, LARGE);
	option_above("beta", o->beta, 0, LARGE, NULL);
	if ((o->kl_loss != 0 || o->kl_reward != 0) && !o->ref)
		die_usage("--kl and --kl-reward need a frozen model: --ref");
	if (!(o->clip_low >= 0 && o->clip_low < 1))
		die_usage("--clip-low: %g is not from 0 to below 1",
			o->clip_low);
	if (!(o->smoothing >= 0 && o->smoothing < .5))
		die_usage("--smoothing: %g is not from 0 to below 0.5",
			o->smoothing);
}

struct objective rl_objective(void)
{
	struct objective x;

	if (rl_is_dpo())
		return (struct objective) { .name = rl_loss_name() };
	x = *objective_find(rl_loss_name());
	if (x.clip_low == 0 && x.clip_high == 0) {
		/* If only one side is given, the other is unbounded. */
		x.clip_low = option_given("clip-high") ? 1 : 0;
		x.clip_high = option_given("clip-low") ? INFINITY : 0;
	}
	if (option_given("clip-low"))
		x.clip_low = o->clip_low;
	if (option_given("clip-high"))
		x.clip_high = o->clip_high;
	if (option_given("average"))
		x.average = (enum average_kind)o->average;
	x.kl_loss = o->kl_loss;
	x.kl_reward = o->kl_reward;
	return x;
}
