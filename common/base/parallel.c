/* parallel.c - a team of threads: see parallel.h; the only file that uses
 * pthreads
 */
#include "common/base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/cpu.h"
#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/progress.h"

/* How long a waiting thread spins before it sleeps: more than the gap between two
 * loops of a training step or a token, but a small part of a scheduler's time
 * slice. On a busy machine, what a thread spins it lacks later. */
#define SPIN_SECONDS 50e-6

/* How long a thread sleeps for whose team there are too few processors. */
#define NAP_NANOSECONDS 1000000
#define NAPS 8		/* at most, in one loop */

#define MOST 1024	/* threads */

#define OPEN ((uint64_t)1 << 31)
#define ASLEEP ((uint64_t)1 << 30)
#define INSIDE (ASLEEP - 1)

static struct {
	int n;			/* threads, including the caller */
	bool started;
	pthread_mutex_t lock;
	pthread_cond_t wake, empty;
	/* Upper half: the number of the loop. OPEN: helpers may enter it.
	 * ASLEEP: the caller sleeps until it is empty. The other bits count the
	 * helpers inside. */
	_Atomic uint64_t state;
	_Atomic size_t next;
	size_t end;
	_Atomic int *at;	/* by thread: its processor, -1: asleep or not known */
	void (*fn)(void *ctx, size_t i, int thread);
	void *ctx;
} team = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.wake = PTHREAD_COND_INITIALIZER, .empty = PTHREAD_COND_INITIALIZER };

static _Thread_local int my_number;
static _Thread_local bool inside;

static void work(void)
{
	size_t i;

	inside = true;
	while ((i = atomic_fetch_add_explicit(&team.next, 1,
			memory_order_relaxed)) < team.end)
		team.fn(team.ctx, i, my_number);
	inside = false;
}

/* ---- processors ----
 *
 * On a busy machine, the scheduler may put two threads of the team on one
 * processor, where one that spins keeps off the one that it waits for.
 */

/* Notes where this thread is. */
static void stand(int cpu)
{
	if (atomic_load_explicit(&team.at[my_number], memory_order_relaxed) !=
		cpu)
		atomic_store_explicit(&team.at[my_number], cpu,
			memory_order_relaxed);
}

/* Whether one of the first n threads, other than this, is on a processor. */
static bool taken(int cpu, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (i != my_number && atomic_load_explicit(&team.at[i],
			memory_order_relaxed) == cpu)
			return true;
	return false;
}

static bool crowded(int n)
{
	int cpu = cpu_current();

	return cpu >= 0 && taken(cpu, n);
}

/* Leaves the processor to the threads before this one. */
static void step_aside(void)
{
	const struct timespec t = { .tv_nsec = NAP_NANOSECONDS };

	if (cpu_move(taken, my_number))
		return;
	stand(-1);
	nanosleep(&t, NULL);
}

/* ---- waiting ---- */

