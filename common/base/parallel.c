/* parallel.c - a team of threads: see parallel.h; the only file that knows
 * pthreads
 */
#include "common/base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/cpu.h"
#include "common/base/err.h"
#include "common/base/mem.h"

/* Rounds of spinning before a waiting thread sleeps: some tens of
 * microseconds, more than the gap between two loops of a training step, less
 * than a scheduler's slice, so that a busy machine is not made busier. */
#define SPIN 20000

static struct {
	int n;			/* threads, the caller included */
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	_Atomic unsigned round;	/* a new value: there is a new loop */
	_Atomic size_t next;
	_Atomic int busy;	/* helpers still inside the present loop */
	size_t end;
	void (*fn)(void *ctx, size_t i, int thread);
	void *ctx;
} team = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER };

static _Thread_local int my_number;
static _Thread_local bool inside;

static inline void pause_a_little(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

static void work(void)
{
	size_t i;

	inside = true;
	while ((i = atomic_fetch_add_explicit(&team.next, 1,
			memory_order_relaxed)) < team.end)
		team.fn(team.ctx, i, my_number);
	inside = false;
}

static void *helper(void *arg)
{
	unsigned seen = 0;

	my_number = (int)(intptr_t)arg;
	for (;;) {
		int spin = 0;

		while (atomic_load_explicit(&team.round,
				memory_order_acquire) == seen) {
			if (spin++ < SPIN) {
				pause_a_little();
				continue;
			}
			pthread_mutex_lock(&team.lock);
			while (atomic_load(&team.round) == seen)
				pthread_cond_wait(&team.wake, &team.lock);
			pthread_mutex_unlock(&team.lock);
		}
		seen++;
		work();
		atomic_fetch_sub_explicit(&team.busy, 1, memory_order_release);
	}
	return NULL;
}

void parallel_threads(int n)
{
	if (n < 0 || n > 1024)
		die_usage("-j is %d, not a number from 1 to 1024", n);
	if (!team.started)
		team.n = n ? n : cpu_count();
}

int parallel_count(void)
{
	if (!team.n)
		team.n = cpu_count();
	return team.n;
}

static void start_team(void)
{
	pthread_attr_t attr;
	int i;

	team.started = true;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (i = 1; i < team.n; i++) {
		pthread_t t;

		if (pthread_create(&t, &attr, helper, (void *)(intptr_t)i))
			die("cannot start thread %d of %d", i + 1, team.n);
	}
	pthread_attr_destroy(&attr);
}

void parallel_for(size_t n, void (*fn)(void *ctx, size_t i, int thread),
	void *ctx)
{
	size_t i;

	if (n < 2 || inside || parallel_count() < 2) {
		for (i = 0; i < n; i++)
			fn(ctx, i, my_number);
		return;
	}
	if (!team.started)
		start_team();
	team.fn = fn;
	team.ctx = ctx;
	team.end = n;
	atomic_store_explicit(&team.next, 0, memory_order_relaxed);
	atomic_store_explicit(&team.busy, team.n - 1, memory_order_relaxed);
	pthread_mutex_lock(&team.lock);
	atomic_fetch_add_explicit(&team.round, 1, memory_order_release);
	pthread_cond_broadcast(&team.wake);
	pthread_mutex_unlock(&team.lock);
	work();
	for (i = 0; atomic_load_explicit(&team.busy, memory_order_acquire);
		i++) {
		if (i < SPIN)
			pause_a_little();
		else
			sched_yield();
	}
}

struct worker {
	pthread_t thread;
	void (*fn)(void *ctx);
	void *ctx;
};

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	/* A worker beside the team computes alone. */
	inside = true;
	w->fn(w->ctx);
	return NULL;
}

struct worker *worker_start(void (*fn)(void *ctx), void *ctx)
{
	struct worker *w = xcalloc(1, sizeof *w);

	w->fn = fn;
	w->ctx = ctx;
	if (pthread_create(&w->thread, NULL, worker_main, w))
		die("cannot start a thread");
	return w;
}

void worker_join(struct worker *w)
{
	pthread_join(w->thread, NULL);
	free(w);
}
