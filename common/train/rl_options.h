/* rl_options.h - options of reinforcement and preference learning */
#ifndef PIPELM_RL_OPTIONS_H
#define PIPELM_RL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/train/objective.h"

struct rl_options {
	const char *ref;	/* directory of the frozen model, or NULL */
	int loss, average;
	int64_t epochs, batch;	/* batch 0: all */
	double clip_low, clip_high, kl_loss, kl_reward, entropy, beta,
		smoothing, check, is_cap;
	bool best_worst, fresh;
};
extern struct rl_options rl_options;

#define RL_OPTIONS \
	{ 0, "loss", OPT_ENUM, &rl_options.loss, OBJECTIVE_WORDS, \
	  "objective (grpo)" }, \
	{ 0, "ref", OPT_STR, &rl_options.ref, "DIR", \
	  "frozen reference model of KL and dpo (dpo: the model itself)" }, \
	{ 0, "epochs", OPT_INT, &rl_options.epochs, "N", \
	  "passes over the data (1)" }, \
	{ 0, "batch", OPT_INT, &rl_options.batch, "N", \
	  "rows of an update, an answer or a pair each (all)" }, \
	{ 0, "kl", OPT_FLOAT, &rl_options.kl_loss, "X", \
	  "weight of the KL divergence from --ref in the loss (0)" }, \
	{ 0, "kl-reward", OPT_FLOAT, &rl_options.kl_reward, "X", \
	  "the same, subtracted from the reward (0)" }, \
	{ 0, "entropy", OPT_FLOAT, &rl_options.entropy, "X", \
	  "weight of an entropy bonus for each token (0)" }, \
	{ 0, "clip-low", OPT_FLOAT, &rl_options.clip_low, "X", \
	  "+clip the ratio below 1-X (grpo, dr-grpo, dapo, ppo: 0.2)" }, \
	{ 0, "clip-high", OPT_FLOAT, &rl_options.clip_high, "X", \
	  "+clip the ratio above 1+X (0.2, dapo: 0.28)" }, \
	{ 0, "average", OPT_ENUM, &rl_options.average, \
	  "tokens|sequences|length", \
	  "+how tokens are averaged (by the objective)" }, \
	{ 0, "is-cap", OPT_FLOAT, &rl_options.is_cap, "X", \
	  "+largest importance weight of a token, 0 for none (2)" }, \
	{ 0, "beta", OPT_FLOAT, &rl_options.beta, "X", "+dpo's beta (0.1)" }, \
	{ 0, "smoothing", OPT_FLOAT, &rl_options.smoothing, "X", \
	  "+dpo: share of pairs whose labels are swapped (0)" }, \
	{ 0, "best-worst", OPT_FLAG, &rl_options.best_worst, NULL, \
	  "+dpo: pair the best and worst of graded rollouts" }, \
	{ 0, "check-logprobs", OPT_FLOAT, &rl_options.check, "X", \
	  "+refuse rollouts whose logprobs differ by more than X" }, \
	{ 0, "fresh", OPT_FLAG, &rl_options.fresh, NULL, \
	  "+start with fresh moments, not those of earlier rounds" }

/* Numbers out of range, and options that have no effect with the others given,
 * are a usage error. */
void rl_check_options(void);

const char *rl_loss_name(void);
bool rl_is_expert(void);
bool rl_is_dpo(void);

/* True if the input is conversations with two answers, not rollouts. */
bool rl_on_pairs(void);

/* Whether importance weights apply. They correct an expectation over what was
 * sampled, which imitation and preference learning do not have. */
bool rl_weighs(void);

/* Whether a reference model is used. */
bool rl_refers(void);

/* The objective of --loss, modified by other options; an empty one for dpo,
 * which has its own functions. */
struct objective rl_objective(void);

#endif
