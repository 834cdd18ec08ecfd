/* loss_plain.c - the definition of softmax and cross-entropy: see loss.c */
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

/* H = -sum p (x - lse) = lse - sum p x. */
static float cross_entropy_loop(float *x, size_t vocab, size_t target,
	const float *weight, float *entropy)
{
	float max = largest(x, vocab), logprob;
	double sum = 0, sum_x = 0;
	size_t i;

	for (i = 0; i < vocab; i++) {
		double e = expf(x[i] - max);

		sum += e;
		/* 0 times an infinity: no contribution. */
		if (e > 0)
			sum_x += e * (x[i] - max);
	}
	logprob = (float)(x[target] - max - log(sum));
	if (entropy)
		*entropy = (float)(log(sum) - sum_x / sum);
	if (!weight)
		return logprob;
	for (i = 0; i < vocab; i++)
		x[i] = *weight * (expf(x[i] - max) / (float)sum);
	x[target] -= *weight;
	return logprob;
}

static void log_softmax_loop(float *x, size_t n)
{
	float max = largest(x, n);
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += expf(x[i] - max);
	for (i = 0; i < n; i++)
		x[i] = x[i] - max - (float)log(sum);
}

const struct loss_set loss_c = {
	cross_entropy_loop,
	log_softmax_loop,
};
