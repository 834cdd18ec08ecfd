/* loss.c - log-softmax and cross-entropy on all threads: see kernel.h */
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

#include <math.h>
#include <string.h>

struct loss {
	float *x;
	size_t stride, n;
	const int32_t *target;
	const float *weight;
	float *logprob, *entropy;
};

static void cross_entropy_row(const struct loss *p, size_t r)
{
	float *x = p->x + r * p->stride;
	float *entropy = p->entropy ? p->entropy + r : NULL;
	const float *weight = p->weight ? p->weight + r : NULL;
	size_t used = p->n;

	if (p->target[r] < 0) {
		p->logprob[r] = 0;
		if (entropy)
			*entropy = 0;
		used = 0;
	} else {
		p->logprob[r] = kernel_set()->loss->cross_entropy(x, p->n,
			(size_t)p->target[r], weight, entropy);
	}
	if (weight)
		memset(x + used, 0, (p->stride - used) * sizeof *x);
}

static void cross_entropy_part(void *ctx, size_t begin, size_t end,
	size_t part)
{
	size_t r;

	for (r = begin; r < end; r++)
		cross_entropy_row(ctx, r);
}

void cross_entropy(float *logits, size_t stride, size_t rows, size_t vocab,
	const int32_t *target, const float *weight, float *logprob,
	float *entropy)
{
	struct loss p = { logits, stride, vocab, target, weight, logprob,
		entropy };

	rows_each(rows, rows_step(vocab), cross_entropy_part, &p);
}

static void log_softmax_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct loss *p = ctx;
	size_t r;

	for (r = begin; r < end; r++)
		kernel_set()->loss->log_softmax(p->x + r * p->stride, p->n);
}

void log_softmax(float *x, size_t stride, size_t rows, size_t n)
{
	struct loss p = { .x = x, .stride = stride, .n = n };

	rows_each(rows, rows_step(n), log_softmax_part, &p);
}

struct entropy {
	float *d_logits;
	const float *logprobs, *weight;
	size_t stride, n;
};

static void entropy_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct entropy *e = ctx;
	size_t r, j;

	for (r = begin; r < end; r++) {
		const float *lp = e->logprobs + r * e->stride;
		float *d = e->d_logits + r * e->stride, w = e->weight[r];
		double h = 0;

		if (w == 0)
			continue;
		for (j = 0; j < e->n; j++)
			h -= exp((double)lp[j]) * (double)lp[j];
		for (j = 0; j < e->n; j++)
			d[j] += w * expf(lp[j]) * (lp[j] + (float)h);
	}
}

void entropy_backward(float *d_logits, const float *logprobs, size_t stride,
	const float *weight, size_t rows, size_t n)
{
	struct entropy e = { d_logits, logprobs, weight, stride, n };

	rows_each(rows, 1, entropy_part, &e);
}
