/* run.c - the training loop: see run.h */
#include "common/train/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/base/signals.h"
#include "common/model/lora.h"
#include "common/model/model_dir.h"
#include "common/train/adapter.h"
#include "common/train/curves.h"
#include "common/train/keep.h"
#include "common/train/ranks.h"
#include "common/train/train_options.h"

/* The schedule of a run limited by time counts in this many parts of it. */
#define TICKS 100000

struct run_options run_options = { .save_minutes = 10 };

static const struct run_options *const o = &run_options;

/* ---- options and directories ---- */

void run_check_options(void)
{
	if (option_given("steps"))
		option_range("steps", o->steps, 1, 1L << 40);
	if (option_given("save-every"))
		option_range("save-every", o->save_every, 1, 1L << 40);
	option_range("keep", o->keep, 0, 1 << 20);
	if (option_given("minutes"))
		option_above("minutes", o->minutes, 0, 1e9, NULL);
	option_range_real("save-minutes", o->save_minutes, 0, 1e9);
	if (o->resume && o->force)
		die_usage("--resume continues a run, --force replaces it: "
			"give one of them");
	if (o->html && !strcmp(o->html, "-"))
		die_usage("--html: the page is written anew at each checkpoint: "
			"name a file");
	measures_check_options();
}

void run_check_validation(const char *file, double share)
{
	if (!(share >= 0 && share < 1))
		die_usage("--val-share: %g is not from 0 to below 1", share);
	if (file && share > 0)
		die_usage("--val-file holds data out, and so does --val-share: "
			"give one of them");
}

void run_check_dir(const char *dir, const char *from, const char *tokenizer)
{
	bool state = file_is_dir(dir) && checkpoint_exists(dir);

	model_dir_check_kind(dir, adapter_wanted());
	if (!o->resume && (!o->force || (file_exists(dir) &&
			!file_is_dir(dir))))
		model_dir_check(dir, from, tokenizer, state ?
			"--resume continues its training, --force replaces it" :
			"--force replaces it");
}

/* ---- opening ---- */

static bool has_model(const char *dir)
{
	char *file = model_dir_weights(dir);
	bool has = file_exists(file);

	free(file);
	return has;
}

void run_open(struct run *r, enum recipe_of of)
{
	struct optimizer_config c = train_optimizer(of, &r->model->config,
		r->size.batch * r->size.time);
	size_t rows;

	r->size.config = &r->model->config;
	if (r->model->lora) {
		r->size.frozen = sizeof(float) * (double)r->model->held;
		r->size.trained = r->model->lora->size;
	}
	train_compute_in(r->model);
	rows = train_rows(of, &r->size);
	trainer_init(&r->trainer, r->model, &c, rows, r->size.time, r->size.keep,
		train_options.clip, train_wire());
	r->lr = c.lr;
	r->loss = r->val_loss = NAN;
	r->at.best = INFINITY;
	r->at.settings = r->settings;
	r->resumed = o->resume;
	if (r->resumed)
		checkpoint_load(r->dir, r->trainer.optimizer, &r->at);
	else if (r->after)
		checkpoint_follow(r->after, r->kind, r->trainer.optimizer,
			&r->at);
	r->schedule = train_schedule(of, o->minutes > 0 ? TICKS : r->steps);
	if (r->steps)
		r->steps += r->at.first;
}

/* From here on, the run writes to its directory. */
static void begin(struct run *r)
{
	const char *before = r->resumed ? r->dir : r->after;
	char *log = path_join(r->dir, "trainlog.tsv");
	char *old = before ? path_join(before, "trainlog.tsv") : NULL;

	dir_claim(r->dir);
	if (o->html)	/* which may be in the directory */
		output_try(o->html);
	r->log = trainlog_open(log, r->at.step || r->resumed ? old : NULL,
		r->at.step, r->columns);
	r->measures = measures_open(r->dir, r->at.step || r->resumed ? before :
		NULL, r->at.step, r->flops, train_bits() == 16 ? COMPUTE_BF16 :
		COMPUTE_FP32);
	free(log);
	free(old);
}

void run_close(struct run *r)
{
	trainer_free(&r->trainer);
	trainlog_free(r->log);
	measures_free(r->measures);
	free(r->settings);
	free(r->options);
	free(r->chain);
}

/* ---- limits ---- */

/* Seconds of training so far, including those before the run was resumed. */
static double spent(const struct run *r)
{
	return r->at.seconds + clock_seconds() - r->began;
}

/* The fraction of the run that is done, from 0 to 1; 0 if unknown. */
static double done(const struct run *r)
{
	double by_steps = r->steps ? (double)(r->at.step - r->at.first) /
		(double)(r->steps - r->at.first) : 0;
	double by_time = o->minutes > 0 ? spent(r) / (60 * o->minutes) : 0;
	double x = fmax(by_steps, by_time);

	return x < 1 ? x : 1;
}

