/* reward - the loss of a reward model and its gradient, by finite differences; the
 * same for any number of rows at once, and by several ranks
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/model/architecture.h"
#include "common/train/ranks.h"
#include "common/train/reward_loss.h"

enum { ANSWERS = 7, LONGEST = 9, VOCAB = 40 };
#define CENTER .05

static int failures;
static double worst;

static void near(const char *what, double got, double want, double bound)
{
	double d = fabs(got - want);

	worst = fmax(worst, d / bound);
	if (d <= bound)
		return;
	printf("%s: %.9g instead of %.9g\n", what, got, want);
	failures++;
}

/* ---- the loss of a comparison ---- */

static double loss_of(double better, double worse, double margin)
{
	double d;

	return reward_loss(better, worse, margin, CENTER, &d, &d);
}

static void check_loss(void)
{
	static const double x[][3] = { { 1, -1, 0 }, { -3, 2, 0 }, { .5, .5, 0 },
		{ 2, 1, 1.5 }, { -30, 30, 0 }, { 40, -40, 0 }, { 1, 2, -2 } };
	const double h = 1e-5;
	double d[2];
	size_t i;

	for (i = 0; i < sizeof x / sizeof *x; i++) {
		double a = x[i][0], b = x[i][1], m = x[i][2];
		double got = reward_loss(a, b, m, CENTER, &d[0], &d[1]);

		near("loss", got, -log(1 / (1 + exp(m + b - a))) +
			CENTER * (a + b) * (a + b), 1e-9);
		near("d_better", d[0], (loss_of(a + h, b, m) -
			loss_of(a - h, b, m)) / (2 * h), 1e-6);
		near("d_worse", d[1], (loss_of(a, b + h, m) -
			loss_of(a, b - h, m)) / (2 * h), 1e-6);
	}
	near("no overflow", reward_loss(-1e4, 1e4, 0, 0, &d[0], &d[1]), 2e4,
		1e-9);
}

/* ---- the gradient of a model ---- */

static struct model *make_model(const char *name)
{
	struct model_config c = {
		.arch = architecture_find(name), .layers = 2, .width = 24,
		.heads = 4, .kv_heads = strcmp(name, "gpt2") ? 2 : 4,
		.head_size = 6, .context = 2 * LONGEST, .vocab = VOCAB,
		.rope_theta = 100, .tied = true, .bos = -1, .eos = -1
	};
	struct model *m, *reward;
	size_t i;

	c.arch->begin(&c);
	m = model_new(&c);
	model_init(m, 1);
	reward = model_with_score(m, -1, 1);
	for (i = 0; i < reward->size; i++)
		reward->params[i] += (float)(.2 * rng_normal(1, RNG_TEST, 0, i));
	model_free(m);
	return reward;
}

/* A pair with a margin, a ranking of three, and two pairs of one prompt that have
 * an answer in common. */
static void make_rankings(struct rankings *r)
{
	static const struct comparison v[] = {
		{ 0, 1, .7, 1, 0 },
		{ 2, 3, 0, 1. / 3, 1 }, { 4, 3, 0, 1. / 3, 1 },
		{ 2, 4, 0, 1. / 3, 1 },
		{ 5, 6, 0, 1, 2 }, { 5, 1, -.2, 1, 2 }
	};
	static const struct ranked prompts[] = { { 0, 1 }, { 1, 3 }, { 4, 2 } };
	size_t i, t;

	*r = (struct rankings){ 0 };
	for (i = 0; i < ANSWERS; i++) {
		size_t n = 3 + i * 5 % (LONGEST - 2);
		struct example *x = examples_add(&r->examples, n + 1);

		for (t = 0; t < n; t++)
			r->examples.ids[x->at + t] = (int32_t)rng_below(1,
				RNG_TEST, 1, 100 * i + t, VOCAB);
	}
	r->v = xcalloc(6, sizeof *r->v);
	memcpy(r->v, v, sizeof v);
	r->n = 6;
	r->prompts = xcalloc(3, sizeof *r->prompts);
	memcpy(r->prompts, prompts, sizeof prompts);
	r->nprompt = 3;
}

