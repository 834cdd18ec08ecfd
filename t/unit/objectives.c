/* objectives - advantages computed by hand, slopes by central differences */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/train/objective.h"

static int failures;

static void near(const char *what, double got, double want, double bound)
{
	bool same = isnan(want) ? isnan(got) : fabs(got - want) <= bound;

	if (!same) {
		printf("%s: %.9g instead of %.9g\n", what, got, want);
		failures++;
	}
}

/* Two groups of rewards with spread, one without, an ungraded sample. */
static const struct sampled samples[] = {
	{ 0, 1, 2, .5 }, { 0, 0, 4, 1 }, { 0, 0, 4, 0 }, { 0, NAN, 3, 0 },
	{ 1, 1, 5, 0 }, { 1, 1, 5, 0 },
	{ 2, .5, 10, 0 }, { 2, .25, 2, 0 },
};
enum { N = sizeof samples / sizeof *samples };

static void advantages(const char *name, const double want[N])
{
	double got[N];
	int i;

	objective_advantages(objective_find(name), samples, N, got);
	for (i = 0; i < N; i++)
		near(name, got[i], want[i], 1e-12);
}

/* Over the whole batch: minus its mean, divided by its deviation (n-1). A batch
 * without spread and a sample without tokens teach nothing. */
static void check_white(double mean)
{
	static const double r[] = { 1, 0, 0, 1, 1, .5, .25 };
	static const struct sampled even[] = { { 0, 1, 1, 0 }, { 1, 1, 1, 0 } },
		none[] = { { 0, 1, 0, 0 }, { 0, 0, 1, 0 } };
	static const char *const names[] = { "ppo", "reinforce" };
	double d = 0, got[2];
	int i;

	for (i = 0; i < 7; i++)
		d += (r[i] - mean) * (r[i] - mean);
	d = sqrt(d / 6) + 1e-8;
	advantages("ppo", (double[N]) { (1 - mean) / d, -mean / d, -mean / d,
		NAN, (1 - mean) / d, (1 - mean) / d, (.5 - mean) / d,
		(.25 - mean) / d });
	for (i = 0; i < 2; i++) {
		objective_advantages(objective_find(names[i]), even, 2, got);
		near("a batch without spread", got[0], NAN, 0);
		near("a batch without spread", got[1], NAN, 0);
		objective_advantages(objective_find(names[i]), none, 2, got);
		near("a sample without tokens", got[0], NAN, 0);
		near("a sample with one", got[1], i ? -.5 :
			-.5 / (sqrt(.5) + 1e-8), 1e-12);
	}
}

static void check_advantages(void)
{
	/* Group 0: mean 1/3, deviation (n-1) sqrt(1/3). Group 2: mean .375,
	 * deviation .125 sqrt(2). All seven graded: mean 3.75/7. */
	double s0 = sqrt(1.0 / 3) + 1e-4, s2 = .125 * sqrt(2) + 1e-4;
	double mean = 3.75 / 7, got[6];
	static const struct sampled below[6] = { { 0, -1, 1, 0 },
		{ 0, -.5, 1, 0 }, { 1, 0, 1, 0 }, { 1, -1, 1, 0 },
		{ 2, 0, 1, 0 }, { 2, 0, 1, 0 } };
	static const struct sampled alone[] = { { 0, 1, 1, 0 },
		{ 1, 0, 1, 0 }, { 1, 1, 1, 0 } };

	advantages("expert", (double[N]) { 1, NAN, NAN, NAN, 1, 1, 1, NAN });
	objective_advantages(objective_find("expert"), below, 6, got);
	near("best below 0", got[1], 1, 0);
	near("not the best", got[0], NAN, 0);
	near("best at 0", got[2], 1, 0);
	near("without spread", got[4], NAN, 0);
	advantages("dr-grpo", (double[N]) { 2. / 3, -1. / 3, -1. / 3, NAN,
		NAN, NAN, .125, -.125 });
	advantages("grpo", (double[N]) { 2. / 3 / s0, -1. / 3 / s0,
		-1. / 3 / s0, NAN, NAN, NAN, .125 / s2, -.125 / s2 });
	objective_advantages(objective_find("dr-grpo"), alone, 3, got);
	near("a group of one", got[0], NAN, 0);
	near("a later group", got[1], -.5, 1e-12);
	near("a later group", got[2], .5, 1e-12);
	/* Reward minus the mean of the others. */
	advantages("rloo", (double[N]) { 1, -.5, -.5, NAN, NAN, NAN, .25,
		-.25 });
	advantages("reinforce", (double[N]) { 1 - mean, -mean, -mean, NAN,
		1 - mean, 1 - mean, .5 - mean, .25 - mean });
	check_white(mean);
}

