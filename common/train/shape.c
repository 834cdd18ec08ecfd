/* shape.c - the shape of a model from options: see shape.h */
#include "common/train/shape.h"

#include "common/base/err.h"
#include "common/model/model_dir.h"

struct shape_options shape_options = {
	.layers = 4,
	.width = 256,
	.context = 256,
	.rope_theta = 10000
};

static const struct shape_options *const o = &shape_options;

/* The proportions of nanochat (Karpathy 2025), with heads of 64. */
static void from_depth(struct shape_options *s)
{
	if (!option_given("layers"))
		s->layers = s->depth;
	if (!option_given("width"))
		s->width = 64 * s->depth;
	if (!option_given("context"))
		s->context = 1024;
}

void shape_check_options(void)
{
	static const struct {
		const char *name;
		const int64_t *n;
		int64_t max;
	} ranges[] = {
		{ "depth", &shape_options.depth, 256 },
		{ "layers", &shape_options.layers, 4096 },
		{ "width", &shape_options.width, 1 << 20 },
		{ "context", &shape_options.context, 1 << 24 },
		{ "heads", &shape_options.heads, 1 << 16 },
		{ "kv-heads", &shape_options.kv_heads, 1 << 16 },
		{ "ffn", &shape_options.ffn, 1 << 24 },
	};
	size_t i;

	for (i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (option_given(ranges[i].name))
			option_range(ranges[i].name, *ranges[i].n, 1,
				ranges[i].max);
	if (option_given("depth"))
		from_depth(&shape_options);
}

/* Overwrites *to if the option was given. */
static void set_size(const char *name, size_t *to, int64_t n)
{
	if (option_given(name))
		*to = (size_t)n;
}

/* Applies the shape options to c. */
static void apply_options(struct model_config *c)
{
	if (option_given("arch"))
		c->arch = architecture_at((size_t)o->arch);
	set_size("layers", &c->layers, o->layers);
	set_size("width", &c->width, o->width);
	set_size("heads", &c->heads, o->heads);
	set_size("kv-heads", &c->kv_heads, o->kv_heads);
	set_size("ffn", &c->ffn, o->ffn);
	if (option_given("rope-theta"))
		c->rope_theta = o->rope_theta;
	if (o->untied)
		c->tied = false;
}

/* Also derives the sizes that follow from others. */
struct model_config shape_new(size_t vocab, int64_t eot)
{
	struct model_config c = {
		.arch = option_given("arch") ?
			architecture_at((size_t)o->arch) :
			architecture_find(ARCHITECTURE_DEFAULT),
		.layers = (size_t)o->layers,
		.width = (size_t)o->width,
		.context = (size_t)o->context,
		.vocab = model_vocab_rows(vocab),
		.rope_theta = o->rope_theta,
		.tied = !o->untied,
		.bos = (int32_t)eot,
		.eos = (int32_t)eot
	};
	const char *why;

	c.heads = c.width / 64 < 4 ? 4 : c.width / 64;
	set_size("heads", &c.heads, o->heads);
	c.kv_heads = c.heads;
	set_size("kv-heads", &c.kv_heads, o->kv_heads);
	if (c.width % c.heads)
		die_usage("a width of %zu does not divide into %zu heads",
			c.width, c.heads);
	c.head_size = c.width / c.heads;
	c.arch->begin(&c);
	set_size("ffn", &c.ffn, o->ffn);
	why = model_config_check(&c);
	if (why)
		die_usage("no such model: %s", why);
	return c;
}

static void check_size(const char *dir, const char *name, size_t has,
	size_t wanted)
{
	if (has != wanted)
		die("%s: not the model that the options describe: it has "
			"--%s %zu", dir, name, has);
}

/* An existing model must match the options. */
struct model *shape_load(const char *dir)
{
	struct model *m = model_load(dir);
	struct model_config c = m->config;

	model_check_head(&m->config, dir, false);
	apply_options(&c);
	if (c.arch != m->config.arch)
		die("%s: not the model that the options describe: it has "
			"--arch %s", dir, m->config.arch->name);
	check_size(dir, "layers", m->config.layers, c.layers);
	check_size(dir, "width", m->config.width, c.width);
	check_size(dir, "heads", m->config.heads, c.heads);
	check_size(dir, "kv-heads", m->config.kv_heads, c.kv_heads);
	check_size(dir, "ffn", m->config.ffn, c.ffn);
	if (c.positions == POSITIONS_ROTARY &&
		(c.rope_theta < m->config.rope_theta ||
		c.rope_theta > m->config.rope_theta))
		die("%s: not the model that the options describe: it has "
			"--rope-theta %g", dir, m->config.rope_theta);
	if (c.tied != m->config.tied)
		die("%s: not the model that the options describe: its head is "
			"tied", dir);
	return m;
}

size_t shape_time(const struct model *m)
{
	if (!m || option_given("context"))
		return (size_t)o->context;
	return m->config.context;
}
