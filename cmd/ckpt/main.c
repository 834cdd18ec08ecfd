/* ckpt - inspect, convert, average and compare models: ckpt(1) */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ckpt/ckpt.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/format/gguf.h"
#include "common/kernel/kernel.h"
#include "common/model/adapter_dir.h"
#include "common/model/architecture.h"
#include "common/model/model_dir.h"

static struct {
	const char *out, *base;
	int type;
	double tolerance;
	bool tensors, force;
} o = { .tolerance = INFINITY };

static const enum dtype types[] = { DTYPE_F32, DTYPE_F16, DTYPE_BF16,
	DTYPE_Q8_0, DTYPE_Q4_0 };

static const struct program program = { "ckpt",
	"info MODEL\nconvert MODEL OUT\nmerge ADAPTER OUT\n"
	"average -o OUT MODEL ...\ncompare MODEL MODEL",
	"inspect, convert, merge, average and compare models" };

static const struct option_row rows[] = {
	{ 'o', "output", OPT_STR, &o.out, "OUT",
	  "average: directory or file to write" },
	{ 0, "type", OPT_ENUM, &o.type, "f32|f16|bf16|q8_0|q4_0",
	  "convert, merge, average: type of the numbers written (f32)" },
	{ 0, "base", OPT_STR, &o.base, "MODEL",
	  "merge: the base model (the one that the adapter names)" },
	{ 0, "tensors", OPT_FLAG, &o.tensors, NULL,
	  "info: a line for each tensor of the file" },
	{ 0, "tolerance", OPT_FLOAT, &o.tolerance, "X",
	  "compare: maximum relative difference of a tensor" },
	{ 0, "force", OPT_FLAG, &o.force, NULL,
	  "convert, merge, average: replace an existing model" },
	OPT_COMMON
};

/* ---- info ---- */

static void put_config(struct output *out, const struct model *m)
{
	const struct model_config *c = &m->config;
	size_t i;

	output_printf(out, "arch\t%s\nlayers\t%zu\nwidth\t%zu\nheads\t%zu\n"
		"kv_heads\t%zu\nhead_size\t%zu\nffn\t%zu\ncontext\t%zu\n"
		"vocab\t%zu\n", c->arch->name, c->layers, c->width,
		c->heads, c->kv_heads, c->head_size, c->ffn, c->context,
		c->vocab);
	output_printf(out, "norm_eps\t%g\n", (double)c->norm_eps);
	if (c->positions == POSITIONS_ROTARY)
		output_printf(out, "rope_theta\t%g\n", c->rope_theta);
	output_printf(out, "tied\t%s\nbos\t%d\neos\t%d",
		c->tied ? "yes" : "no", (int)c->bos, (int)c->eos);
	for (i = 0; i < c->nmore_eos; i++)
		output_printf(out, " %d", (int)c->more_eos[i]);
	output_printf(out, "\nparameters\t%zu\n", m->nparam);
	if (c->reward)
		output_printf(out, "head\treward\npad\t%d\n", (int)c->pad);
}

static void put_tensor(struct output *out, const char *name, enum dtype type,
	int ndim, const size_t *shape, bool reversed)
{
	int i;

	output_printf(out, "%s\t%s\t", name, dtype_row(type)->name);
	for (i = 0; i < ndim; i++)
		output_printf(out, i ? ",%zu" : "%zu",
			shape[reversed ? ndim - 1 - i : i]);
	output_putc(out, '\n');
}

static void put_dir_tensors(struct output *out, const char *dir)
{
	char *file = model_dir_weights(dir);
	struct safetensors *s = adapter_is(dir) ? safetensors_open(file) :
		source_dir_tensors(dir);
	size_t i;

	for (i = 0; i < s->n; i++)
		put_tensor(out, s->tensors[i].name, s->tensors[i].type,
			s->tensors[i].ndim, s->tensors[i].shape, false);
	safetensors_close(s);
	free(file);
}

static void put_gguf_tensors(struct output *out, const struct gguf *g)
{
	size_t i;

	for (i = 0; i < g->ntensor; i++)
		put_tensor(out, g->tensors[i].name, g->tensors[i].type,
			g->tensors[i].ndim, g->tensors[i].dim, true);
}

/* How many tensors have each type, and how text is split. */
static void put_gguf(struct output *out, const char *file)
{
	struct gguf *g = gguf_open(file);
	size_t n[DTYPE_NONE] = { 0 }, i, len;
	const char *pre = gguf_text(g, "tokenizer.ggml.pre", &len);

	for (i = 0; i < g->ntensor; i++)
		n[g->tensors[i].type]++;
	output_str(out, "types");
	for (i = 0; i < DTYPE_NONE; i++)
		if (n[i])
			output_printf(out, "%c%s %zu", i ? ' ' : '\t',
				dtype_row((enum dtype)i)->name, n[i]);
	output_putc(out, '\n');
	if (pre)
		output_printf(out, "pre\t%.*s\n", (int)len, pre);
	output_printf(out, "chat_template\t%s\n",
		gguf_find(g, "tokenizer.chat_template") ? "yes" : "no");
	if (o.tensors)
		put_gguf_tensors(out, g);
	gguf_close(g);
}

