/* rltrain - reinforcement and preference learning on graded rollouts:
 * rltrain(1)
 */
#include <stdio.h>

#include "common/base/mem.h"
#include "common/base/options.h"
#include "common/base/progress.h"
#include "common/format/records.h"
#include "common/train/adapter.h"
#include "common/train/ranks.h"
#include "common/train/rl.h"
#include "common/train/rl_options.h"
#include "common/train/train_options.h"

static struct {
	const char *dir, *out;
} o;
static struct rl r;

static const struct program program = { "rltrain",
	"-m DIR -o DIR2 [--loss NAME] [FILE ...]",
	"train a model on its own graded answers" };

static const struct option_row rows[] = {
	{ 'm', "model", OPT_STR, &o.dir, "DIR", "the model that generated the answers" },
	{ 'o', "output", OPT_STR, &o.out, "DIR2",
	  "model directory to write, may be DIR" },
	RL_OPTIONS,
	RUN_OPTIONS,
	ADAPTER_OPTIONS,
	TRAIN_OPTIONS("adamw", "a tenth of pretrain's"),
	TRAIN_COMPUTE_OPTION,
	RANKS_OPTION,
	OPT_RECORDS,
	OPT_SEED,
	OPT_THREADS,
	OPT_COMMON
};

static void summary(void)
{
	const struct policy_stats *s = &r.stats;
	char learned[320] = "", weights[96] = "";

	if (rl_pairs()) {
		progress_summary("pairs=%zu loss=%.4f accuracy=%.3f "
			"margin=%.3g chosen=%.4g rejected=%.4g grad_norm=%.3g",
			r.n, s->loss, s->accuracy, s->margin, s->chosen,
			s->rejected, r.run.trainer.grad_norm);
		return;
	}
	if (r.policy.weighs)
		snprintf(weights, sizeof weights, " importance=%.3f "
			"outside=%.3f", s->importance, s->outside);
	if (r.n)
		snprintf(learned, sizeof learned, " loss=%.4f entropy=%.3f "
			"kl=%.3g clipped=%.3f%s grad_norm=%.3g", s->loss,
			s->entropy, s->kl, s->clipped, weights,
			r.run.trainer.grad_norm);
	progress_summary("groups=%zu flat=%zu samples=%zu used=%zu "
		"ungraded=%zu length=%.1f reward=%.4f%s", r.read.groups,
		r.samples.flat, r.policy.examples.n, r.n, r.samples.ungraded,
		r.samples.length, r.samples.reward, learned);
}

static void train(void)
{
	bool trained = r.n && run_train(&r.run);

	run_check_end(&r.run);
	if (r.n && !trained) {
		run_complete(&r.run, "--epochs");
		return;
	}
	if (!r.n) {
		warn("%s: nothing to learn", rl_why_nothing(&r));
		run_save(&r.run);
	}
	summary();
}

int main(int argc, char **argv)
{
	static const char *const but[] = { "output", NULL };

	ranks_start(argv[0]);
	argv += options_parse(&program, rows, argc, argv);
	mem_hint = "a smaller -M";
	if (!o.out)
		die_usage("no output directory: give -o DIR2");
	argv = run_recall(o.out, argv, "-m starts from it");
	if (!o.dir)
		die_usage("no model: give -m DIR");
	rl_check_options();
	run_check_options();
	ranks_check_files(argv);
	adapter_check_options();
	run_check_dir(o.out, o.dir, NULL);
	r.from = run_options.resume ? o.out : o.dir;
	r.base = o.dir;
	rl_open(&r, argv);
	r.run.dir = o.out;
	r.run.options = run_remember(but, argv);
	run_open(&r.run, RECIPE_RLTRAIN);
	rl_begin(&r);
	train();
	rl_close(&r);
	return 0;
}
