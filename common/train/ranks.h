/* ranks.h - processes that train one model together
 *
 * All ranks hold the same parameters and apply the same updates. For each
 * update every rank prepares all rows, which are a function of (seed, step),
 * and computes the gradient of its own share of them, selected by row number:
 * so the data and its order do not depend on the number of ranks. Between
 * gradient and update the ranks synchronise (trainer_meet): gradients and
 * losses are summed, and every rank gets the sums (all-reduce). Rank 0 makes
 * all decisions that depend on a clock or a signal. Only rank 0 writes files
 * and reports progress; a transport makes the others quiet (option_quiet).
 * Every rank computes validation.
 *
 * Without a transport there is one rank, and nothing is summed.
 */
#ifndef PIPELM_RANKS_H
#define PIPELM_RANKS_H

#include <stdbool.h>
#include <stddef.h>

struct ranks {
	size_t self, count;	/* self is below count */
	/* Replace x[0..n) by its sum over all ranks, added in rank order, with
	 * the same bits on every rank. Not called if there is one rank. */
	void (*sum_floats)(float *x, size_t n);
	void (*sum_doubles)(double *x, size_t n);
};

/* Rank 0 of 1, unless a transport sets it before the run begins. */
extern struct ranks ranks;

/* Sets *first and *end so that rows first to end-1 of n are this rank's:
 * consecutive rows; shares differ by at most one row. */
void ranks_share(size_t n, size_t *first, size_t *end);

void ranks_sum_floats(float *x, size_t n);
void ranks_sum_doubles(double *x, size_t n);

/* Returns rank 0's x on every rank. */
double ranks_first(double x);

/* True on rank 0, which writes for all. */
bool ranks_writes(void);

#endif
