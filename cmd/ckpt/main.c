/* ckpt - inspect, convert, average and compare models: ckpt(1) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/ckpt/ckpt.h"
#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/kernel/kernel.h"
#include "common/model/adapter_dir.h"
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

static void run_info(char **argv)
{
	info(argv[0], o.tensors);
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
	{ "info", run_info, 1, 1 },
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