/* The lines of an adapter, after those of the model into which it is merged. */
static void put_adapter(struct output *out, const char *dir)
{
	struct adapter_config c;

	if (!adapter_is(dir))
		return;
	adapter_config_read(&c, dir);
	output_printf(out, "base\t%s\nlora_rank\t%zu\nlora_alpha\t%g\n",
		c.base, c.rank, c.alpha);
	adapter_config_free(&c);
}

static void put_provenance(struct output *out, const char *model)
{
	char *by = model_provenance(model);
	const char *line, *end;

	for (line = by; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		output_printf(out, "by\t%.*s\n", (int)(end - line), line);
	}
	free(by);
}

static void info(char **argv)
{
	struct output *out = output_open(NULL);
	struct model *m = model_load(argv[0]);

	put_config(out, m);
	put_adapter(out, argv[0]);
	put_provenance(out, argv[0]);
	if (file_is_dir(argv[0]) && o.tensors)
		put_dir_tensors(out, argv[0]);
	else if (!file_is_dir(argv[0]) && gguf_is(argv[0]))
		put_gguf(out, argv[0]);
	output_close(out);
	model_free(m);
}

/* ---- convert ---- */

static void convert(char **argv)
{
	struct model *m = model_load(argv[0]);

	write_model(m, argv[0], argv[1], types[o.type], o.force);
	model_free(m);
}

/* ---- merge ---- */

/* Where the tokenizer is, without looking for the base that an adapter names if
 * another one was given. */
static const char *tokenizer_of(const char *adapter)
{
	char *file = path_join(adapter, "tokenizer.json");
	bool own = !o.base || file_exists(file);

	free(file);
	return own ? adapter : o.base;
}

static void merge(char **argv)
{
	struct model *m;

	if (!adapter_is(argv[0]))
		die("%s: not an adapter: a directory with adapter_config.json "
			"and adapter_model.safetensors", argv[0]);
	m = model_from(source_open_adapter(argv[0], o.base));
	write_model(m, tokenizer_of(argv[0]), argv[1], types[o.type], o.force);
	model_free(m);
}

/* ---- average ---- */

static void average(char **argv)
{
	struct model *mean = model_load(argv[0]);
	double *sum = xcalloc(mean->size, sizeof *sum);
	size_t n;

	for (n = 0; argv[n]; n++) {
		struct model *m = model_load(argv[n]);

		fit_check(mean, argv[0], m, argv[n]);
		vec_accumulate(sum, m->params, m->size);
		model_free(m);
	}
	vec_divide(mean->params, sum, (double)n, mean->size);
	write_model(mean, argv[0], o.out, types[o.type], o.force);
	free(sum);
	model_free(mean);
}

static void run_compare(char **argv)
{
	compare(argv, o.tolerance);
}

static const struct {
	const char *name;
	void (*run)(char **argv);
	int least, most;	/* number of operands */
} commands[] = {
	{ "info", info, 1, 1 },
	{ "convert", convert, 2, 2 },
	{ "merge", merge, 2, 2 },
	{ "average", average, 1, 1 << 20 },
	{ "compare", run_compare, 2, 2 },
};

int main(int argc, char **argv)
{
	size_t i, ncommand = sizeof commands / sizeof *commands;
	int n = 0;

	argv += options_parse(&program, rows, argc, argv);
	if (!*argv)
		die_usage("do what? info, convert, merge, average or compare");
	while (argv[n + 1])
		n++;
	for (i = 0; i < ncommand; i++)
		if (!strcmp(*argv, commands[i].name))
			break;
	if (i == ncommand)
		die_usage("'%s' is not one of info, convert, merge, average, "
			"compare", *argv);
	if (n < commands[i].least || n > commands[i].most)
		die_usage("%s takes %s%d operand%s", *argv,
			commands[i].most > commands[i].least ? "at least " :
			"", commands[i].least,
			commands[i].least == 1 ? "" : "s");
	option_range_real("tolerance", o.tolerance, 0, INFINITY);
	if (o.base && strcmp(*argv, "merge"))
		die_usage("--base has no effect without merge");
	if (!strcmp(*argv, "average") && !o.out)
		die_usage("where to? -o OUT");
	commands[i].run(argv + 1);
	return 0;
}
