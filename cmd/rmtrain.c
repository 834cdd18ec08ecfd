/* rmtrain - train a reward model on compared answers: rmtrain(1) */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/train/ranks.h"
#include "common/train/reward_model.h"
#include "common/train/train_options.h"

static struct {
	const char *dir, *out;
} o;
static struct reward_model r;

static const struct program program = { "rmtrain",
	"-m DIR -o DIR2 [FILE ...]",
	"train a reward model on compared answers" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.dir, "DIR", "the model to start from" },
	{ 'o', "output", OPT_STR, &o.out, "DIR2", "model directory to write" },
	{ 0, "epochs", OPT_INT, &r.epochs, "N",
	  "passes over the data (2; more of a small set)" },
	{ 0, "batch", OPT_INT, &r.batch, "N",
	  "prompts per update, with all their answers (16; fewer of a small "
	  "set)" },
	{ 0, "center", OPT_FLOAT, &r.center, "X",
	  "weight of (sum of both scores)^2 in the loss (0)" },
	{ 0, "val-file", OPT_STR, &r.val_file, "FILE",
	  "comparisons for validation" },
	{ 0, "val-share", OPT_FLOAT, &r.val_share, "X",
	  "share of the prompts held out for validation (0)" },
	LIMIT_OPTIONS("all --epochs"),
	RUN_OPTIONS,
	TRAIN_OPTIONS("adamw", "a third of pretrain's"),
	TRAIN_COMPUTE_OPTION,
	SCHEDULE_OPTIONS("1"),
	OPT_RECORDS,
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

static void check_options(void)
{
	if (option_given("epochs"))
		option_range("epochs", r.epochs, 1, 1000000);
	if (option_given("batch"))
		option_range("batch", r.batch, 1, 1 << 20);
	option_range_real("center", r.center, 0, 1e30);
	run_check_validation(r.val_file, r.val_share);
	run_check_options();
}

static void summary(void)
{
	const struct preferences *p = &r.preferences;
	char val[48] = "";

	if (isfinite(r.run.val_loss))
		snprintf(val, sizeof val, " val_accuracy=%.4f",
			r.val.accuracy);
	progress_summary("prompts=%zu comparisons=%zu held_out=%zu epochs=%"
		PRIu32 " batch=%" PRId64 " %s accuracy=%.4f%s",
		p->train.nprompt, p->train.n, p->val.n, r.turns.epoch + 1,
		r.batch, run_summary(&r.run), r.stats.accuracy, val);
}

int main(int argc, char **argv)
{
	static const char *const but[] = { "output", NULL };
	bool trained;

	argv += options_parse(&program, rows, argc, argv);
	ranks_refuse();
	if (!o.out)
		die_usage("no output directory: give -o DIR2");
	argv = run_recall(o.out, argv, "-m starts from it");
	if (!o.dir)
		die_usage("no model: give -m DIR");
	check_options();
	mem_hint = "a smaller --batch or -M";
	records_hint = "for the format of a line see rmtrain(1)";
	run_check_dir(o.out, o.dir, NULL);
	r.from = run_options.resume ? o.out : o.dir;
	r.base = o.dir;
	reward_model_open(&r, argv);
	r.run.dir = o.out;
	r.run.options = run_remember(but, argv);
	run_open(&r.run, RECIPE_RMTRAIN);
	reward_model_begin(&r);
	trained = run_train(&r.run);
	run_check_end(&r.run);
	if (trained)
		summary();
	else
		run_complete(&r.run, "--steps or --epochs");
	reward_model_close(&r);
	return 0;
}
