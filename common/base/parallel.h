/* parallel.h - a loop over independent parts on a team of threads
 *
 * The only file that knows pthreads. One team a process, started at the first
 * use. Parts are handed out by an atomic counter, so who does a part varies,
 * but what a part computes must not depend on it: results never depend on
 * the number of threads.
 */
#ifndef PIPELM_PARALLEL_H
#define PIPELM_PARALLEL_H

#include <stddef.h>

/* Number of threads to use from now on, this one included; 0 = all
 * processors. May be called again only before the first parallel_for. */
void parallel_threads(int n);
int parallel_count(void);

/* Calls fn(ctx, i, thread) for every i in 0..n-1 and returns when all are
 * done; thread is in 0..parallel_count()-1. The caller works too. Memory that
 * the caller wrote before is seen by fn, and the other way round. Calls do
 * not nest: inside fn a parallel_for runs in the calling thread alone, with
 * its thread number. Waiting threads spin for some microseconds, then sleep. */
void parallel_for(size_t n, void (*fn)(void *ctx, size_t i, int thread),
	void *ctx);

#endif
