/* train_options.c - options of all trainers: see train_options.h */
#include "common/train/train_options.h"

#include <math.h>
#include <stdio.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/train/adapter.h"
#include "common/train/ranks.h"

#define ACTIVATIONS ((double)((size_t)1 << 30))	/* at once, without -M */

struct train_options train_options = { .clip = 1 };

static void take(const char *name, double *to, double from, double max)
{
	if (!option_given(name))
		return;
	option_range_real(name, from, 0, max);
	*to = from;
}

/* Refuses options of Muon if another optimizer is used. */
static void check_of_muon(enum optimizer_kind kind)
{
	static const char *const names[] = { "matrix-lr", "momentum" };
	size_t i;

	for (i = 0; kind != OPTIMIZER_MUON && i < 2; i++)
		if (option_given(names[i]))
			die_usage("--%s has no effect without --optimizer muon",
				names[i]);
}

static enum optimizer_kind kind_of(const struct recipe *r)
{
	return option_given("optimizer") ?
		(enum optimizer_kind)train_options.optimizer : r->optimizer;
}

struct optimizer_config train_optimizer(enum recipe_of of,
	const struct model_config *c, size_t tokens)
{
	const struct train_options *t = &train_options;
	const struct recipe *r = recipe_find(of);
	enum optimizer_kind kind = kind_of(r);
	struct optimizer_config o = recipe_optimizer(r, kind, c, tokens);
	double beside = recipe_beside(r, kind);

	check_of_muon(kind);
	if (adapter_wanted()) {
		o.lr *= r->adapter;
		o.weight_decay = 0;	/* it would decay the product twice */
	}
	if (!option_given("clip"))
		train_options.clip = r->clip;
	/* A single control: --lr scales all rates. */
	if (option_given("lr")) {
		o.matrix_lr *= t->lr * beside / o.lr;
		take("lr", &o.lr, t->lr, 1e30);
		o.lr *= beside;
	}
	take("matrix-lr", &o.matrix_lr, t->matrix_lr, 1e30);
	o.moments = train_moments();
	o.compute = train_options.compute == COMPUTE_BF16 ? COMPUTE_BF16 : COMPUTE_FP32;
	take("weight-decay", &o.weight_decay, t->weight_decay, 1e3);
	take("beta1", &o.beta1, t->beta1, .999999);
	take("beta2", &o.beta2, t->beta2, .999999);
	take("momentum", &o.momentum, t->momentum, .999999);
	if (!(t->clip >= 0))
		die_usage("--clip: %g is below 0", t->clip);
	return o;
}

int train_bits(void)
{
	return train_options.compute == COMPUTE_BF16 ? 16 : 32;
}

void train_compute_in(struct model *m)
{
	if (train_bits() == 16)
		model_compute_in(m, COMPUTE_BF16);
}

enum dtype train_moments(void)
{
	return train_options.moments ? DTYPE_BF16 : DTYPE_F32;
}

enum dtype train_wire(void)
{
	return train_options.wire ? DTYPE_BF16 : DTYPE_F32;
}

void train_setting(struct buf *settings)
{
	if (train_moments() == DTYPE_BF16)
		buf_str(settings, " moments=bf16");
	if (train_bits() == 16)
		buf_str(settings, " compute=bf16");
}

struct schedule train_schedule(enum recipe_of of, long steps)
{
	const struct train_options *t = &train_options;
	const struct recipe *r = recipe_find(of);
	struct schedule s = {
		.kind = option_given("schedule") ?
			(enum schedule_kind)t->schedule : r->schedule,
		.steps = steps,
		.warmup = (long)(r->warmup * (double)steps),
		.last = r->last,
		.warmdown = r->warmdown
	};

	take("last-lr", &s.last, t->last, 1);
	take("warmdown", &s.warmdown, t->warmdown, 1);
	if (option_given("warmup"))
		s.warmup = (long)t->warmup;
	if (s.warmup < 0)
		die_usage("--warmup: %ld is below 0", s.warmup);
	return s;
}

/* ---- memory ---- */

/* A size in the format of -M, rounded up so that it suffices. */
static const char *size_text(double bytes, char text[24])
{
	int power = bytes >= 0x1p30 ? 3 : bytes >= 0x1p20 ? 2 : 1;

	snprintf(text, 24, "%.1f%c", ceil(10 * ldexp(bytes, -10 * power)) / 10,
		"KMG"[power - 1]);
	return text;
}

static _Noreturn void die_too_little(const struct training_size *x)
{
	struct training_bytes b = training_bytes(x, 1);
	char given[24], all[24], part[4][24];

	die_usage("-M %s: this model needs at least %s with one row of %zu "
		"tokens at once: parameters, gradient and moments %s, "
		"activations %s, data %s, the program %s",
		size_text((double)train_options.memory, given),
		size_text(training_sum(&b), all), x->time,
		size_text(b.model, part[0]), size_text(b.activations, part[1]),
		size_text(b.data, part[2]), size_text(b.program, part[3]));
}

size_t train_rows(enum recipe_of of, struct training_size *x)
{
	struct training_bytes b;
	size_t rows;

	x->optimizer = kind_of(recipe_find(of));
	x->moments = train_moments();
	x->keep = (enum keep)(KEEP_ALL + train_options.recompute);
	x->halves = train_bits() == 16;
	x->ranks = ranks.count;
	if (option_given("memory"))
		rows = training_rows(x, (double)train_options.memory);
	else
		rows = training_rows_within(x, ACTIVATIONS);
	if (!rows)
		die_too_little(x);
	b = training_bytes(x, rows);
	mem_need("the run", training_sum(&b));
	return rows;
}
