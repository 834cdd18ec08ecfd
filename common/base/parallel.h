/* parallel.h - a loop over independent parts on a team of threads; and, for
 * servers, a thread beside the main one
 *
 * The only file that uses pthreads. There is one team per process, started at
 * the first use. Parts are handed out by an atomic counter, so it varies which
 * thread does a part, but its result must not depend on that: results never
 * depend on the number of threads.
 */
#ifndef PIPELM_PARALLEL_H
#define PIPELM_PARALLEL_H

#include <stddef.h>

/* Sets the number of threads, including this one; 0: what PIPELM_THREADS in the
 * environment says, or else one per processor. May be called again only before the
 * first parallel_for. */
void parallel_threads(int n);
int parallel_count(void);

/* Calls fn(ctx, i, thread) for every i in 0..n-1 and returns when all calls have
 * returned; thread is in 0..parallel_count()-1. The caller takes part. Writes
 * before the call are visible to fn, and writes of fn after it. Calls do not
 * nest: inside fn, parallel_for runs in the calling thread alone, with its
 * thread number. Waiting threads spin for some microseconds, then sleep; one that
 * finds itself on the processor of another moves to a free one or sleeps. */
void parallel_for(size_t n, void (*fn)(void *ctx, size_t i, int thread),
	void *ctx);

/* Starts a thread that runs fn(ctx), which must not call parallel_for; it blocks
 * all signals, so that the main thread handles them. thread_join waits until fn
 * returns, and frees t. */
struct thread;
struct thread *thread_start(void (*fn)(void *ctx), void *ctx);
void thread_join(struct thread *t);

/* Mutual exclusion for data that threads share, and waiting for a change of it
 * (Hoare 1974): between monitor_enter and monitor_leave a thread is alone;
 * monitor_wait leaves, sleeps until monitor_wake, and enters again, possibly
 * without reason, so call it in a loop that tests what it waits for. */
struct monitor;
struct monitor *monitor_new(void);
void monitor_free(struct monitor *m);
void monitor_enter(struct monitor *m);
void monitor_leave(struct monitor *m);
void monitor_wait(struct monitor *m);
void monitor_wake(struct monitor *m);	/* all who wait */

#endif
