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
#include "common/model/architecture.h"
#include "common/model/model_dir.h"
#include "common/model/source.h"

static struct {
	const char *out;
	int type;
	double tolerance;
	bool tensors, force;
} o = { .tolerance = INFINITY };

static const enum dtype types[] = { DTYPE_F32, DTYPE_F16, DTYPE_BF16,
	DTYPE_Q8_0, DTYPE_Q4_0 };

static const struct program program = { "ckpt",
	"info MODEL\nconvert MODEL OUT\naverage -o OUT MODEL ...\n"
	"compare MODEL MODEL",
	"inspect, convert, average and compare models" };

static const struct option_row rows[] = {
	{ 'o', "output", OPT_STR, &o.out, "OUT",
	  "average: directory or file to write" },
	{ 0, "type", OPT_ENUM, &o.type, "f32|f16|bf16|q8_0|q4_0",
	  "convert, average: type of the numbers written (f32)" },
	{ 0, "tensors", OPT_FLAG, &o.tensors, NULL,
	  "info: a line for each tensor of the file" },
	{ 0, "tolerance", OPT_FLOAT, &o.tolerance, "X",
	  "compare: maximum relative difference of a tensor" },
	{ 0, "force", OPT_FLAG, &o.force, NULL,
	  "convert, average: replace an existing model" },
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
	struct safetensors *s = source_dir_tensors(dir);
	size_t i;

	for (i = 0; i < s->n; i++)
		put_tensor(out, s->tensors[i].name, s->tensors[i].type,
			s->tensors[i].ndim, s->tensors[i].shape, false);
	safetensors_close(s);
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

static void info(char **argv)
{
	struct output *out = output_open(NULL);
	struct model *m = model_load(argv[0]);
	char *by = model_provenance(argv[0]);
	const char *line, *end;

	put_config(out, m);
	for (line = by; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		output_printf(out, "by\t%.*s\n", (int)(end - line), line);
	}
	if (file_is_dir(argv[0]) && o.tensors)
		put_dir_tensors(out, argv[0]);
	else if (!file_is_dir(argv[0]) && gguf_is(argv[0]))
		put_gguf(out, argv[0]);
	output_close(out);
	free(by);
	model_free(m);
}

/* ---- convert ---- */

static void convert(char **argv)
{
	struct model *m = model_load(argv[0]);

	write_model(m, argv[0], argv[1], types[o.type], o.force);
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
	{ "average", average, 1, 1 << 20 },
	{ "compare", run_compare, 2, 2 },
};

int main(int argc, char **argv)
{
	size_t i, ncommand = sizeof commands / sizeof *commands;
	int n = 0;

	argv += options_parse(&program, rows, argc, argv);
	if (!*argv)
		die_usage("do what? info, convert, average or compare");
	while (argv[n + 1])
		n++;
	for (i = 0; i < ncommand; i++)
		if (!strcmp(*argv, commands[i].name))
			break;
	if (i == ncommand)
		die_usage("'%s' is not one of info, convert, average, compare",
			*argv);
	if (n < commands[i].least || n > commands[i].most)
		die_usage("%s takes %s%d operand%s", *argv,
			commands[i].most > commands[i].least ? "at least " :
			"", commands[i].least,
			commands[i].least == 1 ? "" : "s");
	option_range_real("tolerance", o.tolerance, 0, INFINITY);
	if (!strcmp(*argv, "average") && !o.out)
		die_usage("where to? -o OUT");
	commands[i].run(argv + 1);
	return 0;
}
