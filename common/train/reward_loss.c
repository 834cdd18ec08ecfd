/* reward_loss.c - scores of answers and their loss: see reward_loss.h */
#include "common/train/reward_loss.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/model/head.h"
#include "common/train/ranks.h"

double reward_loss(double better, double worse, double margin, double center,
	double *d_better, double *d_worse)
{
	double x = better - worse - margin, sum = better + worse;

	*d_better = -1 / (1 + exp(x)) + 2 * center * sum;
	*d_worse = 1 / (1 + exp(x)) + 2 * center * sum;
	return (x < 0 ? log1p(exp(x)) - x : log1p(exp(-x))) +
		center * sum * sum;
}

/* ---- memory ---- */

void reward_memory_init(struct reward_memory *k, size_t examples, size_t rows,
	size_t time)
{
	*k = (struct reward_memory){ 0 };
	pack_init(&k->pack, rows, time);
	k->order = xcalloc(examples, sizeof *k->order);
	k->place = xcalloc(examples, sizeof *k->place);
	k->stamp = xcalloc(examples, sizeof *k->stamp);
	k->score = xcalloc(examples, sizeof *k->score);
	k->slope = xcalloc(examples, sizeof *k->slope);
	k->value = xcalloc(rows * time, sizeof *k->value);
	k->d_value = xcalloc(rows * time, sizeof *k->d_value);
}

void reward_memory_free(struct reward_memory *k)
{
	pack_free(&k->pack);
	free(k->order);
	free(k->place);
	free(k->stamp);
	free(k->score);
	free(k->slope);
	free(k->value);
	free(k->d_value);
}

/* ---- scores ---- */

/* Where example x, packed at place, has its score: at its last token but the one
 * that only fills the place of a target. */
static size_t last_of(const struct example *x, size_t place)
{
	return place + x->n - 2;
}

bool reward_scores(const struct model *m, struct activations *a,
	struct reward_memory *k, const struct examples *e)
{
	struct scalar_head h = { .head = { &head_scalar },
		.map = &m->weights.head, .value = k->value };
	const size_t *order = k->order;
	size_t from, got = 0, i;

	for (from = 0; from < k->n; from += got) {
		got = examples_pack(e, &k->pack, order, from, k->n, k->place);
		model_forward(m, a, &k->pack.rows.batch);
		head_forward(&h.head, m, a, &k->pack.rows.batch);
		for (i = from; i < from + got; i++)
			k->score[order[i]] = (double)k->value[last_of(
				&e->v[order[i]], k->place[i])];
	}
	return got == k->n;
}

/* ---- comparisons ---- */

static void use(struct reward_memory *k, size_t example)
{
	if (k->stamp[example] == k->stamps)
		return;
	k->stamp[example] = k->stamps;
	k->slope[example] = 0;
	k->order[k->n++] = example;
}

/* Lists the examples of the prompts order[0..n). */
static void gather(const struct rankings *r, struct reward_memory *k,
	const size_t *order, size_t n)
{
	size_t i, c;

	k->stamps++;
	k->n = 0;
	for (i = 0; i < n; i++) {
		const struct ranked *p = &r->prompts[order[i]];

		for (c = p->at; c < p->at + p->n; c++) {
			use(k, r->v[c].better);
			use(k, r->v[c].worse);
		}
	}
}

/* The sum over a prompt's comparisons of weight times loss, which adds to stats,
 * as do the slopes of the scores. */
static double prompt_loss(const struct rankings *r, struct reward_memory *k,
	const struct ranked *p, double center, struct reward_stats *stats)
{
	double sum = 0, d_better, d_worse;
	size_t c;

	for (c = p->at; c < p->at + p->n; c++) {
		const struct comparison *x = &r->v[c];
		double better = k->score[x->better];
		double worse = k->score[x->worse];

		sum += x->weight * reward_loss(better, worse, x->margin,
			center, &d_better, &d_worse);
		k->slope[x->better] += x->weight * d_better;
		k->slope[x->worse] += x->weight * d_worse;
		stats->accuracy += x->weight * (better > worse);
		stats->weight += x->weight;
	}
	stats->loss += sum;
	return sum;
}

static double weight_of(const struct rankings *r, const size_t *order, size_t n)
{
	double sum = 0;
	size_t i, c;

	for (i = 0; i < n; i++) {
		const struct ranked *p = &r->prompts[order[i]];

		for (c = p->at; c < p->at + p->n; c++)
			sum += r->v[c].weight;
	}
	return sum;
}

/* The backward pass over the gathered examples; one: they are a single batch, and
 * its forward pass was the last. */
static void backward(const struct rankings *r, struct reward_memory *k,
	struct trainer *t, bool one)
{
	struct scalar_head h = { .head = { &head_scalar },
		.map = &t->model->weights.head, .gradient = &t->weights.head,
		.value = k->value, .d_value = k->d_value };
	const struct examples *e = &r->examples;
	const struct batch *b = &k->pack.rows.batch;
	size_t from, got, i;

	for (from = 0; from < k->n; from += got) {
		got = one ? k->n : examples_pack(e, &k->pack, k->order, from,
			k->n, k->place);
		if (!one)
			model_forward(t->model, t->activations, b);
		vec_zero(k->d_value, b->rows * b->time);
		for (i = from; i < from + got; i++)
			k->d_value[last_of(&e->v[k->order[i]], k->place[i])] =
				(float)k->slope[k->order[i]];
		head_backward(&h.head, t->model, t->activations, b,
			&t->weights);
	}
}

void reward_gradient(const struct rankings *r, struct reward_memory *k,
	struct trainer *t, const size_t *order, size_t n, double center,
	struct reward_stats *stats)
{
	double *loss = trainer_losses(t, n), all = weight_of(r, order, n);
	size_t first, end, i;
	bool one;

	*stats = (struct reward_stats){ 0 };
	gather(r, k, order, n);
	for (i = 0; i < k->n; i++)
		stats->tokens += r->examples.v[k->order[i]].n - 1;
	ranks_share(n, &first, &end);
	gather(r, k, order + first, end - first);
	one = reward_scores(t->model, t->activations, k, &r->examples);
	for (i = first; i < end; i++)
		loss[i] = prompt_loss(r, k, &r->prompts[order[i]], center,
			stats) / all;
	for (i = 0; i < k->n; i++)
		k->slope[k->order[i]] /= all;
	backward(r, k, t, one);
	stats->loss /= all;
	stats->accuracy /= all;
	stats->weight = all;
}

struct reward_stats reward_evaluate(const struct rankings *r,
	struct reward_memory *k, const struct model *m, struct activations *a)
{
	struct reward_stats s = { 0 };
	size_t i;

	k->stamps++;
	k->n = 0;
	for (i = 0; i < r->n; i++) {
		use(k, r->v[i].better);
		use(k, r->v[i].worse);
	}
	reward_scores(m, a, k, &r->examples);
	for (i = 0; i < r->nprompt; i++)
		prompt_loss(r, k, &r->prompts[i], 0, &s);
	s.loss /= s.weight;
	s.accuracy /= s.weight;
	return s;
}
