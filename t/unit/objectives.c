/* objectives - advantages computed by hand, slopes by central differences */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

#include "common/base/err.h"
#include "common/train/objective.h"
#include "common/train/preference.h"

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

/* The loss of a token whose ratio is its own, with the KL term. */
static double token(const struct objective *o, double lp, double old,
	double ref, double a, double *slope, bool *clipped)
{
	double kl_slope, kl = objective_kl(o->kl, lp, ref, &kl_slope);
	double loss = objective_token(o, lp, lp - old, a, slope, clipped);

	*slope += o->kl_loss * kl_slope;
	return loss + o->kl_loss * kl;
}

static void check_slope(const struct objective *o, double lp, double old,
	double ref, double a)
{
	const double h = 1e-6;
	double slope, unused, up, down;
	bool clipped;

	up = token(o, lp + h, old, ref, a, &unused, &clipped);
	down = token(o, lp - h, old, ref, a, &unused, &clipped);
	token(o, lp, old, ref, a, &slope, &clipped);
	near(o->name, slope, (up - down) / (2 * h), 1e-6);
}

static void check_slopes(void)
{
	static const char *const names[] = { "expert", "rloo", "grpo", "dapo",
		"gspo", "ppo" };
	struct objective o;
	size_t i;
	int kl;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		for (kl = KL_K1; kl <= KL_K3; kl++) {
			o = *objective_find(names[i]);
			o.kl_loss = .3;
			o.kl = (enum kl_estimator)kl;
			check_slope(&o, -1, -1.1, -1.4, 2);	/* inside */
			check_slope(&o, -1, -1.5, -.7, 2);	/* above, A > 0 */
			check_slope(&o, -1, -1.5, -.7, -2);	/* above, A < 0 */
			check_slope(&o, -2, -1.5, -.7, -2);	/* below, A < 0 */
			check_slope(&o, -2, -1.5, -.7, 2);	/* below, A > 0 */
		}
}

static void check_losses(void)
{
	struct objective o = *objective_find("grpo");
	double slope, l;
	bool clipped;

	l = token(&o, -1, -1.5, 0, 2, &slope, &clipped);
	near("clipped above", l, -1.2 * 2, 1e-12);
	near("clipped above", slope, 0, 0);
	l = token(&o, -2, -1.5, 0, 2, &slope, &clipped);
	near("not clipped below when good", l, -2 * exp(-.5), 1e-12);
	l = token(&o, -1, -1, 0, -3, &slope, &clipped);
	near("on policy", slope, 3, 1e-12);
	near("not clipped", clipped, 0, 0);
	l = token(&o, -2, -1.5, 0, -2, &slope, &clipped);
	near("clipped below when bad", l, .8 * 2, 1e-12);
	near("clipped below when bad", clipped, 1, 0);
	l = token(&o, -1, -1.5, 0, -2, &slope, &clipped);
	near("not clipped above when bad", l, 2 * exp(.5), 1e-12);
	o.clip_low = 0;		/* one side alone */
	l = token(&o, -1, -1.5, 0, 2, &slope, &clipped);
	near("clipped above alone", l, -1.2 * 2, 1e-12);
	o.kl_loss = .5;		/* k3: exp(d) - d - 1 */
	l = token(&o, -1, -1, -1, 2, &slope, &clipped);
	near("no divergence", l, -2, 1e-12);
	l = token(&o, -1, -1, -3, 2, &slope, &clipped);
	near("divergence", l, -2 + .5 * (exp(-2) + 1), 1e-12);
	near("k1", objective_kl(KL_K1, -1, -3, &slope), 2, 1e-12);
	near("k2", objective_kl(KL_K2, -1, -3, &slope), 2, 1e-12);
}

/* The bounds of each, and what is a constant in CISPO. */
static void check_ratios(void)
{
	const struct objective *gspo = objective_find("gspo");
	const struct objective *cispo = objective_find("cispo");
	double slope;
	bool clipped;

	near("gspo", objective_token(gspo, -5, log(1.0003), 2, &slope,
		&clipped), -2.0006, 1e-12);
	near("gspo inside", slope, -2.0006, 1e-12);
	near("gspo above", objective_token(gspo, -5, log(1.0005), 2, &slope,
		&clipped), -2.0008, 1e-12);
	near("gspo above", slope, 0, 0);
	near("gspo below", objective_token(gspo, -5, log(.9996), -2, &slope,
		&clipped), 2 * .9997, 1e-12);
	near("one ratio for all tokens", objective_spreads(gspo), 1, 0);
	near("one for each", objective_spreads(objective_find("grpo")), 0, 0);

	near("cispo", objective_token(cispo, -5, log(4.5), 2, &slope,
		&clipped), 2 * 4.5 * 5, 1e-9);
	near("cispo slope", slope, -2 * 4.5, 1e-12);
	near("cispo inside", clipped, 0, 0);
	near("cispo above", objective_token(cispo, -5, log(8), 2, &slope,
		&clipped), 2 * 5 * 5, 1e-9);
	near("cispo keeps its gradient", slope, -2 * 5, 1e-12);
	near("cispo above", clipped, 1, 0);
	objective_token(cispo, -5, log(1e-9), -2, &slope, &clipped);
	near("cispo has no lower bound", slope, 2e-9, 1e-15);
}

