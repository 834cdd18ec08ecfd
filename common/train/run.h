/* run.h - a run from its first update to its last: what pretrain and sft share
 *
 * The program makes model and data and says how the gradient of an update is
 * found. The run keeps the schedule, the log, checkpoints by number and by
 * time, the best model by validation, limits of steps and time, signals, and
 * what it needs to go on bit for bit:
 *
 *	operands = run_recall(dir, ...);	 options of a run gone on with
 *	run_check_dir(dir, ...);		 nothing is replaced in silence
 *	... model, data ...
 *	run_open(&r, ...); run_train(&r); run_finish(&r); run_close(&r);
 */
#ifndef PIPELM_RUN_H
#define PIPELM_RUN_H

#include "common/base/options.h"
#include "common/format/trainlog.h"
#include "common/train/checkpoint.h"
#include "common/train/recipe.h"
#include "common/train/schedule.h"
#include "common/train/trainer.h"

struct run_options {
	int64_t steps, save_every;
	double minutes, save_minutes;
	bool resume, force;
};
extern struct run_options run_options;

#define RUN_OPTIONS(steps_text) \
	{ 0, "steps", OPT_INT, &run_options.steps, "N", \
	  "updates (" steps_text ")" }, \
	{ 0, "minutes", OPT_FLOAT, &run_options.minutes, "X", \
	  "train for so long; the schedule follows the clock" }, \
	{ 0, "resume", OPT_FLAG, &run_options.resume, NULL, \
	  "go on with the run whose state the directory holds" }, \
	{ 0, "force", OPT_FLAG, &run_options.force, NULL, \
	  "+replace a model that the directory holds" }, \
	{ 0, "save-every", OPT_INT, &run_options.save_every, "N", \
	  "+steps from one checkpoint to the next (by time)" }, \
	{ 0, "save-minutes", OPT_FLOAT, &run_options.save_minutes, "X", \
	  "+minutes from one checkpoint to the next, 0 for none (10)" }

/* What the program's gradient says of an update. */
struct update {
	double loss;
	uint64_t rows, tokens;
	bool last;		/* no data is left for another */
	bool validate;		/* after it */
};

struct run {
	/* The program's, before run_open; all are kept by reference. */
	const char *dir;	/* model directory to write */
	struct model *model;
	char *settings;		/* as in checkpoint.h */
	char *options;		/* run_remember */
	long steps;		/* 0: until the data ends */
	double data;		/* bytes that the program keeps, for -M */
	/* Adds up the gradient of the next update; false: no data is left. */
	bool (*gradient)(void *ctx, struct update *u);
	double (*validate)(void *ctx);	/* nats a token; NULL: none */
	/* Writes the files of the tokenizer, or nothing. */
	void (*write_tokenizer)(void *ctx, const char *dir);
	/* The command lines of the stages before, as far as they are known
	 * now: streams that follow one another bring theirs one by one. */
	const char *(*provenance)(void *ctx);
	void *ctx;
	/* The run's. */
	struct trainer trainer;
	struct schedule schedule;
	struct checkpoint at;
	struct trainlog *log;
	double lr;		/* at factor 1 */
	double factor;		/* of this update */
	double loss, val_loss;	/* of the last; NaN: none */
	double began, saved_at;	/* clock */
	double step_time, end_time;	/* seconds of an update; of the end */
	uint64_t began_tokens;
	long began_step;
	bool resumed, saved, ended;
};

void run_check_options(void);

/* With --resume, takes the options of the run in dir, which DIR/run.txt holds,
 * where the command line does not give them. Returns the operands: the command
 * line's, or where it has none those of the run. Without a state the run
 * begins, but not over a model; begin says what would begin with that. */
char **run_recall(const char *dir, char **operands, const char *begin);

/* What a run remembers of the command line, to be freed: the program, options
 * but those named (as in options_text; --resume, --force and the like are never
 * remembered), operands. */
char *run_remember(const char *const *but, char *const *operands);

/* Refuses to replace what is in dir unless --force or --resume says so. from,
 * tokenizer: as in model_dir_check. */
void run_check_dir(const char *dir, const char *from, const char *tokenizer);

/* Takes the memory of training in batches of rows by time, and the state of
 * the run gone on with. batch: rows of an update; returns nothing. */
void run_open(struct run *r, enum recipe_of of, size_t batch, size_t time);

/* Trains until steps, time or data are at their end, or a signal comes; saves.
 * False when there was nothing left to do. */
bool run_train(struct run *r);

/* "steps=N loss=X [val_loss=X]" for the summary, static until the next. */
const char *run_summary(const struct run *r);

/* Fatal when a signal stopped the run before its end. */
void run_check_end(const struct run *r);

void run_close(struct run *r);

#endif