static void check_kl_reward(void)
{
	struct objective o = *objective_find("dr-grpo");
	double got[N];

	o.kl_reward = .1;	/* rewards .95, -.1, 0: mean .85 / 3 */
	objective_advantages(&o, samples, N, got);
	near("kl in the reward", got[0], .95 - .85 / 3, 1e-12);
	near("kl in the reward", got[1], -.1 - .85 / 3, 1e-12);
}

static void check_factors(void)
{
	double a[N], f[N], sum = 0;
	const struct objective *o;
	int i;

	/* dr-grpo: 5 samples take part, the longest has 10 tokens. */
	o = objective_find("dr-grpo");
	objective_advantages(o, samples, N, a);
	objective_factors(o, samples, a, N, f);
	near("dr-grpo factor", f[0], 1. / 50, 1e-15);
	near("no part", f[4], 0, 0);
	/* grpo: every sample weighs the same, dapo: every token. */
	o = objective_find("grpo");
	objective_advantages(o, samples, N, a);
	objective_factors(o, samples, a, N, f);
	near("grpo factor", f[6], 1. / (5 * 10), 1e-15);
	for (i = 0; i < N; i++)
		sum += f[i] * (double)samples[i].tokens;
	near("grpo factors", sum, 1, 1e-12);
	objective_factors(objective_find("dapo"), samples, a, N, f);
	near("dapo factor", f[0], 1. / 22, 1e-15);
}

static void check_slope(const struct objective *o, double lp, double old,
	double ref, double a)
{
	const double h = 1e-6;
	double slope, unused, up, down;
	bool clipped;

	up = objective_token(o, lp + h, old, ref, a, &unused, &clipped);
	down = objective_token(o, lp - h, old, ref, a, &unused, &clipped);
	objective_token(o, lp, old, ref, a, &slope, &clipped);
	near(o->name, slope, (up - down) / (2 * h), 1e-6);
}

static void check_losses(void)
{
	static const char *const names[] = { "expert", "rloo", "grpo", "dapo",
		"ppo" };
	struct objective o;
	double slope, l;
	bool clipped;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++) {
		o = *objective_find(names[i]);
		o.kl_loss = .3;
		check_slope(&o, -1, -1.1, -1.4, 2);	/* inside */
		check_slope(&o, -1, -1.5, -.7, 2);	/* above, A > 0 */
		check_slope(&o, -1, -1.5, -.7, -2);	/* above, A < 0 */
		check_slope(&o, -2, -1.5, -.7, -2);	/* below, A < 0 */
		check_slope(&o, -2, -1.5, -.7, 2);	/* below, A > 0 */
	}
	o = *objective_find("grpo");
	l = objective_token(&o, -1, -1.5, 0, 2, &slope, &clipped);
	near("clipped above", l, -1.2 * 2, 1e-12);
	near("clipped above", slope, 0, 0);
	l = objective_token(&o, -2, -1.5, 0, 2, &slope, &clipped);
	near("not clipped below when good", l, -2 * exp(-.5), 1e-12);
	l = objective_token(&o, -1, -1, 0, -3, &slope, &clipped);
	near("on policy", slope, 3, 1e-12);
	near("not clipped", clipped, 0, 0);
	l = objective_token(&o, -2, -1.5, 0, -2, &slope, &clipped);
	near("clipped below when bad", l, .8 * 2, 1e-12);
	near("clipped below when bad", clipped, 1, 0);
	l = objective_token(&o, -1, -1.5, 0, -2, &slope, &clipped);
	near("not clipped above when bad", l, 2 * exp(.5), 1e-12);
	o.clip_low = 0;		/* one side alone */
	l = objective_token(&o, -1, -1.5, 0, 2, &slope, &clipped);
	near("clipped above alone", l, -1.2 * 2, 1e-12);
	o.kl_loss = .5;		/* k3: exp(d) - d - 1 */
	l = objective_token(&o, -1, -1, -1, 2, &slope, &clipped);
	near("no divergence", l, -2, 1e-12);
	l = objective_token(&o, -1, -1, -3, 2, &slope, &clipped);
	near("divergence", l, -2 + .5 * (exp(-2) + 1), 1e-12);
}

static void check_dpo(void)
{
	const double h = 1e-6;
	double slope, unused, up, down;

	near("dpo at 0", objective_dpo(0, 0, .1, 0, &slope), log(2), 1e-12);
	near("dpo slope at 0", slope, -.05, 1e-12);
	near("dpo", objective_dpo(3, -2, .5, 0, &slope), log1p(exp(-2.5)),
		1e-12);
	up = objective_dpo(3 + h, -2, .5, .1, &unused);
	down = objective_dpo(3 - h, -2, .5, .1, &unused);
	objective_dpo(3, -2, .5, .1, &slope);
	near("cdpo slope", slope, (up - down) / (2 * h), 1e-8);
	near("dpo far off", objective_dpo(-1e4, 1e4, 1, 0, &slope), 2e4, 1e-6);
}

int main(void)
{
	check_advantages();
	check_kl_reward();
	check_factors();
	check_losses();
	check_dpo();
	return failures != 0;
}
