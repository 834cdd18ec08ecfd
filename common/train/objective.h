/* objective.h - objectives of reinforcement and preference learning
 *
 * All of them are functions of the log-probabilities of sampled tokens under the
 * model that learns (logprob), the one that sampled (old) and a frozen reference
 * model (ref), and of an advantage per sample. They differ in how the advantage is
 * computed from rewards, in the loss of a token, and in how tokens are averaged.
 * Each is a row of a table, and each of its parts can be overridden.
 */
#ifndef PIPELM_OBJECTIVE_H
#define PIPELM_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum advantage_kind {
	ADVANTAGE_BEST,		/* 1 for the samples to imitate, others none */
	ADVANTAGE_BATCH,	/* reward - mean of all */
	ADVANTAGE_WHITE,	/* the same, divided by the deviation of all */
	ADVANTAGE_LEAVE_ONE_OUT,	/* reward - mean of the group's others */
	ADVANTAGE_GROUP_STD,	/* (reward - group mean) / group deviation */
	ADVANTAGE_GROUP		/* reward - group mean */
};

enum average_kind {
	AVERAGE_TOKENS,		/* sum over tokens / all tokens */
	AVERAGE_SEQUENCES,	/* mean over samples of their tokens' mean */
	AVERAGE_LENGTH		/* sum / (samples * longest sample) */
};

struct objective {
	const char *name;
	enum advantage_kind advantage;
	enum average_kind average;
	double clip_low, clip_high;	/* ratio within 1-low .. 1+high: 1 and
					 * INFINITY leave a side open; both 0:
					 * no clipping, plain policy gradient */
	double kl_loss;		/* times k3(ref) a token, in the loss */
	double kl_reward;	/* times k1(ref) a sample, off the reward */
};

/* The objective of that name: expert, reinforce, rloo, grpo, dr-grpo, dapo,
 * ppo; NULL when there is none. dpo has functions of its own. */
const struct objective *objective_find(const char *name);
#define OBJECTIVE_WORDS "expert|reinforce|rloo|grpo|dr-grpo|dapo|ppo|dpo"

/* What the objectives need of a sample. */
struct sampled {
	size_t group;		/* samples of a prompt have the same number,
				 * from 0, adjacent */
	double reward;		/* NaN: not graded, takes no part */
	size_t tokens;		/* sampled ones */
	double kl;		/* sum of old - ref over them, for kl_reward */
};

/* advantage[i] of n samples; NaN where a sample takes no part: not graded,
 * a group whose rewards are all equal, or not to be imitated. */
void objective_advantages(const struct objective *o, const struct sampled *s,
	size_t n, double *advantage);

/* factor[i]: what a token of sample i counts in the loss of all n, of those
 * that have an advantage. */
void objective_factors(const struct objective *o, const struct sampled *s,
	const double *advantage, size_t n, double *factor);

/* The loss of one token and, in *slope, its derivative with respect to logprob. ref
 * is used only when kl_loss is not 0. *clipped: the gradient is clipped. */
double objective_token(const struct objective *o, double logprob, double old,
	double ref, double advantage, double *slope, bool *clipped);

/* DPO (Rafailov et al. 2023) of a pair: sums over the answers' tokens of
 * logprob - ref. *slope is the derivative by the chosen answer's sum; by the
 * rejected one's it is -*slope. smoothing: probability that the pair is the
 * wrong way round (cDPO). */
double objective_dpo(double chosen, double rejected, double beta,
	double smoothing, double *slope);

#endif
