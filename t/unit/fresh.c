/* fresh - the gradient of a step has nothing of the step before, whichever of its
 * tokens have a target: see begin_gradient in common/train/trainer.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/model/architecture.h"
#include "common/model/head.h"
#include "common/train/trainer.h"

enum { TIME = 6 };

static int failures;

static struct model *tiny(bool tied)
{
	struct model_config c = {
		.arch = architecture_find("gpt2"), .layers = 2, .width = 16,
		.heads = 2, .kv_heads = 2, .head_size = 8, .context = TIME,
		.vocab = 33, .tied = tied, .bos = -1, .eos = -1
	};
	struct model *m;

	c.arch->begin(&c);
	c.ffn = 24;
	m = model_new(&c);
	model_init(m, 1);
	return m;
}

/* A row of tokens, with or without targets. */
static void add_row(struct trainer *t, int32_t first, bool targets)
{
	int32_t ids[TIME], target[TIME];
	float weight[TIME];
	size_t i;

	for (i = 0; i < TIME; i++) {
		ids[i] = (first + (int32_t)i) % 33;
		target[i] = targets ? (first + (int32_t)i + 1) % 33 : -1;
		weight[i] = 1;
	}
	trainer_add(t, &(struct batch){ .rows = 1, .time = TIME, .ids = ids,
		.target = target }, weight);
}

/* The gradient of another head than that of the model, after a step whose gradient was
 * all `was`. */
static float *of_another_head(struct trainer *t, float was)
{
	static const int32_t ids[TIME] = { 1, 2, 3, 4, 5, 6 };
	float d_hidden[TIME * 16], *g = xmalloc(t->size * sizeof *g);
	struct batch b = { .rows = 1, .time = TIME, .ids = ids };
	struct hidden_head h = { .head = { &head_hidden }, .d_hidden = d_hidden };
	struct trained_tensors of = model_trained(t->model);
	size_t i;

	for (i = 0; i < TIME * 16; i++)
		d_hidden[i] = (float)(i % 7) - 3;
	for (i = 0; i < of.ntensor; i++)
		vec_fill(t->gradient + of.tensors[i].offset, was, of.tensors[i].n);
	trainer_begin(t);
	model_forward(t->model, t->activations, &b);
	head_backward(&h.head, t->model, t->activations, &b, &t->weights);
	trainer_meet(t);
	memcpy(g, t->gradient, t->size * sizeof *g);
	return g;
}

/* The gradient of a step of the given rows, 0 without targets, after one of others. */
static float *gradient(struct trainer *t, const int32_t *row, size_t n)
{
	float *g = xmalloc(t->size * sizeof *g);
	size_t i;

	trainer_begin(t);
	add_row(t, 20, true);
	trainer_meet(t);
	trainer_begin(t);
	for (i = 0; i < n; i++)
		add_row(t, row[i], row[i] != 0);
	trainer_meet(t);
	memcpy(g, t->gradient, t->size * sizeof *g);
	return g;
}

static void check(bool tied)
{
	struct model *m = tiny(tied);
	struct optimizer_config c;
	struct trainer t;
	float *want, *got, *none, *no_rows, *head[2];
	size_t i;

	optimizer_defaults(&c, OPTIMIZER_ADAMW, m->config.width);
	trainer_init(&t, m, &c, 1, TIME, KEEP_ALL, 0, DTYPE_F32);
	want = gradient(&t, (int32_t[]){ 5 }, 1);
	got = gradient(&t, (int32_t[]){ 0, 5, 0 }, 3);
	none = gradient(&t, (int32_t[]){ 0, 0 }, 2);
	no_rows = gradient(&t, NULL, 0);
	head[0] = of_another_head(&t, 0);
	head[1] = of_another_head(&t, 7);
	for (i = 0; i < t.size; i++)
		if (got[i] != want[i] || none[i] != 0 || no_rows[i] != 0) {
			printf("tied %d: number %zu: %g, %g, %g instead of %g, 0, 0\n",
				tied, i, got[i], none[i], no_rows[i], want[i]);
			failures++;
		}
	if (memcmp(head[0], head[1], t.size * sizeof **head) ||
			t.weights.embedding[16] == 0) {	/* of token 1 */
		printf("tied %d: the gradient of another head\n", tied);
		failures++;
	}
	free(want), free(got), free(none), free(no_rows), free(head[0]), free(head[1]);
	trainer_free(&t);
	model_free(m);
}

int main(void)
{
	check(true);
	check(false);
	return failures != 0;
}
