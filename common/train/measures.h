/* measures.h - what a run measures besides its log, each on demand: trainlog(5)
 *
 * DIR/speed.tsv, DIR/layers.tsv and DIR/samples.jsonl, written at checkpoints. None
 * of it changes what is trained.
 */
#ifndef PIPELM_MEASURES_H
#define PIPELM_MEASURES_H

#include "common/base/buf.h"
#include "common/base/options.h"
#include "common/train/trainer.h"

struct measure_options {
	bool speed;
	int64_t stats_every, sample_every;	/* steps; 0: never */
	const char *sample_prompt;
};
extern struct measure_options measure_options;

#define SPEED_OPTION \
	{ 0, "speed", OPT_FLAG, &measure_options.speed, NULL, \
	  "+write the speed of each step to speed.tsv" }
#define STATS_OPTION \
	{ 0, "stats-every", OPT_INT, &measure_options.stats_every, "N", \
	  "+steps between statistics of the layers, in layers.tsv" }
#define SAMPLE_OPTIONS \
	{ 0, "sample-every", OPT_INT, &measure_options.sample_every, "N", \
	  "+steps between samples of text, in samples.jsonl" }, \
	{ 0, "sample-prompt", OPT_STR, &measure_options.sample_prompt, \
	  "TEXT", "+what samples continue (the start of a document)" }

/* The headers of the files, and how a line of samples begins. */
#define SPEED_BEGIN "step\ttokens\tseconds\ttokens/s\tgflop/s\tshare"
#define LAYERS_BEGIN "step\tlayer\tweight_rms\tweight_max\tgrad_rms\tgrad_max" \
	"\tupdate\tact_rms\tact_max"
#define SAMPLES_BEGIN "{\"step\":"

/* Options out of range are a usage error. */
void measures_check_options(void);

struct measures;

/* Those that the options ask for, of a run that writes to dir and continues that in
 * before (or NULL) after step keep. A rank that writes no files has none: all below do
 * nothing with NULL. flops: floating-point operations a token, 0 if
 * unknown; compute: how products are computed, whose speed is then measured. */
struct measures *measures_open(const char *dir, const char *before, long keep,
	double flops, enum compute compute);
void measures_free(struct measures *m);

/* Writes the files; with `begins`, removes those of an earlier run that this one does
 * not have. */
void measures_save(struct measures *m, bool begins);

/* A step took so many seconds for of_step tokens, and there were `tokens` so far. */
void measures_speed(struct measures *m, long step, uint64_t tokens,
	uint64_t of_step, double seconds);

/* The statistics of a step, if they are due: _watch before its forward passes,
 * _gradient between gradient and update, _stats after it. */
void measures_watch(struct measures *m, struct trainer *t, long step);
void measures_gradient(struct measures *m, struct trainer *t);
void measures_stats(struct measures *m, struct trainer *t, long step);

/* Where a sample of this step is to be added, or NULL if none is due. */
struct buf *measures_sample(struct measures *m, long step, bool last);

#endif