struct setting {
	struct rankings rankings;
	struct trainer trainer;
	struct reward_memory memory;
};

static void open_setting(struct setting *s, struct model *m, size_t rows)
{
	struct optimizer_config c;

	make_rankings(&s->rankings);
	optimizer_defaults(&c, OPTIMIZER_ADAMW, m->config.width);
	trainer_init(&s->trainer, m, &c, rows, LONGEST, KEEP_ALL, 0, DTYPE_F32);
	reward_memory_init(&s->memory, ANSWERS, rows, LONGEST);
}

static void close_setting(struct setting *s)
{
	reward_memory_free(&s->memory);
	trainer_free(&s->trainer);
	rankings_free(&s->rankings);
}

static const size_t order[] = { 2, 0, 1 };

static struct reward_stats gradient(struct setting *s)
{
	struct reward_stats stats;

	trainer_begin(&s->trainer);
	reward_gradient(&s->rankings, &s->memory, &s->trainer, order, 3, CENTER,
		&stats);
	return stats;
}

/* The loss of the model moved by h along a random direction. */
static double moved(struct setting *s, double h)
{
	struct model *m = s->trainer.model;
	float *kept = xcalloc(m->size, sizeof *kept);
	struct reward_stats stats;
	size_t i;

	memcpy(kept, m->params, m->size * sizeof *kept);
	for (i = 0; i < m->size; i++)
		m->params[i] += (float)(h * rng_normal(1, RNG_TEST, 2, i));
	stats = gradient(s);
	memcpy(m->params, kept, m->size * sizeof *kept);
	free(kept);
	return stats.loss;
}

static void check_gradient(struct setting *s)
{
	const double h = 2e-3;
	double slope = (8 * (moved(s, h) - moved(s, -h)) - moved(s, 2 * h) +
		moved(s, -2 * h)) / (12 * h), along = 0;
	struct trainer *t = &s->trainer;
	struct reward_stats stats = gradient(s);
	size_t i;

	for (i = 0; i < t->model->size; i++)
		along += (double)t->gradient[i] *
			rng_normal(1, RNG_TEST, 2, i);
	near("gradient", along, slope, 1e-3 * fabs(slope));
	near("sum of the losses", trainer_loss(t), stats.loss, 1e-12);
	near("loss", stats.weight, 4, 1e-12);
}

/* The same gradient with fewer rows at once, and from two ranks. */
static void check_divided(struct setting *all, struct setting *few)
{
	struct reward_stats one = gradient(all), two = gradient(few), part;
	double distance = 0, norm = 0, loss = 0;
	size_t i, size = all->trainer.model->size, k;

	near("loss by rows", two.loss, one.loss, 1e-12);
	near("accuracy by rows", two.accuracy, one.accuracy, 1e-12);
	for (k = 0; k < 2; k++) {
		distance = norm = 0;
		for (i = 0; i < size; i++) {
			double a = (double)all->trainer.gradient[i];
			double b = (double)few->trainer.gradient[i];

			norm += a * a;
			distance += (a - b) * (a - b);
		}
		near(k ? "gradient of ranks" : "gradient by rows",
			sqrt(distance), 0, 1e-5 * sqrt(norm));
		trainer_begin(&few->trainer);
		ranks.count = 2;
		for (ranks.self = 0, loss = 0; ranks.self < 2; ranks.self++) {
			reward_gradient(&few->rankings, &few->memory,
				&few->trainer, order, 3, CENTER, &part);
			loss += part.loss;
		}
		ranks = (struct ranks){ .count = 1 };
		near("loss of ranks", loss, one.loss, 1e-12);
	}
}

static void check_model(const char *name)
{
	struct model *m = make_model(name);
	struct setting all, few;

	open_setting(&all, m, ANSWERS);
	open_setting(&few, m, 1);
	check_gradient(&all);
	check_divided(&all, &few);
	close_setting(&all);
	close_setting(&few);
	model_free(m);
}

int main(void)
{
	check_loss();
	check_model("llama");
	check_model("gpt2");
	check_model("qwen3");
	printf("%d failures, at most %.2g of a bound\n", failures, worst);
	return failures != 0;
}
