/* exchange.c - gradients to their owners, parameters to all: see exchange.h
 *
 * A job goes in rounds. In each, the next CHUNK elements that a rank owns of the job's
 * tensors are packed, for every rank; every rank knows how many those are.
 */
#include "common/train/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/wire.h"
#include "common/train/ranks.h"

/* Floats in the chunks of all ranks together, and of one at least. */
enum { CHUNKS = 1 << 20, LEAST = 1 << 12 };

struct job {
	float *gradient;	/* to be summed; NULL: parameters to be gathered */
	size_t first, end;
};

/* Where a rank's elements of a job go on. */
struct cursor {
	size_t tensor, at;	/* at: element of its range */
};

struct exchange {
	const struct trained_tensors *of;
	const struct shares *shares;
	enum dtype wire;
	size_t chunk;		/* elements of a rank at once */
	struct cursor *next;	/* of each rank, in the current job */
	struct parcel *out, *in;	/* what they send, and get */
	char *out_memory, *in_memory;
	float *mine, *sum;	/* (chunk) */
	struct thread *thread;
	struct monitor *monitor;	/* for what follows */
	struct job *jobs;
	size_t njob, done, cap;
	bool closing;
};

/* ---- elements ---- */

/* What is done with n elements at x, of which packed holds the numbers. */
typedef void visitor(const struct exchange *e, float *x, void *packed, size_t n);

static float *elements(const struct exchange *e, const struct job *j,
	size_t tensor)
{
	const struct tensor *t = &e->of->tensors[tensor];

	return j->gradient ? j->gradient + t->offset : t->data;
}

/* Visits the next chunk of a rank's elements; returns how many they are. */
static size_t visit(struct exchange *e, const struct job *j, size_t rank,
	struct cursor *c, visitor *fn, void *packed, enum dtype type)
{
	size_t total = 0, n;

	while (c->tensor < j->end && total < e->chunk) {
		struct range r = shares_range(e->shares, c->tensor, rank);

		n = size_min(r.end - r.first - c->at, e->chunk - total);
		if (n && fn)
			fn(e, elements(e, j, c->tensor) + r.first + c->at,
				(char *)packed + dtype_bytes(type, total), n);
		total += n;
		c->at += n;
		if (c->at == r.end - r.first)
			*c = (struct cursor){ c->tensor + 1, 0 };
	}
	return total;
}

static void pack(const struct exchange *e, float *x, void *packed, size_t n)
{
	wire_pack(packed, e->wire, x, n);
}

static void take(const struct exchange *e, float *x, void *packed, size_t n)
{
	memcpy(packed, x, n * sizeof *x);
}

static void put(const struct exchange *e, float *x, void *packed, size_t n)
{
	memcpy(x, packed, n * sizeof *x);
}

/* ---- a round of a job ---- */

/* The numbers of all ranks for this rank's n elements, in rank order. */
static void add_up(struct exchange *e, size_t n)
{
	size_t r;

	memset(e->sum, 0, n * sizeof *e->sum);
	for (r = 0; r < ranks.count; r++)
		if (r == ranks.self)
			wire_add(e->sum, DTYPE_F32, e->mine, n);
		else
			wire_add(e->sum, e->wire, e->in[r].p, n);
}

/* Both return whether anything was left. */
static bool sum_round(struct exchange *e, const struct job *j)
{
	struct cursor mine = e->next[ranks.self];
	size_t n = 0, own = 0, r, k;

	for (r = 0; r < ranks.count; r++) {
		bool self = r == ranks.self;

		k = visit(e, j, r, &e->next[r], self ? take : pack,
			self ? e->mine : e->out[r].p,
			self ? DTYPE_F32 : e->wire);
		e->out[r].n = dtype_bytes(e->wire, k);
		own = self ? k : own;
		n += k;
	}
	if (!n)
		return false;
	for (r = 0; r < ranks.count; r++)
		e->in[r].n = dtype_bytes(e->wire, own);
	ranks.trade(e->out, e->in);
	add_up(e, own);
	visit(e, j, ranks.self, &mine, put, e->sum, DTYPE_F32);
	return true;
}

