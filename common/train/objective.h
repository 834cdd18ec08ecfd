/* objective.h - objectives of reinforcement and preference learning
 *
 * All of them are functions of the log-probabilities of sampled tokens under the
 * model that learns (logprob), the one that sampled (old) and a frozen reference
 * model (ref), and of an advantage per sample. They differ in how the advantage
 * is computed from rewards, in the loss of a token, and in how tokens are
 * averaged. Each is a row of a table, and each of its parts can be overridden.
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

struct objective {
	const char *name;
	enum advantage_kind advantage;
	enum average_kind average;
	double clip_low, clip_high;	/* ratio within 1-low .. 1+high: 1 and
					 * INFINITY leave a side open; both 0:
					 * no clipping, plain policy gradient */
	double kl_loss;		/* times k3(ref) per token, added to the loss */
	double kl_reward;	/* times k1(ref) per sample, subtracted from
				 * the reward */
};

/* The objective of that name: expert, reinforce, rloo, grpo, dr-grpo, dapo,
 * ppo; NULL if there is none. dpo has its own functions. */
const struct objective *objective_find(const char *name);
#define OBJECTIVE_WORDS "expert|reinforce|rloo|grpo|dr-grpo|dapo|ppo|dpo"

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

/* The loss of one token and, in *slope, its derivative with respect to logprob.
 * ref is used only if kl_loss is not 0. *clipped: the gradient is clipped. */
double objective_token(const struct objective *o, double logprob, double old,
	double ref, double advantage, double *slope, bool *clipped);

/* The DPO loss (Rafailov et al. 2023) of a pair; chosen, rejected: logprob -
 * ref summed over the tokens of each answer. *slope is the derivative with
 * respect to chosen; that with respect to rejected is -*slope. smoothing:
 * probability that the pair is the wrong way round (cDPO). */
double objective_dpo(double chosen, double rejected, double beta,
	double smoothing, double *slope);

#endif
