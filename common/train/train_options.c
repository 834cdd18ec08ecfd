/* train_options.c - options of all trainers: see train_options.h */
#include "common/train/train_options.h"

#include "common/base/err.h"

struct train_options train_options = {
	.schedule = SCHEDULE_COSINE,
	.clip = 1,
	.last = .1,
	.warmdown = .65,
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

struct optimizer_config train_optimizer(const struct model_config *c,
	double scale)
{
	const struct train_options *t = &train_options;
	struct optimizer_config o;

	optimizer_defaults(&o, (enum optimizer_kind)t->optimizer, c->width);
	o.lr *= scale;
	o.matrix_lr *= scale;
	take("lr", &o.lr, t->lr, 1e30);
	take("matrix-lr", &o.matrix_lr, t->matrix_lr, 1e30);
	take("weight-decay", &o.weight_decay, t->weight_decay, 1e3);
	take("beta1", &o.beta1, t->beta1, .999999);
	take("beta2", &o.beta2, t->beta2, .999999);
	take("momentum", &o.momentum, t->momentum, .999999);
	if (!(t->clip >= 0))
		die_usage("--clip: %g is below 0", t->clip);
	return o;
}

struct schedule train_schedule(long steps, double warmup)
{
	const struct train_options *t = &train_options;
	struct schedule s = {
		.kind = (enum schedule_kind)t->schedule,
		.steps = steps,
		.warmup = (long)(warmup * (double)steps)
	};

	s.last = t->last;
	s.warmdown = t->warmdown;
	if (!(s.last >= 0 && s.last <= 1))
		die_usage("--last-lr: %g is not from 0 to 1", s.last);
	if (!(s.warmdown >= 0 && s.warmdown <= 1))
		die_usage("--warmdown: %g is not from 0 to 1", s.warmdown);
	if (option_given("warmup"))
		s.warmup = (long)t->warmup;
	if (s.warmup < 0)
		die_usage("--warmup: %ld is below 0", s.warmup);
	return s;
}