static bool gather_round(struct exchange *e, const struct job *j)
{
	struct parcel *out, own = { e->mine, 0 };
	size_t n = 0, r, k;

	own.n = sizeof(float) * visit(e, j, ranks.self, &e->next[ranks.self],
		take, e->mine, DTYPE_F32);
	for (r = 0; r < ranks.count; r++) {
		struct cursor c = e->next[r];

		k = r == ranks.self ? 0 : visit(e, j, r, &c, NULL, NULL,
			DTYPE_F32);
		e->in[r].n = k * sizeof(float);
		n += k;
	}
	if (!n && !own.n)
		return false;
	out = xcalloc(ranks.count, sizeof *out);
	for (r = 0; r < ranks.count; r++)
		out[r] = own;
	ranks.trade(out, e->in);
	free(out);
	for (r = 0; r < ranks.count; r++)
		if (r != ranks.self)
			visit(e, j, r, &e->next[r], put, e->in[r].p, DTYPE_F32);
	return true;
}

/* ---- the thread ---- */

static void do_job(struct exchange *e, const struct job *j)
{
	size_t r;

	for (r = 0; r < ranks.count; r++)
		e->next[r] = (struct cursor){ j->first, 0 };
	while (j->gradient ? sum_round(e, j) : gather_round(e, j))
		;
}

static void work(void *ctx)
{
	struct exchange *e = ctx;
	struct job j;

	monitor_enter(e->monitor);
	for (;;) {
		while (e->done == e->njob && !e->closing)
			monitor_wait(e->monitor);
		if (e->done == e->njob)
			break;
		j = e->jobs[e->done];
		monitor_leave(e->monitor);
		do_job(e, &j);
		monitor_enter(e->monitor);
		e->done++;
		monitor_wake(e->monitor);
	}
	monitor_leave(e->monitor);
}

static void queue(struct exchange *e, struct job j)
{
	if (j.first == j.end)
		return;
	monitor_enter(e->monitor);
	e->jobs = grow(e->jobs, e->njob, &e->cap, sizeof *e->jobs);
	e->jobs[e->njob++] = j;
	monitor_wake(e->monitor);
	monitor_leave(e->monitor);
}

void exchange_sum(struct exchange *e, float *gradient, size_t first, size_t end)
{
	queue(e, (struct job){ gradient, first, end });
}

void exchange_gather(struct exchange *e, size_t first, size_t end)
{
	queue(e, (struct job){ NULL, first, end });
}

void exchange_wait(struct exchange *e)
{
	monitor_enter(e->monitor);
	while (e->done < e->njob)
		monitor_wait(e->monitor);
	e->done = e->njob = 0;
	monitor_leave(e->monitor);
}

/* ---- memory ---- */

struct exchange *exchange_new(const struct trained_tensors *of,
	const struct shares *shares, enum dtype wire)
{
	struct exchange *e = xcalloc(1, sizeof *e);
	size_t n = ranks.count, bytes, r;

	e->of = of;
	e->shares = shares;
	e->wire = wire;
	e->chunk = size_max(CHUNKS / n, LEAST);
	e->next = xcalloc(n, sizeof *e->next);
	e->out = xcalloc(n, sizeof *e->out);
	e->in = xcalloc(n, sizeof *e->in);
	e->mine = xcalloc(2 * e->chunk, sizeof *e->mine);
	e->sum = e->mine + e->chunk;
	bytes = e->chunk * sizeof(float);
	e->out_memory = xmalloc(n * bytes);
	e->in_memory = xmalloc(n * bytes);
	for (r = 0; r < n; r++) {
		e->out[r].p = e->out_memory + r * bytes;
		e->in[r].p = e->in_memory + r * bytes;
	}
	e->monitor = monitor_new();
	e->thread = thread_start(work, e);
	return e;
}

void exchange_free(struct exchange *e)
{
	if (!e)
		return;
	monitor_enter(e->monitor);
	e->closing = true;
	monitor_wake(e->monitor);
	monitor_leave(e->monitor);
	thread_join(e->thread);
	monitor_free(e->monitor);
	free(e->next);
	free(e->out);
	free(e->in);
	free(e->out_memory);
	free(e->in_memory);
	free(e->mine);
	free(e->jobs);
	free(e);
}
