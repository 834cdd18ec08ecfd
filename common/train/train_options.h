/* train_options.h - options that pretrain, sft and rltrain have in common */
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
	size_t memory;		/* bytes of the whole process */
};
extern struct train_options train_options;

/* The texts of what --optimizer and --lr are by default. */
#define TRAIN_OPTIONS(optimizer_text, lr_text) \
	{ 0, "optimizer", OPT_ENUM, &train_options.optimizer, "adamw|muon", \
	  "how the weights are moved (" optimizer_text ")" }, \
	{ 0, "lr", OPT_FLOAT, &train_options.lr, "X", \
	  "learning rate (" lr_text ")" }, \
	{ 0, "matrix-lr", OPT_FLOAT, &train_options.matrix_lr, "X", \
	  "+learning rate of Muon (0.02, times --lr over its default)" }, \
	{ 0, "weight-decay", OPT_FLOAT, &train_options.weight_decay, "X", \
	  "+decay of matrices and embeddings (0.1)" }, \
	{ 0, "beta1", OPT_FLOAT, &train_options.beta1, "X", \
	  "+AdamW's decay of the mean gradient (0.9)" }, \
	{ 0, "beta2", OPT_FLOAT, &train_options.beta2, "X", \
	  "+AdamW's decay of the mean square (0.95)" }, \
	{ 0, "momentum", OPT_FLOAT, &train_options.momentum, "X", \
	  "+Muon's momentum (0.95)" }, \
	{ 0, "clip", OPT_FLOAT, &train_options.clip, "X", \
	  "+largest norm of a gradient, 0 for any (1)" }, \
	{ 'M', "memory", OPT_BYTES, &train_options.memory, "SIZE", \
	  "memory of the whole process (what 1G of activations takes)" }

#define SCHEDULE_OPTIONS(warmdown_text) \
	{ 0, "schedule", OPT_ENUM, &train_options.schedule, SCHEDULE_WORDS, \
	  "+how the rate falls: half a cosine, or straight at the end (linear)" }, \
	{ 0, "warmup", OPT_INT, &train_options.warmup, "N", \
	  "+steps in which the rate rises (2% of them)" }, \
	{ 0, "last-lr", OPT_FLOAT, &train_options.last, "X", \
	  "+fraction of the rate that is left at the end (0)" }, \
	{ 0, "warmdown", OPT_FLOAT, &train_options.warmdown, "X", \
	  "+part of the run in which a linear schedule falls (" \
	  warmdown_text ")" }

/* The optimizer of a program's recipe as the options change it, for updates of
 * so many tokens (0: not known). Options out of range are a usage error. */
struct optimizer_config train_optimizer(enum recipe_of of,
	const struct model_config *c, size_t tokens);

/* The schedule of a run of steps (0: not known), likewise. */
struct schedule train_schedule(enum recipe_of of, long steps);

/* Rows of an update to compute at once: those that fit in -M, or without it in
 * 1G of activations; x->optimizer is filled in. -M that does not hold one row
 * is a usage error, which says what would do; more than the machine has is
 * fatal. */
size_t train_rows(enum recipe_of of, struct training_size *x);

#endif
