/* rankings.h - answers that were compared with each other, for reward models
 *
 *	{"prompt":"...","chosen":"...","rejected":"...","margin":1}	a pair
 *	{"prompt":"...","answers":["...",...],"ranks":[1,2,2]}	1 is best
 *	{"prompt":"...","answers":["...",...],"scores":[.5,0]}	higher is better
 *	{"prompt":{"text":"...","replies":[{"text":"...","rank":0},..]}} a tree
 *	{"id":1,"prompt_ids":[..],"ids":[..],"reward":1}	graded rollouts
 *
 * A pair is a comparison. A ranking, as each turn of a tree, has one for each two
 * answers of different rank, and so has a group of rollouts, those with one id and
 * one prompt: each of its n comparisons weighs 1/n (Ouyang et al. 2022), a pair
 * weighs 1. All answers to a prompt stay together: in one update, and either trained
 * on or held out.
 */
#ifndef PIPELM_RANKINGS_H
#define PIPELM_RANKINGS_H

#include "common/train/answers.h"
#include "common/train/examples.h"

struct comparison {
	size_t better, worse;	/* examples */
	double margin;		/* by which the scores should differ; 0 */
	double weight;
	size_t prompt;		/* a number, the same for all of a prompt */
};

/* A prompt's part of the comparisons. */
struct ranked {
	size_t at, n;
};

/* Zero-initialise; rankings_free. */
struct rankings {
	struct examples examples;	/* a token longer than the answer: what
					 * pack.h takes for a target */
	struct comparison *v;		/* by prompt */
	size_t n, cap;
	struct ranked *prompts;
	size_t nprompt;
};

void rankings_free(struct rankings *r);

/* A hash of all that affects training. */
uint64_t rankings_hash(const struct rankings *r);

/* Bytes, including what a trainer adds. */
double rankings_bytes(const struct rankings *r);

/* Zero-initialise; the caller sets the first part. */
struct preferences {
	const struct answers *answers;
	size_t context;		/* tokens of a prompt and its answer */
	double share;		/* of the prompts held out, in [0, 1) */
	uint64_t seed;		/* with the prompt's text, selects them */

	struct rankings train, val;
	/* Counted, and left out. */
	uint64_t ungraded;	/* rollouts without a reward */
	uint64_t flat;		/* groups of rollouts with equal rewards */
	uint64_t turns;		/* of trees, with an answer of no use */
	uint64_t same;		/* comparisons of an answer with itself */
};

/* Reads all formats, mixed at will. Invalid lines are counted as in records.h:
 * a pair of equal answers, a ranking without a difference, an empty answer in
 * either, an answer that is too long. */
void preferences_read(struct preferences *p, char **files);

/* Reads those of a file into .val. */
void preferences_read_val(struct preferences *p, const char *file);

void preferences_free(struct preferences *p);

#endif
