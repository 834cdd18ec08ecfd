/* ranks.h - processes that train one model together
 *
 * All ranks hold the same parameters and take the same updates. Of every
 * update each rank makes all rows, which are a function of (seed, step), and
 * computes the gradient of those that are its own by their number: so data
 * and their order do not depend on how many ranks there are. Between gradient
 * and update they meet (trainer_meet): gradients and losses are added up, and
 * every rank has the sums. What a clock or a signal decides, rank 0 decides
 * for all. Rank 0 alone writes files and tells of progress; a transport makes
 * the others quiet (option_quiet). Validation is computed by each.
 *
 * Without a transport there is one rank, and sums are what they are.
 */
#ifndef PIPELM_RANKS_H
#define PIPELM_RANKS_H

#include <stdbool.h>
#include <stddef.h>

struct ranks {
	size_t self, count;	/* self is below count */
	/* Replace x[0..n) by its sum over all ranks, in the order of ranks, the
	 * same bits on each of them. Not called with one rank. */
	void (*sum_floats)(float *x, size_t n);
	void (*sum_doubles)(double *x, size_t n);
};

/* Rank 0 of 1, unless a transport sets it before the run begins. */
extern struct ranks ranks;

/* The rows first to end-1 of n are this rank's: consecutive ones, as many as
 * others have or one more. */
void ranks_share(size_t n, size_t *first, size_t *end);

void ranks_sum_floats(float *x, size_t n);
void ranks_sum_doubles(double *x, size_t n);

/* Rank 0's x, on every rank. */
double ranks_first(double x);

/* True on rank 0, which writes for all. */
bool ranks_writes(void);

#endif
