/* objective.c - objectives of reinforcement learning: see objective.h */
#include "common/train/objective.h"

#include <math.h>
#include <string.h>

/* Expert iteration: rejection sampling and imitation. REINFORCE: Williams
 * 1992. RLOO: Kool et al. 2019, Ahmadian et al. 2024. GRPO: Shao et al. 2024.
 * Dr. GRPO: Liu et al. 2025. DAPO: Yu et al. 2025. PPO's clipped loss:
 * Schulman et al. 2017, with whitened rewards instead of a critic. */
static const struct objective table[] = {
	{ "expert", ADVANTAGE_BEST, AVERAGE_TOKENS, 0, 0, 0, 0 },
	{ "reinforce", ADVANTAGE_BATCH, AVERAGE_TOKENS, 0, 0, 0, 0 },
	{ "rloo", ADVANTAGE_LEAVE_ONE_OUT, AVERAGE_TOKENS, 0, 0, 0, 0 },
	{ "grpo", ADVANTAGE_GROUP_STD, AVERAGE_SEQUENCES, .2, .2, 0, 0 },
	{ "dr-grpo", ADVANTAGE_GROUP, AVERAGE_LENGTH, .2, .2, 0, 0 },
	{ "dapo", ADVANTAGE_GROUP_STD, AVERAGE_TOKENS, .2, .28, 0, 0 },
	{ "ppo", ADVANTAGE_WHITE, AVERAGE_TOKENS, .2, .2, 0, 0 },
};

const struct objective *objective_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

/* ---- advantages ---- */

/* Statistics over graded samples. */
struct moments {
	size_t n;
	double mean, deviation;	/* sample deviation, divisor n - 1 */
	double lowest, highest;
};

static double reward_of(const struct objective *o, const struct sampled *s)
{
	return o->kl_reward != 0 ? s->reward - o->kl_reward * s->kl :
		s->reward;
}

static struct moments moments_of(const struct objective *o,
	const struct sampled *s, size_t n)
{
	struct moments m = { .lowest = INFINITY, .highest = -INFINITY };
	double squares = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		double r = reward_of(o, &s[i]);

		if (isnan(r))
			continue;
		m.n++;
		m.mean += r;
		m.lowest = fmin(m.lowest, r);
		m.highest = fmax(m.highest, r);
	}
	if (m.n)
		m.mean /= (double)m.n;
	for (i = 0; i < n; i++) {
		double r = reward_of(o, &s[i]) - m.mean;

		squares += isnan(r) ? 0 : r * r;
	}
	m.deviation = m.n > 1 ? sqrt(squares / (double)(m.n - 1)) : 0;
	return m;
}

/* One group; all holds the moments of all samples. */
static void group_advantages(const struct objective *o,
	const struct sampled *s, size_t n, const struct moments *all,
	double *advantage)
{
	struct moments g = moments_of(o, s, n);
	bool by_batch = o->advantage == ADVANTAGE_BATCH ||
		o->advantage == ADVANTAGE_WHITE;
	bool spread = by_batch ? all->highest > all->lowest :
		g.highest > g.lowest;
	size_t i;

	for (i = 0; i < n; i++) {
		double r = reward_of(o, &s[i]), a = NAN;

		switch (o->advantage) {
		case ADVANTAGE_BEST:
			/* Correct answers, or the best if rewards differ. */
			if (r >= 1 || (spread && r == g.highest))
				a = 1;
			break;
		case ADVANTAGE_BATCH:
			a = r - all->mean;
			break;
		case ADVANTAGE_WHITE:
			a = (r - all->mean) / (all->deviation + 1e-8);
			break;
		case ADVANTAGE_LEAVE_ONE_OUT:
			a = (r - g.mean) * (double)g.n / ((double)g.n - 1);
			break;
		case ADVANTAGE_GROUP_STD:
			a = (r - g.mean) / (g.deviation + 1e-4);
			break;
		case ADVANTAGE_GROUP:
			a = r - g.mean;
			break;
		}
		if (o->advantage != ADVANTAGE_BEST && !spread)
			a = NAN;
		advantage[i] = s[i].tokens ? a : NAN;
	}
}

void objective_advantages(const struct objective *o, const struct sampled *s,
	size_t n, double *advantage)
{
	struct moments all = moments_of(o, s, n);
	size_t i, end;

	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && s[end].group == s[i].group; end++)
			;
		group_advantages(o, s + i, end - i, &all, advantage + i);
	}
}

/* ---- averages ---- */

void objective_factors(const struct objective *o, const struct sampled *s,
	const double *advantage, size_t n, double *factor)
{
	double samples = 0, tokens = 0, longest = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (isnan(advantage[i]))
			continue;
		samples++;
		tokens += (double)s[i].tokens;
		longest = fmax(longest, (double)s[i].tokens);
	}
	for (i = 0; i < n; i++) {
		if (isnan(advantage[i]))
			factor[i] = 0;
		else if (o->average == AVERAGE_TOKENS)
			factor[i] = 1 / tokens;
		else if (o->average == AVERAGE_SEQUENCES)
			factor[i] = 1 / (samples * (double)s[i].tokens);
		else
			factor[i] = 1 / (samples * longest);
	}
}

/* ---- losses ---- */

/* k3, exp(d) - d - 1 with d = ref - logprob: unbiased and never negative
 * (Schulman 2020). */
static double kl_token(double logprob, double ref, double *slope)
{
	double d = ref - logprob;

	*slope = 1 - exp(d);
	return exp(d) - d - 1;
}

double objective_token(const struct objective *o, double logprob, double old,
	double ref, double advantage, double *slope, bool *clipped)
{
	double ratio = exp(logprob - old), loss, kl_slope;

	*clipped = false;
	if (o->clip_low == 0 && o->clip_high == 0) {
		loss = -advantage * logprob;
		*slope = -advantage;
	} else {
		*clipped = advantage > 0 ? ratio > 1 + o->clip_high :
			ratio < 1 - o->clip_low;
		if (*clipped)
			ratio = advantage > 0 ? 1 + o->clip_high :
				1 - o->clip_low;
		loss = -advantage * ratio;
		*slope = *clipped ? 0 : loss;
	}
	if (o->kl_loss != 0) {
		loss += o->kl_loss * kl_token(logprob, ref, &kl_slope);
		*slope += o->kl_loss * kl_slope;
	}
	return loss;
}

static double log_sigmoid(double x)
{
	return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}

double objective_dpo(double chosen, double rejected, double beta,
	double smoothing, double *slope)
{
	double x = beta * (chosen - rejected);

	*slope = -beta * ((1 - smoothing) / (1 + exp(x)) -
		smoothing / (1 + exp(-x)));
	return -(1 - smoothing) * log_sigmoid(x) - smoothing * log_sigmoid(-x);
}
