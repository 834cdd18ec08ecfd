/* marks.h - what came of a run of judges: counts, means, and a summary */
#ifndef PIPELM_MARKS_H
#define PIPELM_MARKS_H

#include "common/grade/judge.h"

struct marks;

/* judges (n) must stay. summary: the file for the summary, tried now, or NULL;
 * by: a key of rollouts, for a summary of each value, or NULL. */
struct marks *marks_new(struct judge *const *judges, size_t n,
	const char *summary, const char *by);

/* Counts a rollout with its verdicts (n). */
void marks_add(struct marks *m, const struct rollout *x,
	const struct verdict *v);

/* The live line of progress. */
void marks_progress(const struct marks *m);

/* Dies if a judge could use the reference of none of the rollouts. */
void marks_check(const struct marks *m);

/* Writes the summary, says the counts on standard error. */
void marks_summary(const struct marks *m);
void marks_free(struct marks *m);

#endif