/* The learning-rate factor for the next update. A warmup given in steps is
 * counted in steps, whatever limits the run. */
static double rate_factor(const struct run *r)
{
	struct schedule s = r->schedule;
	long step = r->at.step - r->at.first;
	double rise = 1;

	if (!(o->minutes > 0))
		return schedule_factor(&s, step);
	if (option_given("warmup")) {
		if (step < s.warmup)
			rise = (double)(step + 1) / (double)(s.warmup + 1);
		s.warmup = 0;
	}
	return rise * schedule_factor(&s, (long)(done(r) * TICKS));
}

/* Whether the latest update is the final one: another one and the work at the
 * end would exceed the limit. */
static bool at_limit(const struct run *r)
{
	if (r->steps && r->at.step >= r->steps)
		return true;
	return o->minutes > 0 && spent(r) + r->step_time + r->end_time >=
		60 * o->minutes;
}

/* ---- checkpoints ---- */

static const char *provenance(const struct run *r)
{
	return r->chain ? r->chain : r->provenance(r->ctx);
}

/* An update can leave numbers that are not finite though its gradient was. */
static void check_finite(const struct run *r)
{
	const struct tensor *t = optimizer_not_finite(r->trainer.optimizer);

	if (t)
		die("step %ld: %s is not finite, and is not written; a smaller --lr "
			"may help", r->at.step, t->name);
}

/* What the directory now says of the run: see curves(1). */
static void write_page(const struct run *r)
{
	static const struct curve_options options;
	char *const names[] = { (char *)r->dir, NULL };
	struct output *out;
	struct curves *c;

	if (!o->html)
		return;
	out = output_open(o->html);
	c = curves_open(names, &options, true);
	curves_page(out, c);
	output_close(out);
	curves_free(c);
}

/* Writes the log first: a run that resumes from an older state truncates the
 * rows after it, but cannot restore missing ones. */
static void prepare_save(struct run *r)
{
	trainlog_save(r->log);
	measures_save(r->measures, !r->saved && !r->resumed && !r->after);
	/* Not earlier: until now an existing model keeps its tokenizer. */
	if (!r->saved)
		r->write_tokenizer(r->ctx, r->dir);
	if (!r->saved && !r->resumed && !r->after && !isfinite(r->at.best))
		model_remove_best(r->dir);
	if (!r->saved && !r->resumed && !r->after)
		keep_none(r->dir);
	run_write_options(r);
}

/* What follows from a checkpoint that is whole. */
static void finish_save(const struct run *r)
{
	if (o->keep)
		keep_checkpoint(r->dir, r->at.step, (size_t)o->keep);
	write_page(r);
}

/* All ranks, since each has a part of the state. */
static void save(struct run *r)
{
	struct checkpoint at = r->at;
	double began = clock_seconds();

	check_finite(r);
	if (ranks_writes())
		prepare_save(r);
	r->saved = true;
	/* Time left but too short for another update counts as spent. */
	at.seconds = o->minutes > 0 ? fmax(spent(r), r->ended ?
		60 * o->minutes : 0) : 0;
	checkpoint_save(r->dir, r->model, r->trainer.optimizer, &at,
		provenance(r));
	if (ranks_writes())
		finish_save(r);
	r->saved_at = clock_seconds();
	r->end_time = fmax(r->end_time, r->saved_at - began);
}

void run_save(struct run *r)
{
	ranks_first(0);		/* all have read what it may replace */
	if (ranks_writes())
		begin(r);
	save(r);
}

static bool save_due(const struct run *r)
{
	if (o->save_every && r->at.step % o->save_every == 0)
		return true;
	return o->save_minutes > 0 && clock_seconds() - r->saved_at >=
		60 * o->save_minutes;
}

/* Saves the model with the lowest validation loss in a directory of its own.
 * An existing model that the run replaces is overwritten before its best. */
static void keep_best(struct run *r)
{
	char step[32], loss[32];
	const char *meta[] = { "step", step, "val_loss", loss, NULL };
	char *best;

	if (!(r->val_loss < r->at.best))
		return;
	if (!r->saved && !r->resumed && ranks_first(has_model(r->dir)) != 0)
		save(r);
	r->at.best = r->val_loss;
	if (!ranks_writes())
		return;
	best = path_join(r->dir, "best");
	snprintf(step, sizeof step, "%ld", r->at.step);
	snprintf(loss, sizeof loss, "%.7g", r->val_loss);
	dir_make(best);
	r->write_tokenizer(r->ctx, best);
	model_save(r->model, best, DTYPE_F32, provenance(r), meta);
	free(best);
}

/* ---- updates ---- */