static inline void pause_a_little(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

struct spin {
	int n;
	double end;		/* 0: not known yet */
};

/* A turn of a waiting thread; false when it should sleep: after a while, or if
 * one of the first n threads needs this processor. */
static bool spin_on(struct spin *s, int n)
{
	double now;

	if (s->n++ % 64) {
		pause_a_little();
		return true;
	}
	if (crowded(n))
		return false;
	now = clock_seconds();
	if (!s->end)
		s->end = now + SPIN_SECONDS;
	return now < s->end;
}

static uint64_t round_of(uint64_t state)
{
	return state >> 32;
}

/* Waits for a loop other than number seen; returns its number. */
static uint64_t wait_round(uint64_t seen)
{
	struct spin spin = { 0 };
	uint64_t s;

	do {
		s = atomic_load_explicit(&team.state, memory_order_acquire);
		if (round_of(s) != seen)
			return round_of(s);
	} while (spin_on(&spin, my_number));
	stand(-1);
	pthread_mutex_lock(&team.lock);
	while (round_of(s = atomic_load(&team.state)) == seen)
		pthread_cond_wait(&team.wake, &team.lock);
	pthread_mutex_unlock(&team.lock);
	return round_of(s);
}

/* The same for a helper, which leaves a processor to those before it. It does not
 * stay away from a loop that is open for long. */
static uint64_t next_round(uint64_t seen)
{
	uint64_t round = wait_round(seen), s;
	int naps = 0;

	while (naps++ < NAPS && crowded(my_number)) {
		step_aside();
		s = atomic_load_explicit(&team.state, memory_order_acquire);
		if (round_of(s) == round && s & OPEN)
			continue;
		round = wait_round(round);
		naps = 0;
	}
	stand(cpu_current());
	return round;
}

/* Enters loop number round unless it is closed. */
static bool enter(uint64_t round)
{
	uint64_t s = atomic_load(&team.state);

	while (round_of(s) == round && (s & OPEN))
		if (atomic_compare_exchange_weak(&team.state, &s, s + 1))
			return true;
	return false;
}

static void leave(void)
{
	uint64_t s = atomic_fetch_sub(&team.state, 1);

	if (!(s & ASLEEP) || (s & INSIDE) != 1)
		return;
	pthread_mutex_lock(&team.lock);
	pthread_cond_signal(&team.empty);
	pthread_mutex_unlock(&team.lock);
}

/* Waits until all helpers have left the loop. On a busy machine, one may not be
 * running; while this thread sleeps, the scheduler owes it time. */
static void wait_empty(void)
{
	struct spin spin = { 0 };

	do
		if (!(atomic_load_explicit(&team.state, memory_order_acquire) &
			INSIDE))
			return;
	while (spin_on(&spin, team.n));
	atomic_fetch_or(&team.state, ASLEEP);
	pthread_mutex_lock(&team.lock);
	while (atomic_load(&team.state) & INSIDE)
		pthread_cond_wait(&team.empty, &team.lock);
	pthread_mutex_unlock(&team.lock);
}

static void *helper(void *arg)
{
	uint64_t seen = 0;

	my_number = (int)(intptr_t)arg;
	for (;;) {
		seen = next_round(seen);
		if (!enter(seen))
			continue;
		work();
		leave();
	}
	return NULL;
}

/* What nobody has set: as the environment says, or one per processor. */
static int usual_threads(void)
{
	const char *s = getenv("PIPELM_THREADS");
	char *end;
	long n;

	if (!s || !*s)
		return cpu_count();
	n = strtol(s, &end, 10);
	if (*end || n < 1 || n > MOST)
		die_usage("PIPELM_THREADS is '%s', not a number from 1 to %d", s,
			MOST);
	return (int)n;
}

void parallel_threads(int n)
{
	if (n < 0 || n > MOST)
		die_usage("-j is %d, not a number from 1 to %d", n, MOST);
	if (!team.started)
		team.n = n ? n : usual_threads();
}

int parallel_count(void)
{
	if (!team.n)
		team.n = usual_threads();
	return team.n;
}

static void start_team(void)
{
	pthread_attr_t attr;
	int i;

	team.started = true;
	team.at = xcalloc((size_t)team.n, sizeof *team.at);
	for (i = 0; i < team.n; i++)
		atomic_init(&team.at[i], -1);
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
	stand(cpu_current());
	team.fn = fn;
	team.ctx = ctx;
	team.end = n;
	atomic_store_explicit(&team.next, 0, memory_order_relaxed);
	pthread_mutex_lock(&team.lock);
	i = round_of(atomic_load(&team.state)) + 1;
	atomic_store(&team.state, (uint64_t)i << 32 | OPEN);
	pthread_cond_broadcast(&team.wake);
	pthread_mutex_unlock(&team.lock);
	work();
	/* All parts are taken. Helpers that have not arrived yet, on a busy
	 * machine, are not waited for. */
	atomic_fetch_and(&team.state, ~OPEN);
	wait_empty();
}

/* ---- a thread beside the main one ---- */

struct thread {
	pthread_t id;
	void (*fn)(void *ctx);
	void *ctx;
};

static void *run_thread(void *arg)
{
	struct thread *t = arg;

	t->fn(t->ctx);
	return NULL;
}

struct thread *thread_start(void (*fn)(void *ctx), void *ctx)
{
	struct thread *t = xcalloc(1, sizeof *t);
	sigset_t all, old;

	t->fn = fn;
	t->ctx = ctx;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&t->id, NULL, run_thread, t))
		die("cannot start a thread");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return t;
}

void thread_join(struct thread *t)
{
	pthread_join(t->id, NULL);
	free(t);
}

struct monitor {
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

struct monitor *monitor_new(void)
{
	struct monitor *m = xcalloc(1, sizeof *m);

	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	return m;
}

void monitor_free(struct monitor *m)
{
	pthread_mutex_destroy(&m->lock);
	pthread_cond_destroy(&m->changed);
	free(m);
}

void monitor_enter(struct monitor *m)
{
	pthread_mutex_lock(&m->lock);
}

void monitor_leave(struct monitor *m)
{
	pthread_mutex_unlock(&m->lock);
}

void monitor_wait(struct monitor *m)
{
	pthread_cond_wait(&m->changed, &m->lock);
}

void monitor_wake(struct monitor *m)
{
	pthread_cond_broadcast(&m->changed);
}
