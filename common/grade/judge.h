/* judge.h - one way to score rollouts: the seam between grading.c, which reads
 * and writes them, and what judges
 *
 * A judge looks at single rollouts, by all threads at once (rules, programs, unit
 * tests), and may score them later, many at once (a model that computes in
 * batches). A rollout that cannot be judged gets no score but a cause; it takes no
 * part in training.
 */
#ifndef PIPELM_JUDGE_H
#define PIPELM_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/sandbox.h"
#include "common/format/rollout.h"
#include "common/grade/grader.h"

struct verdict {
	double score;
	const char *cause;	/* NULL: the score counts; else why there is
				 * none, in a few words that are valid until
				 * the next batch */
	int fault;		/* the judge's own, from one to note */
	uint64_t vote;		/* what the text settles on, see grader.h */
	uint64_t gold;
};

/* The reference is missing, or cannot be used. */
extern const char JUDGE_NO_ANSWER[];

struct judge;

struct judge_kind {
	/* Judges rollout i of a batch, of which the text was read, or takes it
	 * for batch; by thread `thread` of parallel_for. May read more of x. v is
	 * zeroed. */
	void (*one)(struct judge *j, size_t i, int thread, struct rollout *x,
		struct verdict *v);

	/* The rest may be NULL. Scores those of the n rollouts of a batch that
	 * are good and have no cause; v[i] points to the verdict of rollout i,
	 * or is NULL. Called outside of parallel_for. lines, bytes: of a batch,
	 * for each thread, if it wants more than other judges. */
	void (*batch)(struct judge *j, size_t n, struct verdict *const *v);
	size_t lines, bytes;

	/* From the main thread. note: after each verdict, in the order of the
	 * rollouts; may die, when nothing good will come. pause: after many.
	 * finish: after the last, before the output is closed. */
	void (*note)(struct judge *j, const struct rollout *x,
		const struct verdict *v);
	void (*pause)(struct judge *j);
	void (*finish)(struct judge *j);
	void (*free)(struct judge *j);
};

/* What all judges begin with. Each is made by its own function, and freed by
 * judge_free. */
struct judge {
	const struct judge_kind *kind;
	const char *name;	/* under which its scores are noted */
	double weight;		/* in the reward; 1 */
	double chance;		/* the score of guessing, or 0: unknown */
};

/* Judges by a rule of grader.h. */
struct judge *judge_rule(const char *name, const struct grader_options *o);

/* Asks a program, started with sh -c once a thread, that answers each rollout
 * with a line that is a number, within some seconds. */
struct judge *judge_command(const char *command, double seconds);

/* Judges the length: 1 from `from` to `to`, and less in proportion at a distance up
 * to edge from there, where it is 0. With from 0 and an edge, the penalty for long
 * answers of DAPO (Yu 2025), plus 1. */
enum length_unit { LENGTH_TOKENS, LENGTH_WORDS, LENGTH_CHARACTERS };
struct length_options {
	enum length_unit unit;
	double from, to, edge;
};
struct judge *judge_length(const struct length_options *o);

/* Runs the text's last code block, or all of it, with the tests of the rollout:
 * `tests` or `answer`, one or a list. A string is a program that follows the code
 * and passes when it is run to its end; an object has an `input` and the `output`
 * that the code as a program must give. The score is the share of tests passed.
 * Each runs in a sandbox of its own (sandbox.h). */
struct tests_options {
	const char *run;	/* a command for the program $1, instead of
				 * Python; then its exit status says whether a
				 * test has passed */
	bool all;		/* a score only if all have */
	struct sandbox_limits limits;
};
struct judge *judge_tests(const struct tests_options *o);

void judge_free(struct judge *j);

#endif
