/* ranks.h - processes that train one model together
 *
 * All ranks hold the same parameters. For each update every rank prepares all
 * rows, which are a function of (seed, step), and computes the gradient of its own
 * share of them, selected by row number: so the data and its order do not depend on
 * the number of ranks. Each rank then gets the sums of a part of the gradient,
 * updates that part of the parameters, and sends it to the others (exchange.h).
 * Rank 0 makes all decisions that depend on a clock, a signal or the file system.
 * Only rank 0 writes files, reports progress and warns. Validation is divided too.
 *
 * Without a transport there is one rank, and nothing is exchanged. A transport has
 * one operation; everything here and in exchange.h is made of it.
 */
#ifndef PIPELM_RANKS_H
#define PIPELM_RANKS_H

#include <stdbool.h>
#include <stddef.h>

/* n bytes for a rank, or from one; n = 0: none. */
struct parcel {
	void *p;
	size_t n;
};

struct ranks {
	size_t self, count;	/* self is below count */
	/* Sends out[r] to each other rank r, and receives in[r] from it, which has
	 * the size that r sends. Returns when all of it is done, and sleeps until
	 * then, for other threads compute. What one rank sends another arrives in
	 * the order of calls, and only these two need to call. Never called by
	 * two threads at once, nor if there is one rank. */
	void (*trade)(const struct parcel *out, const struct parcel *in);
};

/* Rank 0 of 1, unless a transport sets it before the run begins. */
extern struct ranks ranks;

/* ranks_mpi.c: connects to the other processes if mpirun, srun or the like started
 * several. The first thing that a trainer does: from then on, die() ends all of
 * them. Fatal if there are several and this program was built without MPI. */
void ranks_start(const char *argv0);

/* How many processes the launcher started, as far as the environment tells; 1 if
 * there is no launcher. */
size_t ranks_launched(void);

/* For a program that runs as one process: fatal if a launcher started several. */
void ranks_refuse(void);

/* Dies unless every rank can read these operands: with several ranks, there must be
 * one at least, and no stream. */
void ranks_check_files(char *const *files);

/* Sets *first and *end so that rows first to end-1 of n are this rank's:
 * consecutive rows; shares differ by at most one row. ranks_share_of: those of
 * rank `self` of `count`. */
void ranks_share(size_t n, size_t *first, size_t *end);
void ranks_share_of(size_t self, size_t count, size_t n, size_t *first,
	size_t *end);

/* Replaces x (n) by its sum over all ranks, added in rank order: the same bits on
 * every rank. */
void ranks_sum_floats(float *x, size_t n);
void ranks_sum_doubles(double *x, size_t n);

/* Returns rank 0's x on every rank, none of which is done before all have begun. */
double ranks_first(double x);

/* Returns the largest x of all ranks. */
double ranks_max(double x);

/* Moves n bytes from one rank to another; others need not call. */
void ranks_move(size_t from, size_t to, void *p, size_t n);

/* True on rank 0, which writes for all. */
bool ranks_writes(void);

#endif
