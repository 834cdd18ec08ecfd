/* predict.c - what rows of logits predict, on all threads: see kernel.h */
#include "common/kernel/rows.h"

#include "common/kernel/kernel.h"

struct prediction {
	const float *logits;
	size_t stride, usable, top;
	const int32_t *target;
	const float *logprob;
	int32_t *rank;
	struct logit *best;
};

/* Branch-free: the loop runs over a whole vocabulary. */
static size_t count_likelier(const float *x, size_t n, size_t target)
{
	float bound = x[target];
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		count += x[i] > bound || (x[i] >= bound && i < target);
	return count;
}

static void rank_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct prediction *p = ctx;
	size_t r;

	for (r = begin; r < end; r++)
		p->rank[r] = p->target[r] < 0 ? 0 : (int32_t)count_likelier(
			p->logits + r * p->stride, p->usable,
			(size_t)p->target[r]);
}

void logits_rank(int32_t *rank, const float *logits, size_t stride, size_t rows,
	size_t usable, const int32_t *target)
{
	struct prediction p = { .logits = logits, .stride = stride,
		.usable = usable, .target = target, .rank = rank };

	rows_each(rows, rows_step(stride), rank_part, &p);
}

/* The largest logits of a row as log-probabilities, likeliest first. */
static void best_row(const struct prediction *p, size_t r)
{
	const float *x = p->logits + r * p->stride;
	float shift = x[p->target[r]] - p->logprob[r];
	struct logit heap[LOGITS_BEST];
	struct logit *best = p->best + r * p->top;
	size_t n = logits_top(heap, x, p->usable, p->top), i;

	logits_heap(heap, n);
	for (i = 0; i < p->top && n; i++) {
		best[i] = logits_pop(heap, &n);
		best[i].logit -= shift;
	}
}

static void best_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct prediction *p = ctx;
	size_t r;

	for (r = begin; r < end; r++)
		if (p->target[r] >= 0)
			best_row(p, r);
}

void logits_best(struct logit *best, const float *logits, size_t stride,
	size_t rows, size_t usable, size_t top, const int32_t *target,
	const float *logprob)
{
	struct prediction p = { .logits = logits, .stride = stride,
		.usable = usable, .top = top, .target = target,
		.logprob = logprob, .best = best };

	rows_each(rows, rows_step(stride), best_part, &p);
}
