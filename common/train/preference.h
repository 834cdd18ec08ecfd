/* preference.h - losses of a better and a worse answer to one prompt
 *
 * Each is a function of the log-probabilities of the two answers under the model
 * that learns and, but for two of them, a frozen reference model. Each is a row
 * of a table, and its numbers can be overridden.
 */
#ifndef PIPELM_PREFERENCE_H
#define PIPELM_PREFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* An answer's score s is the log-probability of its tokens, minus that under the
 * reference model if there is one; c and r: the chosen and the rejected one. */
enum preference_kind {
	PREFERENCE_LOGISTIC,	/* -log sigmoid(x), x = beta (c - r) - margin */
	PREFERENCE_SQUARE,	/* (c - r - 1 / (2 beta))^2 */
	PREFERENCE_HINGE,	/* max(0, 1 - x) */
	PREFERENCE_SEPARATE,	/* 1 - sigmoid(beta c) + sigmoid(beta r) */
	PREFERENCE_ODDS		/* -beta log sigmoid(log of the ratio of the
				 * odds of e^c and e^r) */
};

struct preference {
	const char *name;
	enum preference_kind kind;
	bool reference;		/* whether there is one */
	bool per_token;		/* scores are means over tokens, not sums */
	bool unbiased;		/* smoothing: see preference_loss */
	double beta, margin;
	double smoothing;	/* logistic: probability that a pair is the
				 * wrong way round */
	double nll;		/* times the mean over tokens of minus the chosen
				 * answer's log-probability, added to the loss */
};

/* The loss of that name: dpo, ipo, hinge, robust, dpo-norm, simpo, apo-zero,
 * orpo; NULL if there is none. */
const struct preference *preference_find(const char *name);
#define PREFERENCE_WORDS \
	"dpo|ipo|hinge|robust|dpo-norm|simpo|apo-zero|orpo"

/* An answer, with sums over its learned tokens, of which there are some. */
struct answered {
	double logprob, ref;	/* ref is unused without a reference model */
	size_t tokens;
};

struct preferred {
	double loss;
	double chosen, rejected;	/* derivatives of the loss with respect
					 * to the logprob of each answer */
	double margin;		/* beta (c - r) */
	bool right;		/* c > r */
};

/* The loss of a pair. smoothing e turns f(x) = -log sigmoid(x) into
 * (1 - e) f(x) + e f(-x) (cDPO); if unbiased, into ((1 - e) f(x) - e f(-x)) /
 * (1 - 2 e), whose expectation over pairs swapped with that probability is
 * f(x). */
struct preferred preference_loss(const struct preference *p,
	const struct answered *chosen, const struct answered *rejected);

#endif
