/* tuning.h - a run of supervised fine-tuning on conversations */
#ifndef PIPELM_TUNING_H
#define PIPELM_TUNING_H

#include "common/train/dialogues.h"
#include "common/train/run.h"

/* Zero-initialise; the program sets the first part. */
struct tuning {
	const char *from;	/* model directory to load */
	const char *base;	/* model that the run started from */
	const char *template_name;	/* --template, or NULL: from's own */
	int64_t context;	/* tokens of a row; 0: the model's */
	int64_t batch, epochs;	/* 0: chosen to suit the conversations */
	const char *val_file;	/* conversations to validate on, or NULL */
	double val_share;	/* fraction held out */

	struct run run;
	struct vocab *vocab;
	struct template template;
	struct dialogues dialogues;
	size_t time;		/* T: tokens of a row */
	struct pack pack;
	struct passes passes;
	float *weight;		/* (batch,T) */
};

/* Opens model and template, and reads the conversations. The run is then ready
 * for run_open except for its directory and options. */
void tuning_open(struct tuning *t, char **files);

void tuning_close(struct tuning *t);

#endif
