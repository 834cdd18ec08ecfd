/* train_options.h - options shared by all trainers */
#ifndef PIPELM_TRAIN_OPTIONS_H
#define PIPELM_TRAIN_OPTIONS_H

#include "common/base/options.h"
#include "common/model/model.h"
#include "common/train/memory.h"
#include "common/train/optimizer.h"
#include "common/train/recipe.h"
#include "common/train/schedule.h"

struct train_options {
	int optimizer;		/* enum optimizer_kind */
	int schedule;		/* enum schedule_kind */
	double lr, matrix_lr, weight_decay, beta1, beta2, momentum, clip;
	double last, warmdown;
	int64_t warmup;
	int compute;		/* enum compute; AUTO: fp32 */
	int recompute;		/* enum keep, less 1 */
	int moments;		/* 0: fp32, 1: bf16 */
	int wire;		/* the same */
	size_t memory;		/* bytes of the whole process */
};
extern struct train_options train_options;

/* The arguments are the defaults of --optimizer and --lr, as the help shows
 * them. */
#define TRAIN_OPTIONS(optimizer_text, lr_text) \
	{ 0, "optimizer", OPT_ENUM, &train_options.optimizer, "adamw|muon", \
	  "optimizer (" optimizer_text ")" }, \
	{ 0, "lr", OPT_FLOAT, &train_options.lr, "X", \
	  "learning rate (" lr_text ")" }, \
	{ 0, "matrix-lr", OPT_FLOAT, &train_options.matrix_lr, "X", \
	  "+learning rate of Muon (0.02, times --lr over its default)" }, \
	{ 0, "weight-decay", OPT_FLOAT, &train_options.weight_decay, "X", \
	  "+weight decay of matrices and embeddings (0.1)" }, \
	{ 0, "beta1", OPT_FLOAT, &train_options.beta1, "X", \
	  "+AdamW's decay of the first moment (0.9)" }, \
	{ 0, "beta2", OPT_FLOAT, &train_options.beta2, "X", \
	  "+AdamW's decay of the second moment (0.95)" }, \
	{ 0, "momentum", OPT_FLOAT, &train_options.momentum, "X", \
	  "+Muon's momentum (0.95)" }, \
	{ 0, "clip", OPT_FLOAT, &train_options.clip, "X", \
	  "+clip the norm of the gradient to X, 0 for no clipping (1)" }, \
	{ 0, "moments", OPT_ENUM, &train_options.moments, "fp32|bf16", \
	  "+AdamW's moments; bf16: rounded at random, in half the memory (fp32)" }, \
	{ 0, "recompute", OPT_ENUM, &train_options.recompute, \
	  "none|selective|full", \
	  "+what of the forward pass backward computes again, to save memory " \
	  "(none)" }, \
	{ 'M', "memory", OPT_BYTES, &train_options.memory, "SIZE", \
	  "memory of the whole process (what 1G of activations takes)" }

#define TRAIN_COMPUTE_OPTION \
	{ 0, "compute", OPT_ENUM, &train_options.compute, "auto|fp32|bf16", \
	  "+products of the linear maps in fp32 or bf16 (auto: fp32)" }

/* Of programs that call ranks_start. */
#define RANKS_OPTION \
	{ 0, "wire", OPT_ENUM, &train_options.wire, "fp32|bf16", \
	  "+type of gradients on their way between MPI ranks (fp32)" }

#define SCHEDULE_OPTIONS(warmdown_text) \
	{ 0, "schedule", OPT_ENUM, &train_options.schedule, SCHEDULE_WORDS, \
	  "+learning rate: constant, half a cosine, or a linear decay at the " \
	  "end (linear)" }, \
	{ 0, "warmup", OPT_INT, &train_options.warmup, "N", \
	  "+steps of linear warmup (2% of the steps)" }, \
	{ 0, "last-lr", OPT_FLOAT, &train_options.last, "X", \
	  "+final learning rate, as a fraction of the peak (0)" }, \
	{ 0, "warmdown", OPT_FLOAT, &train_options.warmdown, "X", \
	  "+part of the run in which a linear schedule decays (" \
	  warmdown_text ")" }

/* The optimizer of a program's recipe, overridden by options, for updates of
 * `tokens` tokens (0: unknown). Options out of range are a usage error. */
struct optimizer_config train_optimizer(enum recipe_of of,
	const struct model_config *c, size_t tokens);

/* Likewise the schedule, for a run of `steps` steps (0: unknown). */
struct schedule train_schedule(enum recipe_of of, long steps);

/* The bits of the factors of a linear map's products, 32 or 16; has m compute so. */
int train_bits(void);
void train_compute_in(struct model *m);

/* The type of AdamW's moments, and of gradients between ranks. */
enum dtype train_moments(void);
enum dtype train_wire(void);

/* Appends " moments=bf16" and " compute=bf16" to the settings of a run (checkpoint.h),
 * as far as they are. */
void train_setting(struct buf *settings);

/* The number of rows of an update to compute at once: as many as fit in -M or,
 * without it, in 1G of activations, but not more than this rank's share. Fills in the
 * optimizer, its moments, what is kept and the ranks. A -M too small for one row is a
 * usage error that says what would suffice; needing more than the machine has is
 * fatal. */
size_t train_rows(enum recipe_of of, struct training_size *x);

#endif
