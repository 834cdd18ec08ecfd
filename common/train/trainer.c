/* trainer.c - from the gradients of batches to one update: see trainer.h */
#include "common/train/trainer.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/train/ranks.h"

/* ---- stages of the gradient ----
 *
 * A backward pass completes first what is after the blocks, then these from the last to
 * the first, then the embeddings.
 */

/* Queues the sum of the next stage over all ranks. */
static void queue_stage(struct trainer *t)
{
	struct trained_tensors of = model_trained(t->model);
	size_t layers = t->model->config.layers, first, end;

	t->stages--;
	for (first = 0; first < of.ntensor; first = end + 1) {
		end = first;
		while (end < of.ntensor && tensor_stage(&of.tensors[end], layers) ==
			t->stages)
			end++;
		exchange_sum(t->exchange, t->gradient, first, end);
	}
}

static void complete(struct backward_watch *w, size_t layer)
{
	struct trainer *t = (struct trainer *)((char *)w -
		offsetof(struct trainer, backward));

	while (t->stages > layer + 1)
		queue_stage(t);
}

/* ---- a step ---- */

void trainer_init(struct trainer *t, struct model *m,
	const struct optimizer_config *c, size_t rows, size_t time,
	enum keep keep, double clip, enum dtype wire)
{
	memset(t, 0, sizeof *t);
	t->model = m;
	t->clip = clip;
	t->rows = rows;
	t->activations = activations_new(m, rows, time, keep);
	t->optimizer = optimizer_new(c, m);
	t->size = model_trained(m).size;
	t->gradient = kernel_alloc(t->size);
	weights_view(&t->weights, m, t->gradient);
	t->backward.complete = complete;
	if (ranks.count > 1)
		t->exchange = optimizer_exchange(t->optimizer, wire);
}

void trainer_free(struct trainer *t)
{
	exchange_free(t->exchange);
	activations_free(t->activations);
	optimizer_free(t->optimizer);
	weights_free(&t->weights);
	kernel_free(t->gradient);
	free(t->loss);
}

/* Matrices, most of the gradient, are not zeroed: the first product of a step replaces
 * them. Those of an adapter are. */
static void set_fresh(struct linear *l, void *ctx)
{
	l->fresh = true;
}

static void begin_gradient(struct trainer *t)
{
	struct trained_tensors of = model_trained(t->model);
	bool replaces = !t->model->lora;
	size_t i;

	if (replaces)
		weights_each_linear(&t->weights, t->model->config.layers, set_fresh, NULL);
	for (i = 0; i < of.ntensor; i++) {
		float *g = t->gradient + of.tensors[i].offset;

		if (!replaces || (of.tensors[i].role != TENSOR_MATRIX &&
				g != t->weights.head.w))
			vec_zero(g, of.tensors[i].n);
	}
}

/* What no backward pass of this step has reached. */
static void settle(struct linear *l, void *ctx)
{
	linear_settle(l);
}

static void end_gradient(struct trainer *t)
{
	weights_each_linear(&t->weights, t->model->config.layers, settle, NULL);
}

void trainer_begin(struct trainer *t)
{
	begin_gradient(t);
	t->nloss = 0;
	t->stages = t->model->config.layers + 2;
	t->last = t->met = false;
}

void trainer_last(struct trainer *t)
{
	t->last = true;
}

double *trainer_losses(struct trainer *t, size_t n)
{
	double *loss;

	if (t->nloss + n > t->loss_cap) {
		t->loss_cap = 2 * (t->nloss + n);
		t->loss = xrealloc(t->loss, t->loss_cap, sizeof *t->loss);
	}
	loss = t->loss + t->nloss;
	t->nloss += n;
	memset(loss, 0, n * sizeof *loss);
	return loss;
}

void trainer_add_backward(struct trainer *t, const struct batch *b,
	const float *weight, const float *entropy_weight, double *loss)
{
	size_t n = b->rows * b->time, i;
	float *logprob = xmalloc(n * sizeof *logprob);

	if (t->last && t->exchange)
		activations_watch(t->activations, &t->backward);
	model_backward(t->model, t->activations, b, weight, entropy_weight,
		&t->weights, logprob);
	activations_watch(t->activations, NULL);
	for (i = 0; loss && i < n; i++)
		loss[i / b->time] -= (double)weight[i] * (double)logprob[i];
	free(logprob);
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

void trainer_add(struct trainer *t, const struct batch *b, const float *weight)
{
	double *loss = trainer_losses(t, b->rows);
	bool last = t->last;
	size_t i, end;

	for (ranks_share(b->rows, &i, &end); i < end; i += t->rows) {
		struct batch p = batch_part(b, i, size_min(t->rows, end - i));

		t->last = last && i + t->rows >= end;
		t->watched = p.rows * p.time;
		model_forward_watched(t->model, t->activations, &p, t->watch);
		trainer_add_backward(t, &p, weight + i * b->time, NULL,
			loss + i);
	}
}

void trainer_meet(struct trainer *t)
{
	if (t->met)
		return;
	t->met = true;
	end_gradient(t);
	if (t->exchange) {
		while (t->stages)
			queue_stage(t);
		exchange_wait(t->exchange);
	}
	ranks_sum_doubles(t->loss, t->nloss);
}

double trainer_loss(const struct trainer *t)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < t->nloss; i++)
		sum += t->loss[i];
	return sum;
}

/* ---- the update ---- */

/* Names the tensor of the model in which the numbers grew too large, if it is not only
 * the sum of their squares, which overflows later: that of the last block with one, for
 * the gradient goes from there to the blocks before. */
static _Noreturn void die_not_finite(const struct trainer *t)
{
	struct trained_tensors of = model_trained(t->model);
	long step = optimizer_steps(t->optimizer) + 1;
	size_t i = of.ntensor;

	while (i > 0) {
		struct range r = optimizer_range(t->optimizer, i - 1);

		if (!vec_finite(t->gradient + of.tensors[i - 1].offset + r.first,
				r.end - r.first))
			break;
		i--;
	}
	i = (size_t)ranks_max((double)i);
	if (i)
		die("step %ld: the gradient of %s is not finite; a smaller --lr "
			"may help", step, of.tensors[i - 1].name);
	die("step %ld: the gradient is not finite; a smaller --lr may help", step);
}

/* Of the whole gradient, of which each rank has a part. */
static double sum_squares(const struct trainer *t)
{
	struct trained_tensors of = model_trained(t->model);
	double sum = 0;
	size_t i;

	if (!t->exchange)
		return vec_sum_squares(t->gradient, t->size);
	for (i = 0; i < of.ntensor; i++) {
		struct range r = optimizer_range(t->optimizer, i);

		sum += vec_sum_squares(t->gradient + of.tensors[i].offset +
			r.first, r.end - r.first);
	}
	ranks_sum_doubles(&sum, 1);
	return sum;
}

void trainer_update(struct trainer *t, double lr_factor)
{
	double scale = 1;

	t->grad_norm = sqrt(sum_squares(t));
	if (!isfinite(t->grad_norm))
		die_not_finite(t);
	if (t->clip > 0 && t->grad_norm > t->clip)
		scale = t->clip / t->grad_norm;
	optimizer_step(t->optimizer, t->gradient, scale, lr_factor, t->exchange);
	if (t->exchange)
		exchange_wait(t->exchange);
}
