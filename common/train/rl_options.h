/* rl_options.h - options of reinforcement and preference learning */
#ifndef PIPELM_RL_OPTIONS_H
#define PIPELM_RL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/options.h"
#include "common/train/objective.h"
#include "common/train/preference.h"

struct rl_options {
	const char *ref;	/* directory of the frozen model, or NULL */
	int loss, average, ratio, kl, is_mode, group;
	int64_t epochs, batch;	/* batch 0: all */
	double clip_low, clip_high, kl_loss, kl_reward, entropy, beta, margin,
		smoothing, nll, check, is_low, is_cap;
	bool best_worst, any_model, fresh;
};
extern struct rl_options rl_options;

#define RL_LOSS_WORDS OBJECTIVE_WORDS "|" PREFERENCE_WORDS

#define RL_OPTIONS \
	{ 0, "loss", OPT_ENUM, &rl_options.loss, RL_LOSS_WORDS, \
	  "objective, or loss of pairs of answers (grpo)" }, \
	{ 0, "ref", OPT_STR, &rl_options.ref, "DIR", \
	  "frozen reference model of KL and pairs (pairs: the model itself)" }, \
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
	{ 0, "kl-estimator", OPT_ENUM, &rl_options.kl, "k1|k2|k3", \
	  "+estimator of the KL divergence in the loss (k3)" }, \
	{ 0, "clip-low", OPT_FLOAT, &rl_options.clip_low, "X", \
	  "+clip the ratio below 1-X (by the objective)" }, \
	{ 0, "clip-high", OPT_FLOAT, &rl_options.clip_high, "X", \
	  "+clip the ratio above 1+X (by the objective)" }, \
	{ 0, "ratio", OPT_ENUM, &rl_options.ratio, "token|sequence", \
	  "+ratio of each token or of the answer (by the objective)" }, \
	{ 0, "average", OPT_ENUM, &rl_options.average, \
	  "tokens|sequences|length", \
	  "+how tokens are averaged (by the objective)" }, \
	{ 0, "group", OPT_ENUM, &rl_options.group, "id|prompt", \
	  "+what the answers of a group have in common (id)" }, \
	{ 0, "is-cap", OPT_FLOAT, &rl_options.is_cap, "X", \
	  "+largest importance weight, 0 for no weights (2)" }, \
	{ 0, "is-low", OPT_FLOAT, &rl_options.is_low, "X", \
	  "+smallest importance weight (0)" }, \
	{ 0, "is-mode", OPT_ENUM, &rl_options.is_mode, \
	  "truncate|mask|sequence-truncate|sequence-mask", \
	  "+weights out of range: moved into it or 0 (truncate)" }, \
	{ 0, "beta", OPT_FLOAT, &rl_options.beta, "X", \
	  "+pairs: beta (by the loss)" }, \
	{ 0, "margin", OPT_FLOAT, &rl_options.margin, "X", \
	  "+pairs: margin of the difference of scores (0, simpo: 1.375)" }, \
	{ 0, "smoothing", OPT_FLOAT, &rl_options.smoothing, "X", \
	  "+pairs: share whose labels are swapped (0, robust: 0.1)" }, \
	{ 0, "nll", OPT_FLOAT, &rl_options.nll, "X", \
	  "+pairs: weight of the chosen answer's own loss (0, orpo: 1)" }, \
	{ 0, "best-worst", OPT_FLAG, &rl_options.best_worst, NULL, \
	  "+pairs: pair the best and worst of graded rollouts" }, \
	{ 0, "check-logprobs", OPT_FLOAT, &rl_options.check, "X", \
	  "+refuse rollouts whose logprobs differ by more than X" }, \
	{ 0, "any-model", OPT_FLAG, &rl_options.any_model, NULL, \
	  "+take rollouts of other models than -m" }, \
	{ 0, "fresh", OPT_FLAG, &rl_options.fresh, NULL, \
	  "+start with fresh moments, not those of earlier rounds" }

/* Numbers out of range, and options that have no effect with the others given,
 * are a usage error. */
void rl_check_options(void);

const char *rl_loss_name(void);

/* True if the loss is one of pairs of answers. */
bool rl_pairs(void);

/* True if the input is conversations with two answers, not rollouts. */
bool rl_on_pairs(void);

/* Whether importance weights apply. They correct an expectation over what was
 * sampled, which imitation and preference learning do not have. */
bool rl_weighs(void);

/* Whether a reference model is used. */
bool rl_refers(void);

/* The objective or the loss of pairs of --loss, modified by other options; empty
 * if it is one of the other kind. */
struct objective rl_objective(void);
struct preference rl_preference(void);
struct importance rl_importance(void);

#endif
