/* sft - supervised fine-tuning on conversations: sft(1) */
#include <inttypes.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/train/adapter.h"
#include "common/train/ranks.h"
#include "common/train/train_options.h"
#include "common/train/tuning.h"

static struct {
	const char *dir, *out;
} o;
static struct tuning t;

static const struct program program = { "sft",
	"-m DIR -o DIR2 [FILE ...]",
	"fine-tune a model on conversations" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.dir, "DIR", "the model to start from" },
	{ 'o', "output", OPT_STR, &o.out, "DIR2", "model directory to write" },
	{ 0, "epochs", OPT_INT, &t.epochs, "N",
	  "passes over the data (2; more of a small set)" },
	{ 0, "batch", OPT_INT, &t.batch, "N",
	  "rows per update, filled with conversations (16; fewer of a small "
	  "set)" },
	{ 0, "context", OPT_INT, &t.context, "N",
	  "tokens per row (the model's context)" },
	{ 0, "val-file", OPT_STR, &t.val_file, "FILE",
	  "conversations for validation" },
	{ 0, "val-share", OPT_FLOAT, &t.val_share, "X",
	  "share of the conversations held out for validation (0)" },
	{ 0, "template", OPT_STR, &t.template_name, "NAME",
	  "+chatml, llama3, plain or a Jinja file (the model's own)" },
	LIMIT_OPTIONS("all --epochs"),
	RUN_OPTIONS,
	STATS_OPTION,
	ADAPTER_OPTIONS,
	TRAIN_OPTIONS("adamw", "half of pretrain's"),
	TRAIN_COMPUTE_OPTION,
	RANKS_OPTION,
	SCHEDULE_OPTIONS("0.5"),
	OPT_RECORDS,
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

static void check_options(void)
{
	if (option_given("epochs"))
		option_range("epochs", t.epochs, 1, 1000000);
	if (option_given("batch"))
		option_range("batch", t.batch, 1, 1 << 20);
	run_check_validation(t.val_file, t.val_share);
	run_check_options();
	adapter_check_options();
}

static void summary(void)
{
	progress_summary("conversations=%zu held_out=%zu epochs=%" PRIu32
		" batch=%" PRId64 " %s", t.dialogues.train.n,
		t.dialogues.val.n, t.passes.epoch + 1, t.batch,
		run_summary(&t.run));
}

int main(int argc, char **argv)
{
	static const char *const but[] = { "output", NULL };
	bool trained;

	ranks_start(argv[0]);
	argv += options_parse(&program, rows, argc, argv);
	if (!o.out)
		die_usage("no output directory: give -o DIR2");
	argv = run_recall(o.out, argv, "-m starts from it");
	if (!o.dir)
		die_usage("no model: give -m DIR");
	check_options();
	ranks_check_files(argv);
	mem_hint = "a smaller --batch, --context or -M";
	records_hint = "for the format of a line see conversations(5)";
	run_check_dir(o.out, o.dir, NULL);
	t.from = run_options.resume ? o.out : o.dir;
	t.base = o.dir;
	tuning_open(&t, argv);
	t.run.dir = o.out;
	t.run.options = run_remember(but, argv);
	run_open(&t.run, RECIPE_SFT);
	trained = run_train(&t.run);
	run_check_end(&t.run);
	if (trained)
		summary();
	else
		run_complete(&t.run, "--steps or --epochs");
	tuning_close(&t);
	return 0;
}
