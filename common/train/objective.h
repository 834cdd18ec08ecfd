/* objective.h - objectives of reinforcement learning
 *
 * All of them are functions of the log-probabilities of sampled tokens under the
 * model that learns (logprob), the one that sampled (old) and a frozen reference
 * model (ref), and of an advantage per sample. They differ in how the advantage
 * is computed from rewards, in the loss of a token, and in how tokens are
 * averaged. Each is a row of a table, and each of its parts can be overridden.
 * Losses of pairs of answers: preference.h.
 */
#ifndef PIPELM_OBJECTIVE_H
#define PIPELM_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum advantage_kind {
	ADVANTAGE_BEST,		/* 1 for the samples to imitate, else none */
	ADVANTAGE_BATCH,	/* reward - mean of all */
	ADVANTAGE_WHITE,	/* the same, divided by the deviation of all */
	ADVANTAGE_LEAVE_ONE_OUT,	/* reward - mean of the group's others */
	ADVANTAGE_GROUP_STD,	/* (reward - group mean) / group deviation */
	ADVANTAGE_GROUP		/* reward - group mean */
};

enum average_kind {
	AVERAGE_TOKENS,		/* sum over tokens / all tokens */
	AVERAGE_SEQUENCES,	/* mean over samples of the mean over tokens */
	AVERAGE_LENGTH		/* sum / (samples * longest sample) */
};

/* The loss of a token; each is times -advantage. */
enum surrogate_kind {
	SURROGATE_LOGPROB,	/* logprob: policy gradient */
	SURROGATE_RATIO,	/* ratio, or the clipped ratio if that makes the
				 * loss larger */
	SURROGATE_WEIGHT	/* logprob, weighted by the clipped ratio, which
				 * is taken as a constant */
};

enum ratio_level {
	RATIO_TOKEN,		/* exp(logprob - old) */
	RATIO_SEQUENCE		/* exp of the mean of logprob - old over the
				 * sample's tokens: the same for all of them */
};

/* Estimators of the KL divergence from ref, per token, with d = ref - logprob
 * (Schulman 2020). */
enum kl_estimator {
	KL_K1,			/* -d */
	KL_K2,			/* d^2 / 2 */
	KL_K3			/* exp(d) - d - 1 */
};

/* Weights that correct for answers drawn from another distribution than the
 * model's: of the ratio of the two probabilities, per token or of the whole
 * answer. */
enum importance_mode {
	IMPORTANCE_TRUNCATE,	/* the ratio, moved into low .. high */
	IMPORTANCE_MASK,	/* the ratio; 0 outside low .. high */
	IMPORTANCE_SEQUENCE_TRUNCATE,
	IMPORTANCE_SEQUENCE_MASK
};

struct importance {
	enum importance_mode mode;
	double low, high;
};

struct objective {
	const char *name;
	enum advantage_kind advantage;
	enum average_kind average;
	enum surrogate_kind surrogate;
	enum ratio_level level;
	double clip_low, clip_high;	/* ratio within 1-low .. 1+high; 1 and
					 * INFINITY leave a side open */
	double kl_loss;		/* times the estimate per token, added to the
				 * loss */
	enum kl_estimator kl;
	double kl_reward;	/* times k1(ref) per sample, subtracted from
				 * the reward */
};

/* The objective of that name: expert, reinforce, rloo, grpo, dr-grpo, dapo,
 * gspo, cispo, ppo; NULL if there is none. */
const struct objective *objective_find(const char *name);
#define OBJECTIVE_WORDS \
	"expert|reinforce|rloo|grpo|dr-grpo|dapo|gspo|cispo|ppo"

/* What the objectives need to know about a sample. */
struct sampled {
	size_t group;		/* samples of a prompt have the same number,
				 * from 0, adjacent */
	double reward;		/* NaN: not graded, not used */
	size_t tokens;		/* sampled ones */
	double kl;		/* sum of old - ref over them, for kl_reward */
};

/* advantage[i] of n samples; NaN for a sample that is not used: not graded, in
 * a group whose rewards are all equal, or not to be imitated. */
void objective_advantages(const struct objective *o, const struct sampled *s,
	size_t n, double *advantage);

/* factor[i]: the weight of a token of sample i in the loss of those of the n
 * samples that have an advantage. */
void objective_factors(const struct objective *o, const struct sampled *s,
	const double *advantage, size_t n, double *factor);

/* The loss of one token, without the KL term. log_ratio: logprob - old, or its
 * mean over the sample, according to o->level. *slope: the derivative with
 * respect to logprob or, if objective_spreads, to log_ratio, whose slopes of all
 * tokens of the sample add up and are divided evenly among them. *clipped: the
 * ratio is clipped. */
double objective_token(const struct objective *o, double logprob,
	double log_ratio, double advantage, double *slope, bool *clipped);
bool objective_spreads(const struct objective *o);

/* The estimate of a token's KL divergence; *slope: its derivative with respect
 * to logprob. */
double objective_kl(enum kl_estimator kind, double logprob, double ref,
	double *slope);

/* The importance weight of a token or an answer for the logarithm of its
 * ratio. */
double importance_weight(const struct importance *i, double log_ratio);
bool importance_is_outside(const struct importance *i, double log_ratio);
bool importance_by_sequence(const struct importance *i);

#endif