static void show(const struct run *r)
{
	double seconds = clock_seconds() - r->began, part = done(r);
	double rate = (double)(r->at.tokens - r->began_tokens) / seconds;
	char total[32] = "", val[32] = "", left[64] = "";

	if (r->steps)
		snprintf(total, sizeof total, "/%ld", r->steps);
	if (isfinite(r->val_loss))
		snprintf(val, sizeof val, " val_loss=%.4f", r->val_loss);
	if (o->minutes > 0)
		snprintf(left, sizeof left, " done=%.0f%% left=%.0fs",
			100 * part, fmax(0, 60 * o->minutes - spent(r)));
	else if (r->steps)
		snprintf(left, sizeof left, " done=%.0f%% left=%.0fs",
			100 * part, seconds /
			(double)(r->at.step - r->began_step) *
			(double)(r->steps - r->at.step));
	progress_print("step=%ld%s loss=%.4f%s tokens/s=%.0f%s", r->at.step,
		total, r->loss, val, rate, left);
}

static void record(struct run *r, bool validated)
{
	struct trainlog_row row = {
		.step = r->at.step,
		.loss = r->loss,
		.val_loss = validated ? r->val_loss : NAN,
		.lr = r->lr * r->factor,
		.grad_norm = r->trainer.grad_norm,
		.tokens = r->at.tokens,
		.more = r->measured,
		.bits = train_bits()
	};

	if (ranks_writes())
		trainlog_add(r->log, &row);
	if (validated)
		keep_best(r);
}

static void sample(struct run *r, bool last)
{
	struct buf *out = measures_sample(r->measures, r->at.step, last);

	if (out && r->sample)
		r->sample(r->ctx, out);
}

static void validate(struct run *r)
{
	double began = clock_seconds();

	r->val_loss = r->validate(r->ctx);
	r->end_time = clock_seconds() - began;
}

/* The gradient of the next update over all ranks; false: no data is left. */
static bool gather(struct run *r, struct update *u)
{
	trainer_begin(&r->trainer);
	measures_watch(r->measures, &r->trainer, r->at.step + 1);
	if (!r->gradient(r->ctx, u))
		return false;
	trainer_meet(&r->trainer);
	measures_gradient(r->measures, &r->trainer);
	return true;
}

/* One update; false if it was the last, or no data is left for it. */
static bool update(struct run *r)
{
	struct update u = { 0 };
	double began = clock_seconds();
	bool last;

	r->factor = ranks_first(rate_factor(r));
	if (!gather(r, &u))
		return false;
	trainer_update(&r->trainer, r->factor);
	r->loss = trainer_loss(&r->trainer);
	r->at.step++;
	r->at.rows += u.rows;
	r->at.tokens += u.tokens;
	r->step_time = clock_seconds() - began;
	measures_speed(r->measures, r->at.step, r->at.tokens, u.tokens,
		r->step_time);
	measures_stats(r->measures, &r->trainer, r->at.step);
	last = u.last || ranks_first(at_limit(r)) != 0;
	u.validate = r->validate && (u.validate || last);
	if (u.validate)
		validate(r);
	record(r, u.validate);
	sample(r, last);
	if (ranks_writes() && progress_due())
		show(r);
	return !last;
}

static void begin_training(struct run *r)
{
	signals_catch_passed_on();
	r->began = r->saved_at = clock_seconds();
	r->began_tokens = r->at.tokens;
	r->began_step = r->at.step;
	ranks_first(0);		/* all have read what it may replace */
	if (ranks_writes())
		begin(r);
}

static bool stopped(struct run *r)
{
	r->signal = (int)ranks_first(signals_caught());
	return r->signal != 0;
}

bool run_train(struct run *r)
{
	bool more = !r->steps || r->at.step < r->steps;

	begin_training(r);
	if (more && o->minutes > 0 && r->at.step &&
		ranks_first(at_limit(r)) != 0)
		more = false;
	if (more && ranks_writes())
		trainlog_follow(r->log, !r->resumed && has_model(r->dir));
	while (more && !stopped(r)) {
		more = update(r);
		if (more && ranks_first(save_due(r)) != 0)
			save(r);
	}
	if (r->at.step == r->began_step)
		return false;
	r->ended = !more;
	save(r);
	return true;
}

/* ---- the end ---- */

const char *run_summary(const struct run *r)
{
	static char text[160];
	char val[32] = "";

	if (isfinite(r->val_loss))
		snprintf(val, sizeof val, " val_loss=%.4f", r->val_loss);
	snprintf(text, sizeof text, "steps=%ld loss=%.4f%s compute=%s", r->at.step,
		r->loss, val, train_bits() == 16 ? "bf16" : "fp32");
	return text;
}

void run_complete(const struct run *r, const char *more)
{
	progress_summary("steps=%ld: the run is complete; more %s continue it",
		r->at.step, more);
}

void run_check_end(const struct run *r)
{
	if (!r->signal || (r->steps && r->at.step >= r->steps))
		return;
	if (!r->at.step)
		die("stopped by a signal before the first step");
	die("stopped by a signal after step %ld; --resume continues",
		r->at.step);
}
