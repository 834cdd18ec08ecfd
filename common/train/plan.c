/* plan.c - what a pretraining run will cost: see plan.h */
#include "common/train/plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/rng.h"
#include "common/base/size.h"
#include "common/train/data.h"
#include "common/train/train_options.h"
#include "common/train/trainer.h"

#define LEAST_SECONDS .25	/* of a measurement, and */
#define LEAST_TIMES 2		/* how often; the fastest counts */
#define LEAST_TOKENS 2048	/* at once: fewer would be slower */

/* ---- the speed ---- */

/* Seconds of an update. */
struct pace {
	double gradient;	/* of the rows at once */
	double rest;		/* the optimizer */
};

/* Random tokens, as rows of a batch. */
static void fill(struct rows *r, size_t rows, size_t time, size_t vocab)
{
	size_t n = rows * time, i;

	rows_init(r, rows, time);
	r->batch.rows = rows;
	r->batch.time = time;
	for (i = 0; i < n; i++) {
		r->ids[i] = (int32_t)rng_below(1, RNG_TEST, 0, i, vocab);
		r->target[i] = (int32_t)rng_below(1, RNG_TEST, 1, i, vocab);
	}
}

static void update(struct trainer *t, const struct batch *b, const float *weight,
	struct pace *best)
{
	double began = clock_seconds(), middle;

	trainer_begin(t);
	trainer_add(t, b, weight);
	trainer_meet(t);
	middle = clock_seconds();
	trainer_update(t, 1e-6);
	best->gradient = fmin(best->gradient, middle - began);
	best->rest = fmin(best->rest, clock_seconds() - middle);
}

static struct pace measure(const struct plan *p, size_t layers, size_t rows)
{
	struct model_config c = *p->size.config;
	size_t time = p->size.time;
	struct optimizer_config config = train_optimizer(p->recipe, &c,
		rows * time);
	struct pace best = { INFINITY, INFINITY };
	struct model *m;
	struct trainer t;
	struct rows r;
	float *weight = xcalloc(rows * time, sizeof *weight);
	double end;
	size_t i;

	c.layers = layers;
	m = model_new(&c);
	model_init(m, 1);
	train_compute_in(m);
	trainer_init(&t, m, &config, rows, time, p->size.keep, 1, DTYPE_F32);
	fill(&r, rows, time, c.vocab);
	for (i = 0; i < rows * time; i++)
		weight[i] = 1 / (float)(rows * time);
	end = clock_seconds() + LEAST_SECONDS;
	for (i = 0; i < LEAST_TIMES || clock_seconds() < end; i++)
		update(&t, &r.batch, weight, &best);
	trainer_free(&t);
	rows_free(&r);
	model_free(m);
	free(weight);
	return best;
}

/* Seconds of an update: those of one block, and for each further one what a second
 * adds. */
static double update_seconds(const struct plan *p, size_t at_once)
{
	const struct training_size *s = &p->size;
	size_t rows = size_min(at_once, (LEAST_TOKENS + s->time - 1) / s->time);
	size_t layers = s->config->layers;
	double more = (double)layers - 1, parts = (double)s->batch / (double)rows;
	struct pace one = measure(p, 1, rows), two;

	if (layers == 1)
		return parts * one.gradient + one.rest;
	two = measure(p, 2, rows);
	return parts * (one.gradient + more * (two.gradient - one.gradient)) +
		one.rest + more * (two.rest - one.rest);
}

/* ---- sizes ---- */

/* Of the weights that a token is multiplied by. */
static double multiplied(const struct model_config *c, double parameters)
{
	double table = (double)c->vocab * (double)c->width;

	if (c->positions == POSITIONS_LEARNED)
		parameters -= (double)c->context * (double)c->width;
	return parameters - (c->tied ? 0 : table);
}

double plan_flops(const struct model_config *c, size_t time)
{
	return 6 * multiplied(c, (double)model_parameters(c)) +
		12 * (double)c->layers * (double)(c->heads * c->head_size) *
		(double)time;
}

static void write_memory(struct output *out, const struct plan *p, size_t rows)
{
	struct training_bytes b = training_bytes(&p->size, rows);

	output_printf(out, "rows-at-once\t%zu\nbytes-model\t%.0f\n"
		"bytes-activations\t%.0f\nbytes-data\t%.0f\nbytes-program\t%.0f\n"
		"bytes\t%.0f\n", rows, b.model, b.activations, b.data, b.program,
		training_sum(&b));
}

static void write_time(struct output *out, const struct plan *p, double seconds)
{
	double tokens = (double)p->size.batch * (double)p->size.time;

	output_printf(out, "tokens/s\t%.0f\n", tokens / seconds);
	if (p->updates)
		output_printf(out, "hours\t%.4g\n", (double)p->updates *
			seconds / 3600);
}

void plan_write(struct output *out, struct plan *p)
{
	const struct model_config *c = p->size.config;
	size_t parameters = model_parameters(c), rows;
	uint64_t tokens = (uint64_t)p->size.batch * p->size.time;

	output_printf(out, "parameters\t%zu\nflops/token\t%.4g\n", parameters,
		plan_flops(c, p->size.time));
	output_printf(out, "tokens/update\t%" PRIu64 "\n", tokens);
	if (p->updates)
		output_printf(out, "updates\t%" PRIu64 "\ntokens\t%" PRIu64 "\n",
			p->updates, p->updates * tokens);
	if (p->tokens)
		output_printf(out, "tokens-of-data\t%" PRIu64 "\n", p->tokens);
	output_printf(out, "tokens-compute-optimal\t%zu\n", 20 * parameters);
	output_flush(out);
	rows = train_rows(p->recipe, &p->size);
	write_memory(out, p, rows);
	output_flush(out);
	write_time(out, p, update_seconds(p, rows));
}
