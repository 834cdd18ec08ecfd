/* loss_plain.c - the definition of softmax and cross-entropy: see loss.c */
#include "common/base/size.h"
#include "common/kernel/set.h"

#include <math.h>

static float largest(const float *x, size_t n)
{
	float max = -INFINITY;
	size_t i;

	for (i = 0; i < n; i++)
		if (x[i] > max)
			max = x[i];
	return max;
}

static double weigh(float *w, const float *x, size_t n, float max, float inverse)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		float e = expf((x[i] - max) * inverse);

		sum += e;
		if (w)
			w[i] = e;
	}
	return sum;
}

/* The sum of all weights at temperature 1; they replace x if keep. */
static double weigh_all(float *x, size_t n, float max, bool keep)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i += LOGITS_BLOCK)
		sum += weigh(keep ? x + i : NULL, x + i,
			size_min(LOGITS_BLOCK, n - i), max, 1);
	return sum;
}

/* Of e = exp(x - max): the sum of e (x - max). 0 times an infinity: no
 * contribution. */
static double sum_weighted(const float *x, size_t n, float max)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		double e = expf(x[i] - max);

		if (e > 0)
			sum += e * (x[i] - max);
	}
	return sum;
}

/* H = -sum p (x - lse) = lse - sum p x. */
static float cross_entropy_loop(float *x, size_t vocab, size_t target,
	const float *weight, float *entropy)
{
	float max = largest(x, vocab), at_target = x[target];
	double sum, sum_x = 0;
	size_t i;

	if (entropy)
		sum_x = sum_weighted(x, vocab, max);
	sum = weigh_all(x, vocab, max, weight);
	if (entropy)
		*entropy = (float)(log(sum) - sum_x / sum);
	for (i = 0; weight && i < vocab; i++)
		x[i] = *weight * (x[i] / (float)sum);
	if (weight)
		x[target] -= *weight;
	return logits_logprob(at_target, logits_norm(max, sum));
}

static void log_softmax_loop(float *x, size_t n)
{
	float max = largest(x, n);
	double sum = weigh_all(x, n, max, false);
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = x[i] - max - (float)log(sum);
}

const struct loss_set loss_c = {
	cross_entropy_loop,
	log_softmax_loop,
	weigh,
};
