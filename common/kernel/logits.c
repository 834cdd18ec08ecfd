/* logits.c - what sampling computes from a row of logits: see kernel.h
 *
 * Rows are sampled in parallel, one per thread, so these functions run in the
 * calling thread.
 */
#include "common/kernel/set.h"

#include <math.h>

#include "common/base/heap.h"

/* ---- sums ---- */

#define LANES 8		/* independent chains, to hide the adders' latency */

float logits_largest(const float *x, size_t n)
{
	float max[LANES];
	size_t i, j;

	for (j = 0; j < LANES; j++)
		max[j] = -INFINITY;
	for (i = 0; i + LANES <= n; i += LANES)
		for (j = 0; j < LANES; j++)
			max[j] = x[i + j] > max[j] ? x[i + j] : max[j];
	for (; i < n; i++)
		max[0] = x[i] > max[0] ? x[i] : max[0];
	for (j = 1; j < LANES; j++)
		max[0] = max[j] > max[0] ? max[j] : max[0];
	return max[0];
}

bool logits_finite(const float *x, size_t n)
{
	float zero[LANES] = { 0 };
	size_t i, j;

	/* 0 times a NaN or an infinity is NaN, and so is every later sum. */
	for (i = 0; i + LANES <= n; i += LANES)
		for (j = 0; j < LANES; j++)
			zero[j] += 0 * x[i + j];
	for (; i < n; i++)
		zero[0] += 0 * x[i];
	for (j = 1; j < LANES; j++)
		zero[0] += zero[j];
	return zero[0] == 0;
}

double logits_weigh(float *w, const float *x, size_t n, float max,
	double temperature)
{
	return kernel_set()->loss->weigh(w, x, n, max,
		(float)(1 / temperature));
}

double logits_weigh_all(double *sum, const float *x, size_t n, float max,
	double temperature)
{
	double total = 0;
	size_t i;

	for (i = 0; i < n; i += LOGITS_BLOCK) {
		size_t m = n - i < LOGITS_BLOCK ? n - i : LOGITS_BLOCK;

		total += sum[i / LOGITS_BLOCK] = logits_weigh(NULL, x + i, m,
			max, temperature);
	}
	return total;
}

double logits_norm(float max, double sum)
{
	return max + log(sum);
}

float logits_logprob(float x, double norm)
{
	return (float)(x - norm);
}

size_t logits_argmax(const float *x, size_t n)
{
	float max = logits_largest(x, n);
	size_t i = 0;

	while (i < n && x[i] != max)
		i++;
	return i < n ? i : 0;
}

/* ---- heaps of candidates ---- */

static bool larger(const void *a, const void *b)
{
	const struct logit *x = a, *y = b;

	return x->logit != y->logit ? x->logit > y->logit : x->id < y->id;
}

static bool smaller(const void *a, const void *b)
{
	return larger(b, a);
}

void logits_heap(struct logit *h, size_t n)
{
	heap_make(h, n, sizeof *h, larger);
}

struct logit logits_pop(struct logit *h, size_t *n)
{
	heap_pop(h, (*n)--, sizeof *h, larger);
	return h[*n];
}

/* Uses a heap with the smallest of them on top, which nearly all others do not
 * exceed. */
size_t logits_top(struct logit *h, const float *x, size_t n, size_t k)
{
	size_t i;

	if (k > n)
		k = n;
	if (!k)
		return 0;
	for (i = 0; i < k; i++)
		h[i] = (struct logit){ x[i], (uint32_t)i };
	heap_make(h, k, sizeof *h, smaller);
	for (; i < n; i++) {
		if (!(x[i] > h[0].logit))
			continue;
		h[0] = (struct logit){ x[i], (uint32_t)i };
		heap_down(h, k, sizeof *h, 0, smaller);
	}
	return k;
}

size_t logits_from(struct logit *list, const float *x, size_t n, double bound)
{
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		list[m] = (struct logit){ x[i], (uint32_t)i };
		m += x[i] >= bound;
	}
	return m;
}
