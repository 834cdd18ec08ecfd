/* trainer.c - gradients of batches to one update: see trainer.h */
#include "common/train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"

void trainer_init(struct trainer *t, struct model *m,
	const struct optimizer_config *c, size_t rows, size_t time, double clip)
{
	memset(t, 0, sizeof *t);
	t->model = m;
	t->clip = clip;
	t->rows = rows;
	t->activations = activations_new(m, rows, time, true);
	t->optimizer = optimizer_new(c, m);
	t->gradient = xaligned(m->size * sizeof(float));
	weights_view(&t->weights, m, t->gradient);
}

void trainer_free(struct trainer *t)
{
	activations_free(t->activations);
	optimizer_free(t->optimizer);
	weights_free(&t->weights);
	free(t->gradient);
}

void trainer_begin(struct trainer *t)
{
	vec_zero(t->gradient, t->model->size);
}

double trainer_add_backward(struct trainer *t, const struct batch *b,
	const float *weight, const float *entropy_weight, float *logprob)
{
	size_t n = b->rows * b->time, i;
	float *own = logprob ? NULL : xmalloc(n * sizeof *own);
	double loss = 0;

	if (!logprob)
		logprob = own;
	model_backward(t->model, t->activations, b, weight, entropy_weight,
		&t->weights, logprob);
	for (i = 0; i < n; i++)
		loss -= (double)weight[i] * (double)logprob[i];
	free(own);
	return loss;
}

struct batch batch_part(const struct batch *b, size_t first, size_t max)
{
	struct batch p = *b;
	size_t at = first * b->time;

	p.rows = b->rows - first < max ? b->rows - first : max;
	p.ids += at;
	p.target += at;
	if (b->pos)
		p.pos += at;
	if (b->start)
		p.start += at;
	return p;
}

double trainer_add(struct trainer *t, const struct batch *b,
	const float *weight, const float *entropy_weight, float *logprob)
{
	double loss = 0;
	size_t i;

	for (i = 0; i < b->rows; i += t->rows) {
		struct batch p = batch_part(b, i, t->rows);
		size_t at = i * b->time;

		model_forward(t->model, t->activations, &p);
		loss += trainer_add_backward(t, &p, weight + at,
			entropy_weight ? entropy_weight + at : NULL,
			logprob ? logprob + at : NULL);
	}
	return loss;
}

void trainer_update(struct trainer *t, double lr_factor)
{
	double scale = 1;

	t->grad_norm = sqrt(vec_sum_squares(t->gradient, t->model->size));
	if (!isfinite(t->grad_norm))
		die("step %ld: the gradient is not finite; a smaller --lr may "
			"help", optimizer_steps(t->optimizer) + 1);
	if (t->clip > 0 && t->grad_norm > t->clip)
		scale = t->clip / t->grad_norm;
	optimizer_step(t->optimizer, t->gradient, scale, lr_factor);
}
