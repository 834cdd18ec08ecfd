/* parallel - the team of threads: parallel THREADS LOOPS [one | COUNT]
 *
 * Runs LOOPS loops of 2 to 61 parts, some of them slow, and checks after each
 * that every part was done exactly once, that each thread number is below
 * THREADS, and that the writes of the parts are visible. Nested loops must run
 * in the calling thread. Before, a second thread and this one take turns under a
 * monitor, and threads wait for slow parts. With "one", the threads share one
 * processor, and must not keep it from one another: they are counted as they
 * change places. With COUNT, there must be so many threads. Exit 1 at the first
 * fault.
 */
#ifdef __linux__
#define _GNU_SOURCE	/* sched_setaffinity */
#include <sched.h>
#endif
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "common/base/cpu.h"
#include "common/base/err.h"
#include "common/base/parallel.h"

enum { PARTS = 64 };

static int done[PARTS];		/* each part writes its own element */
static _Atomic int faults;

static void inner(void *ctx, size_t i, int thread)
{
	if (thread != *(const int *)ctx)
		faults++;
}

static void part(void *ctx, size_t i, int thread)
{
	volatile int k;

	done[i]++;
	if (thread < 0 || thread >= parallel_count())
		faults++;
	for (k = 0; k < 1000 && i % 8 == 3; k++)
		;
	if (i % 16 == 0)
		parallel_for(3, inner, &thread);
}

/* A thread beside this one, and a baton that both pass to and fro. */
struct baton {
	struct monitor *lock;
	int at;			/* whose turn it is */
	long passed, times;
};

static void pass(struct baton *b, int me)
{
	long i;

	monitor_enter(b->lock);
	for (i = 0; i < b->times; i++) {
		while (b->at != me)
			monitor_wait(b->lock);
		b->passed++;
		b->at = !me;
		monitor_wake(b->lock);
	}
	monitor_leave(b->lock);
}

static void second(void *ctx)
{
	pass(ctx, 1);
}

static void pass_baton(void)
{
	struct baton b = { monitor_new(), 0, 0, 5000 };
	struct thread *t = thread_start(second, &b);

	pass(&b, 0);
	thread_join(t);
	monitor_free(b.lock);
	if (b.passed != 2 * b.times)
		die("a baton was passed %ld times", b.passed);
}

/* The caller sleeps while it waits for others: a loop whose parts sleep, longer in
 * them, takes hardly any processor time. */
static void slow_part(void *ctx, size_t i, int thread)
{
	struct timespec t = { 0, thread ? 40000000 : 1000000 };

	nanosleep(&t, NULL);
}

static void wait_asleep(void)
{
	double used = -(double)clock();
	int i;

	for (i = 0; i < 10; i++)
		parallel_for((size_t)parallel_count(), slow_part, NULL);
	used = (used + (double)clock()) / CLOCKS_PER_SEC;
	if (used > .04)
		die("waiting 0.4 s for slow parts took %g s", used);
}

/* A loop that stays open needs every thread, also one that had stepped aside: a part
 * waits until another thread has begun the other one, and keeps its processor, so that
 * this thread finds it taken. */
static void wait_for_another(void *ctx, size_t i, int thread)
{
	static _Atomic int begun;
	double end = (double)time(NULL) + 20;

	begun++;
	while (begun < 2)
		if ((double)time(NULL) > end)
			die("no second thread came to a loop in 20 s");
}

/* Runs the process on one processor; returns false where it cannot. */
static bool share_processor(void)
{
#ifdef __linux__
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu_current(), &set);
	return !sched_setaffinity(0, sizeof set, &set);
#else
	return false;
#endif
}

static long switches(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_nvcsw + r.ru_nivcsw;
}

int main(int argc, char **argv)
{
	bool one = argc == 4 && !strcmp(argv[3], "one");
	long loop, loops, before;
	size_t i, n;

	err_init(argv[0]);
	if (argc < 3 || argc > 4)
		die_usage("usage: parallel THREADS LOOPS [one | COUNT]");
	parallel_threads(atoi(argv[1]));
	if (argc == 4 && !one && parallel_count() != atoi(argv[3]))
		die("%d threads", parallel_count());
	loops = atol(argv[2]);
	one = one && share_processor();
	if (!one) {
		pass_baton();
		wait_asleep();
	}
	if (parallel_count() > 1)
		parallel_for(2, wait_for_another, NULL);
	before = switches();
	for (loop = 0; loop < loops; loop++) {
		n = 2 + (size_t)loop % 60;
		for (i = 0; i < PARTS; i++)
			done[i] = 0;
		parallel_for(n, part, NULL);
		for (i = 0; i < PARTS; i++)
			if (done[i] != (i < n))
				die("loop %ld of %zu parts: part %zu was done "
				    "%d times", loop, n, i, done[i]);
	}
	if (one && switches() - before > loops / 4)
		die("%ld changes of threads in %ld loops",
			switches() - before, loops);
	if (faults)
		die("%d wrong thread numbers", faults);
	return 0;
}
