/* train_options.c - options of all trainers: see train_options.h */
#include "common/train/train_options.h"

#include "common/base/err.h"
#include "common/train/trainer.h"

struct train_options train_options = {
	.clip = 1,
	.memory = (size_t)1 << 30
};

static void take(const char *name, double *to, double from, double max)
{
	if (!option_given(name))
		return;
	if (!(from >= 0 && from <= max))
		die_usage("--%s: %g is not from 0 to %g", name, from, max);
	*to = from;
}

struct optimizer_config train_optimizer(enum recipe_of of,
	const struct model_config *c, size_t tokens)
{
	const struct train_options *t = &train_options;
	const struct recipe *r = recipe_find(of);
	enum optimizer_kind kind = option_given("optimizer") ?
		(enum optimizer_kind)t->optimizer : r->optimizer;
	struct optimizer_config o = recipe_optimizer(r, kind, c, tokens);
	double beside = recipe_beside(r, kind);

	if (!option_given("clip"))
		train_options.clip = r->clip;
	/* One dial: whoever turns --lr turns all rates. */
	if (option_given("lr")) {
		o.matrix_lr *= t->lr * beside / o.lr;
		take("lr", &o.lr, t->lr, 1e30);
		o.lr *= beside;
	}
	take("matrix-lr", &o.matrix_lr, t->matrix_lr, 1e30);
	take("weight-decay", &o.weight_decay, t->weight_decay, 1e3);
	take("beta1", &o.beta1, t->beta1, .999999);
	take("beta2", &o.beta2, t->beta2, .999999);
	take("momentum", &o.momentum, t->momentum, .999999);
	if (!(t->clip >= 0))
		die_usage("--clip: %g is below 0", t->clip);
	return o;
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

size_t train_rows(const struct model *m, size_t wanted, size_t time)
{
	size_t row = trainer_row_bytes(&m->config, time);

	if (option_given("memory") && train_options.memory < row)
		die_usage("-M: %zu bytes, but the activations of one row of "
			"%zu tokens take %zuK", train_options.memory, time,
			(row + 1023) / 1024);
	return trainer_rows(m, wanted, time, train_options.memory);
}
