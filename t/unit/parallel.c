/* parallel - the team of threads: parallel THREADS LOOPS
 *
 * Runs LOOPS loops of 2 to 61 parts, some of them slow, and checks after each
 * that every part was done exactly once, that each thread number is below
 * THREADS, and that the writes of the parts are visible. Nested loops must run
 * in the calling thread. Exit 1 at the first fault.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

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

int main(int argc, char **argv)
{
	long loop, loops;
	size_t i, n;

	err_init(argv[0]);
	if (argc != 3)
		die_usage("usage: parallel THREADS LOOPS");
	parallel_threads(atoi(argv[1]));
	loops = atol(argv[2]);
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
	if (faults)
		die("%d wrong thread numbers", faults);
	return 0;
}
