/* pretraining.h - a run of next-token training, on shards or a token stream */
#ifndef PIPELM_PRETRAINING_H
#define PIPELM_PRETRAINING_H

#include "common/base/io.h"
#include "common/token/vocab.h"
#include "common/train/data.h"
#include "common/train/run.h"

/* Zero-initialise; the program sets the first part. */
struct pretraining {
	const char *from;	/* model directory to load, or NULL: random
				 * parameters */
	const char *base;	/* the one that the run started from, or NULL */
	const char *tokenizer;	/* file of the vocabulary, or NULL: from's */
	char **val_files;	/* shards to validate on, NULL-terminated */
	int64_t batch;		/* rows of an update */
	bool by_depth;		/* batch, if it is 0, and updates follow from the
				 * number of parameters: recipe_length */
	int64_t val_every;	/* steps between validations */
	int64_t val_windows;	/* rows of a validation; 0: all */
	bool separate;		/* documents do not attend to each other */

	struct run run;
	struct vocab *vocab;	/* or NULL */
	struct data *data, *val;
	size_t time;		/* T: tokens of a row */
	struct rows rows, val_rows;
	float *weight;		/* (batch,T) */
	int64_t eot;		/* id that separates documents, or -1 */
	uint64_t updates;	/* by_depth: of the run */
	int64_t end;		/* id that ends a text, or -1 */
	double bits_per_byte;	/* of the last validation */
};

/* Opens model, vocabulary and data, which must fit each other. shards:
 * NULL-terminated; empty for the token stream of standard input. The run is
 * then ready for run_open except for its directory and options. */
void pretraining_open(struct pretraining *p, char **shards);

/* Instead of all that: writes what the run would cost, as plan_write does. Without
 * shards the length of the run may be unknown; standard input is not read. */
void pretraining_plan(struct pretraining *p, char **shards, struct output *out);

/* Allocates the memory of the updates; call it after run_open. */
void pretraining_begin(struct pretraining *p);

void pretraining_close(struct pretraining *p);

#endif
