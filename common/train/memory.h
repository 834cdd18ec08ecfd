/* memory.h - plans the memory of a training run before allocating it
 *
 * -M is the memory of the whole process: program and libraries, parameters,
 * gradient and moments, activations, and the data that a trainer keeps. Only
 * the activations can be limited: the rows of an update are processed in parts,
 * whose gradients are accumulated. Mapped files (shards) do not count, since the
 * system reclaims their pages when it needs them.
 *
 * The plan is a function of sizes alone, so the number of rows at once, and
 * with it the rounding of a gradient, does not depend on machine or threads.
 */
#ifndef PIPELM_TRAIN_MEMORY_H
#define PIPELM_TRAIN_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/model/forward.h"
#include "common/train/optimizer.h"

struct training_size {
	const struct model_config *config;
	enum optimizer_kind optimizer;
	enum dtype moments;	/* AdamW's */
	size_t batch;		/* rows of an update, */
	size_t ranks;		/* that so many processes share; 0: one */
	size_t time;		/* tokens of a row */
	double data;		/* bytes of other data the program keeps */
	enum keep keep;		/* of activations, for backward; */
	bool halves;		/* those that only products read are in bf16 */
	bool reference;		/* a second model is scored before training */
	double frozen;		/* bytes of the weights that do not change, and */
	size_t trained;		/* the parameters of the adapter that does; 0:
				 * the whole model is trained */
};

/* The bytes of each part, for a given number of rows at once. */
struct training_bytes {
	double program;		/* code, libraries, scratch of the kernels */
	double model;		/* parameters, gradient and moments */
	double activations;
	double data;
};
struct training_bytes training_bytes(const struct training_size *s,
	size_t rows);
double training_sum(const struct training_bytes *b);

/* The most rows at once, from 1 to the share of a process, whose activations take at most
 * `activations` bytes; 1 even if one row takes more. */
size_t training_rows_within(const struct training_size *s, double activations);

/* The most rows at once for which the whole process takes at most `memory`
 * bytes; 0 if a single row does not fit. */
size_t training_rows(const struct training_size *s, double memory);

#endif
