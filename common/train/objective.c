/* objective.c - objectives of reinforcement learning: see objective.h */
#include "common/train/objective.h"

#include <math.h>
#include <string.h>

/* Expert iteration: rejection sampling and imitation. REINFORCE: Williams
 * 1992. RLOO: Kool et al. 2019, Ahmadian et al. 2024. GRPO: Shao et al. 2024.
 * Dr. GRPO: Liu et al. 2025. DAPO: Yu et al. 2025. GSPO: Zheng et al. 2025, with
 * the clips of its experiments. CISPO: MiniMax 2025, with the largest weight, 5,
 * of Khatri et al. 2025. PPO's clipped loss: Schulman et al. 2017, with whitened
 * rewards instead of a critic. */
static const struct objective table[] = {
	{ "expert", ADVANTAGE_BEST, AVERAGE_TOKENS, SURROGATE_LOGPROB,
	  RATIO_TOKEN, 1, INFINITY, 0, KL_K3, 0 },
	{ "reinforce", ADVANTAGE_BATCH, AVERAGE_TOKENS, SURROGATE_LOGPROB,
	  RATIO_TOKEN, 1, INFINITY, 0, KL_K3, 0 },
	{ "rloo", ADVANTAGE_LEAVE_ONE_OUT, AVERAGE_TOKENS, SURROGATE_LOGPROB,
	  RATIO_TOKEN, 1, INFINITY, 0, KL_K3, 0 },
	{ "grpo", ADVANTAGE_GROUP_STD, AVERAGE_SEQUENCES, SURROGATE_RATIO,
	  RATIO_TOKEN, .2, .2, 0, KL_K3, 0 },
	{ "dr-grpo", ADVANTAGE_GROUP, AVERAGE_LENGTH, SURROGATE_RATIO,
	  RATIO_TOKEN, .2, .2, 0, KL_K3, 0 },
	{ "dapo", ADVANTAGE_GROUP_STD, AVERAGE_TOKENS, SURROGATE_RATIO,
	  RATIO_TOKEN, .2, .28, 0, KL_K3, 0 },
	{ "gspo", ADVANTAGE_GROUP_STD, AVERAGE_SEQUENCES, SURROGATE_RATIO,
	  RATIO_SEQUENCE, 3e-4, 4e-4, 0, KL_K3, 0 },
	{ "cispo", ADVANTAGE_GROUP_STD, AVERAGE_TOKENS, SURROGATE_WEIGHT,
	  RATIO_TOKEN, 1, 4, 0, KL_K3, 0 },
	{ "ppo", ADVANTAGE_WHITE, AVERAGE_TOKENS, SURROGATE_RATIO,
	  RATIO_TOKEN, .2, .2, 0, KL_K3, 0 },
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

static double clip(const struct objective *o, double ratio)
{
	return fmax(1 - o->clip_low, fmin(1 + o->clip_high, ratio));
}

double objective_token(const struct objective *o, double logprob,
	double log_ratio, double advantage, double *slope, bool *clipped)
{
	double ratio = exp(log_ratio), within = clip(o, ratio), loss = 0;

	*clipped = false;
	switch (o->surrogate) {
	case SURROGATE_LOGPROB:
		*slope = -advantage;
		loss = -advantage * logprob;
		break;
	case SURROGATE_RATIO:
		*clipped = advantage > 0 ? ratio > within : ratio < within;
		loss = -advantage * (*clipped ? within : ratio);
		*slope = *clipped ? 0 : loss;
		break;
	case SURROGATE_WEIGHT:
		*clipped = ratio != within;
		*slope = -advantage * within;
		loss = *slope * logprob;
		break;
	}
	return loss;
}

bool objective_spreads(const struct objective *o)
{
	return o->surrogate == SURROGATE_RATIO && o->level == RATIO_SEQUENCE;
}

double objective_kl(enum kl_estimator kind, double logprob, double ref,
	double *slope)
{
	double d = ref - logprob;

	switch (kind) {
	case KL_K1:
		*slope = 1;
		return -d;
	case KL_K2:
		*slope = -d;
		return d * d / 2;
	default:
		*slope = 1 - exp(d);
		return exp(d) - d - 1;
	}
}

/* ---- importance weights ---- */

bool importance_by_sequence(const struct importance *i)
{
	return i->mode == IMPORTANCE_SEQUENCE_TRUNCATE ||
		i->mode == IMPORTANCE_SEQUENCE_MASK;
}

bool importance_is_outside(const struct importance *i, double log_ratio)
{
	double ratio = exp(log_ratio);

	return ratio < i->low || ratio > i->high;
}

double importance_weight(const struct importance *i, double log_ratio)
{
	double ratio = exp(log_ratio);

	if (!importance_is_outside(i, log_ratio))
		return ratio;
	if (i->mode == IMPORTANCE_MASK || i->mode == IMPORTANCE_SEQUENCE_MASK)
		return 0;
	return fmax(i->low, fmin(i->high, ratio));
}
