/* run.h - the training loop that all trainers share
 *
 * The program prepares model and data and computes the gradient of an update.
 * The run owns the rest: schedule, log, checkpoints by step and by time, the
 * best model by validation loss, step and time limits, signals, the
 * synchronisation of ranks, and the state that lets it resume bit for bit:
 *
 *	operands = run_recall(dir, ...);	 options of the run to resume
 *	run_check_dir(dir, ...);		 nothing is silently replaced
 *	... model, data ...
 *	run_open(&r, recipe); run_train(&r); run_check_end(&r); run_close(&r);
 */
#ifndef PIPELM_RUN_H
#define PIPELM_RUN_H

#include "common/base/buf.h"
#include "common/base/options.h"
#include "common/format/trainlog.h"
#include "common/train/checkpoint.h"
#include "common/train/measures.h"
#include "common/train/memory.h"
#include "common/train/recipe.h"
#include "common/train/schedule.h"
#include "common/train/trainer.h"

struct run_options {
	int64_t steps, save_every, keep;
	double minutes, save_minutes;
	const char *html;	/* file of the page about the run; or NULL */
	bool resume, force;
};
extern struct run_options run_options;

/* Where a run ends. */
#define LIMIT_OPTIONS(steps_text) \
	{ 0, "steps", OPT_INT, &run_options.steps, "N", \
	  "updates (" steps_text ")" }, \
	{ 0, "minutes", OPT_FLOAT, &run_options.minutes, "X", \
	  "train for X minutes; the schedule follows the clock" }

#define RUN_OPTIONS \
	{ 0, "resume", OPT_FLAG, &run_options.resume, NULL, \
	  "continue the run whose state the directory holds" }, \
	{ 0, "force", OPT_FLAG, &run_options.force, NULL, \
	  "+replace a model that the directory holds" }, \
	{ 0, "save-every", OPT_INT, &run_options.save_every, "N", \
	  "+steps between checkpoints (by time)" }, \
	{ 0, "save-minutes", OPT_FLOAT, &run_options.save_minutes, "X", \
	  "+minutes between checkpoints, 0 for none (10)" }, \
	{ 0, "keep", OPT_INT, &run_options.keep, "N", \
	  "+how many checkpoints to keep, each as DIR/step-N (0)" }, \
	SPEED_OPTION, \
	{ 0, "html", OPT_STR, &run_options.html, "FILE", \
	  "+write a page about the run, at each checkpoint" }

/* What the gradient callback reports about an update. */
struct update {
	uint64_t rows, tokens;
	bool last;		/* no data is left for another */
	bool validate;		/* after this update */
};

struct run {
	/* Set by the program before run_open. The run owns settings, options
	 * and chain from then on; the rest is kept by reference. */
	const char *dir;	/* model directory to write */
	struct model *model;
	char *settings;		/* as in checkpoint.h */
	char *options;		/* run_remember */
	long steps;		/* 0: until the data ends */
	/* A directory whose moments, steps and log this run continues as the
	 * next round, if its settings begin with kind; or NULL. */
	const char *after, *kind;
	struct training_size size;	/* batch, time, data, reference */
	/* What the log has besides: names of columns, ended by NULL, and the
	 * values of the latest update, one each; or NULL. */
	const char *const *columns;
	const double *measured;
	double flops;		/* floating-point operations a token; 0: unknown */
	/* Appends a text that the model continues as a line of JSON that begins
	 * with SAMPLES_BEGIN (measures.h); NULL: none. */
	void (*sample)(void *ctx, struct buf *out);
	/* Accumulates the gradient of the next update, whose number in the run
	 * is at.step - at.first; false: no data is left, on all ranks. To
	 * exchange anything between ranks, it calls trainer_meet first. */
	bool (*gradient)(void *ctx, struct update *u);
	double (*validate)(void *ctx);	/* nats per token; NULL: none */
	/* Writes the tokenizer's files, if there are any. */
	void (*write_tokenizer)(void *ctx, const char *dir);
	/* Provenance: the command lines of the upstream stages. If chain is
	 * NULL, provenance returns those known so far; more appear as a
	 * stream moves from one of its parts to the next. */
	char *chain;
	const char *(*provenance)(void *ctx);
	void *ctx;
	/* Set by the run. */
	struct trainer trainer;
	struct schedule schedule;
	struct checkpoint at;
	struct trainlog *log;
	struct measures *measures;
	double lr;		/* at factor 1 */
	double factor;		/* of this update */
	double loss, val_loss;	/* the latest; NaN: none */
	double began, saved_at;	/* clock */
	double step_time, end_time;	/* seconds an update takes; the end */
	uint64_t began_tokens;
	long began_step;
	bool resumed, saved, ended;
	int signal;		/* that stopped it, on rank 0; or 0 */
};

void run_check_options(void);

/* --val-file and --val-share, of trainers that have them. */
void run_check_validation(const char *file, double share);

/* With --resume, options missing from the command line are taken from
 * DIR/run.txt. Returns the operands of the command line or, if it has none,
 * those of the run. Without a training state a new run begins, unless DIR holds
 * a model, which is fatal; begin says how to start from that model. */
char **run_recall(const char *dir, char **operands, const char *begin);

/* The part of the command line to store with a run: program, options except
 * those in `but` (as in options_text; --resume, --force and the like are never
 * stored), operands. The caller frees it. */
char *run_remember(const char *const *but, char *const *operands);

/* Writes r->options to DIR/run.txt. */
void run_write_options(const struct run *r);

/* Appends "model=DIR", the model that the run started from, to settings; if dir
 * is NULL, "model=random". */
void run_setting_model(struct buf *settings, const char *dir);

/* Refuses to replace the contents of dir without --force or --resume. from,
 * tokenizer: as in model_dir_check. */
void run_check_dir(const char *dir, const char *from, const char *tokenizer);

/* Allocates the memory for training at r->size, and reads the state of the run
 * to resume, or of the previous round. Writes nothing. */
void run_open(struct run *r, enum recipe_of of);

/* Trains until steps, time or data are exhausted or a signal arrives, then
 * saves. Returns false if there was nothing left to do. */
bool run_train(struct run *r);

/* Saves the model unchanged, for a run that has nothing to learn from. */
void run_save(struct run *r);

/* "steps=N loss=X [val_loss=X] compute=TYPE" for the summary; static, valid until the
 * next call. */
const char *run_summary(const struct run *r);

/* Prints the summary of a run that had nothing left to do; more: the options
 * that extend it. */
void run_complete(const struct run *r, const char *more);

/* Fatal if a signal stopped the run before its end. */
void run_check_end(const struct run *r);

/* Also frees what the program handed to the run, except the model. */
void run_close(struct run *r);

#endif
