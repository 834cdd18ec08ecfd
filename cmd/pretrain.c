/* pretrain - next-token training of a model on token shards: pretrain(1) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/train/pretraining.h"
#include "common/train/ranks.h"
#include "common/train/shape.h"
#include "common/train/train_options.h"

static struct {
	const char *from, *dir;
	struct option_list val_files;
	bool plan;
} o;
static struct pretraining p = { .val_every = 100 };

static const struct program program = { "pretrain",
	"-o DIR [-m DIR0] [-t TOKENIZER] SHARD ...\n"
	"-o DIR [-m DIR0] [-t TOKENIZER] < tokens\n"
	"-o DIR --resume [SHARD ...]\n"
	"-n [-t TOKENIZER] [SHARD ...]",
	"train a model to predict the next token" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.from, "DIR0",
	  "model to start from, instead of random parameters" },
	{ 'o', "output", OPT_STR, &o.dir, "DIR", "model directory to write" },
	{ 't', "tokenizer", OPT_STR, &p.tokenizer, "FILE",
	  "vocabulary of the tokens, copied to the model" },
	{ 'n', "plan", OPT_FLAG, &o.plan, NULL,
	  "print what the run would cost, and do not train" },
	SHAPE_OPTIONS,
	{ 0, "batch", OPT_INT, &p.batch, "N", "rows per update (32, or by --depth)" },
	LIMIT_OPTIONS("one epoch"),
	RUN_OPTIONS,
	STATS_OPTION,
	SAMPLE_OPTIONS,
	TRAIN_OPTIONS("muon", "6e-4 * (768/width)^.75"),
	TRAIN_COMPUTE_OPTION,
	RANKS_OPTION,
	SCHEDULE_OPTIONS("0.65"),
	{ 0, "separate", OPT_FLAG, &p.separate, NULL,
	  "+documents in a row do not attend to one another" },
	{ 0, "val-file", OPT_LIST, &o.val_files, "FILE",
	  "shard for validation; may be repeated" },
	{ 0, "val-every", OPT_INT, &p.val_every, "N",
	  "+steps between validations (100)" },
	{ 0, "val-windows", OPT_INT, &p.val_windows, "N",
	  "+rows per validation (all)" },
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

static void check_options(void)
{
	shape_check_options();
	p.by_depth = option_given("depth");
	if (p.by_depth && o.from)
		die_usage("--depth shapes a new model, and -m has its shape");
	if (option_given("batch"))
		option_range("batch", p.batch, 1, 1 << 24);
	else if (!p.by_depth)
		p.batch = (int64_t)recipe_find(RECIPE_PRETRAIN)->batch;
	option_range("val-every", p.val_every, 1, 1L << 40);
	if (option_given("val-windows"))
		option_range("val-windows", p.val_windows, 1, 1L << 40);
	run_check_options();
}

/* The operands, without a - that stands for standard input. */
static char **shards(char **argv)
{
	if (*argv && !strcmp(*argv, "-") && !argv[1])
		return argv + 1;
	if (!*argv && isatty(STDIN_FILENO))
		die_usage("no shards given, and standard input is a terminal: "
			"name shards, or pipe tokens in");
	return argv;
}

static char **val_files(void)
{
	char **names = xcalloc(o.val_files.n + 1, sizeof *names);
	size_t i;

	for (i = 0; i < o.val_files.n; i++)
		names[i] = (char *)o.val_files.v[i];
	return names;
}

static void summary(void)
{
	double rate = (double)(p.run.at.tokens - p.run.began_tokens) /
		(clock_seconds() - p.run.began);
	char bits[40] = "";

	if (p.bits_per_byte > 0)
		snprintf(bits, sizeof bits, " bits/byte=%.4f",
			p.bits_per_byte);
	progress_summary("%s%s tokens/s=%.0f", run_summary(&p.run), bits,
		rate);
}

static void train(void)
{
	bool trained = run_train(&p.run);

	run_check_end(&p.run);
	if (trained)
		summary();
	else if (!p.run.at.step)
		die("too few tokens for one row of %zu", p.time);
	else
		run_complete(&p.run, "--steps");
	/* Read the stream to its end, so that its writer succeeds; a signal may
	 * interrupt that, since the model is already saved. */
	signals_release();
	data_drain(p.data);
}

static int plan(char **shards)
{
	struct output *out = output_open(NULL);

	if (ranks.count > 1)
		die_usage("--plan is of one process, not of %zu", ranks.count);
	p.from = o.from;
	p.val_files = val_files();
	pretraining_plan(&p, shards, out);
	output_close(out);
	return 0;
}

int main(int argc, char **argv)
{
	/* On resuming, the tokenizer is already in the directory. */
	static const char *const but[] = { "output", "tokenizer", NULL };

	ranks_start(argv[0]);
	argv += options_parse(&program, rows, argc, argv);
	if (!o.dir && !o.plan)
		die_usage("no output directory: give -o DIR");
	if (!o.plan)
		argv = run_recall(o.dir, argv, "-m and another -o start from it");
	check_options();
	mem_hint = "fewer --layers, --width, --context or --batch, a smaller "
		"-M, --moments bf16, or --recompute full";
	if (o.plan)
		return plan(argv);
	argv = shards(argv);
	ranks_check_files(argv);
	run_check_dir(o.dir, o.from, p.tokenizer);
	p.from = run_options.resume ? o.dir : o.from;
	p.base = o.from;
	p.val_files = val_files();
	pretraining_open(&p, argv);
	p.run.dir = o.dir;
	p.run.options = run_remember(but, argv);
	run_open(&p.run, RECIPE_PRETRAIN);
	pretraining_begin(&p);
	if (!p.vocab)
		warn("without -t the model has no tokenizer.json");
	train();
	free(p.val_files);
	pretraining_close(&p);
	return 0;
}