static void check_importance(void)
{
	struct importance i = { IMPORTANCE_TRUNCATE, .5, 2 };

	near("inside", importance_weight(&i, log(1.5)), 1.5, 1e-12);
	near("truncated above", importance_weight(&i, log(3)), 2, 1e-12);
	near("truncated below", importance_weight(&i, log(.2)), .5, 1e-12);
	near("of a token", importance_by_sequence(&i), 0, 0);
	i.mode = IMPORTANCE_MASK;
	near("not masked", importance_weight(&i, log(1.5)), 1.5, 1e-12);
	near("masked above", importance_weight(&i, log(3)), 0, 0);
	near("masked below", importance_weight(&i, log(.2)), 0, 0);
	near("outside", importance_is_outside(&i, log(.2)), 1, 0);
	i.mode = IMPORTANCE_SEQUENCE_MASK;
	near("an answer masked", importance_weight(&i, log(3)), 0, 0);
	near("of an answer", importance_by_sequence(&i), 1, 0);
	i.mode = IMPORTANCE_SEQUENCE_TRUNCATE;
	near("an answer truncated", importance_weight(&i, 700), 2, 1e-12);
}

/* ---- pairs ---- */

/* Log-probabilities -6 of 3 tokens and -8 of 2; reference -7 and -6: scores 1
 * and -2, per token 1/3 and -1. */
static const struct answered chosen = { -6, -7, 3 }, rejected = { -8, -6, 2 };

static double pair_loss(struct preference p, double up, double down)
{
	struct answered c = chosen, r = rejected;

	c.logprob += up;
	r.logprob += down;
	return preference_loss(&p, &c, &r).loss;
}

static void check_pair(const char *name, double loss, double margin)
{
	const double h = 1e-5;
	struct preference p = *preference_find(name);
	struct preferred x = preference_loss(&p, &chosen, &rejected);

	near(name, x.loss, loss, 1e-12);
	near("margin", x.margin, margin, 1e-12);
	near("right", x.right, 1, 0);
	for (p.nll = 0; p.nll < 1; p.nll += .7) {
		x = preference_loss(&p, &chosen, &rejected);
		near(name, x.chosen, (pair_loss(p, h, 0) -
			pair_loss(p, -h, 0)) / (2 * h), 1e-9);
		near(name, x.rejected, (pair_loss(p, 0, h) -
			pair_loss(p, 0, -h)) / (2 * h), 1e-9);
	}
}

static double lose(double x)		/* -log sigmoid(x) */
{
	return log1p(exp(-x));
}

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

static void check_preferences(void)
{
	static const struct answered sure = { 0, 0, 4 };
	double odds = log(exp(-2.) / (1 - exp(-2.))) -
		log(exp(-4.) / (1 - exp(-4.)));
	struct preference p;

	check_pair("dpo", lose(.3), .3);
	check_pair("ipo", (4. / 3 - 5) * (4. / 3 - 5), .4 / 3);
	check_pair("hinge", .7, .3);
	check_pair("robust", (.9 * lose(.3) - .1 * lose(-.3)) / .8, .3);
	check_pair("dpo-norm", lose(5 * 4. / 3), 5 * 4. / 3);
	check_pair("simpo", lose(2.5 * 2 - 1.375), 5);
	check_pair("apo-zero", 1 - sigmoid(.1) + sigmoid(-.2), .3);
	check_pair("orpo", 2 + .1 * lose(odds), .2);

	p = *preference_find("dpo");
	p.smoothing = .2;
	near("cdpo", preference_loss(&p, &chosen, &rejected).loss,
		.8 * lose(.3) + .2 * lose(-.3), 1e-12);
	p.smoothing = 0;
	p.nll = .5;
	near("nll", preference_loss(&p, &chosen, &rejected).loss,
		lose(.3) + .5 * 2, 1e-12);
	p = *preference_find("hinge");
	p.beta = 1;
	near("beyond the hinge", preference_loss(&p, &chosen, &rejected).loss,
		0, 0);
	near("beyond the hinge", preference_loss(&p, &chosen,
		&rejected).chosen, 0, 0);
	p = *preference_find("orpo");
	near("a sure answer", isfinite(preference_loss(&p, &sure,
		&rejected).chosen), 1, 0);
	p = *preference_find("dpo");
	near("far off", preference_loss(&p, &(struct answered) { -1e6, 0, 1 },
		&rejected).loss, 1e5 - .2, 1e-6);
}

/* Every word of the options is a row. */
static void check_words(void)
{
	char words[] = OBJECTIVE_WORDS, pairs[] = PREFERENCE_WORDS, *s;

	for (s = strtok(words, "|"); s; s = strtok(NULL, "|"))
		near(s, objective_find(s) != NULL, 1, 0);
	for (s = strtok(pairs, "|"); s; s = strtok(NULL, "|"))
		near(s, preference_find(s) != NULL, 1, 0);
}

int main(void)
{
	check_advantages();
	check_kl_reward();
	check_factors();
	check_slopes();
	check_losses();
	check_ratios();
	check_importance();
	check_preferences();
	check_words();
	return failures != 0;
}
