/* reward_model.h - a run that trains a reward model on compared answers */
#ifndef PIPELM_REWARD_MODEL_H
#define PIPELM_REWARD_MODEL_H

#include "common/train/answers.h"
#include "common/train/epochs.h"
#include "common/train/reward_loss.h"
#include "common/train/run.h"

/* Zero-initialise; the program sets the first part. */
struct reward_model {
	const char *from;	/* model directory to load: a language model,
				 * which gets a new head, or a reward model */
	const char *base;	/* model that the run started from */
	int64_t batch, epochs;	/* prompts of an update; passes; unless given,
				 * chosen to suit the data */
	double center;		/* as in reward_loss.h */
	const char *val_file;	/* comparisons to validate on, or NULL */
	double val_share;	/* fraction of the prompts held out */

	struct run run;
	struct answers answers;
	struct preferences preferences;
	struct reward_memory memory, val_memory;
	struct epochs turns;
	long taken, each;	/* updates so far; in an epoch */
	struct reward_stats stats, val;	/* of the last update, validation */
	double measured[2];	/* columns of the log */
};

/* Opens model and template, and reads the comparisons. The run is then ready for
 * run_open except for its directory and options. */
void reward_model_open(struct reward_model *r, char **files);

/* After run_open: working memory. */
void reward_model_begin(struct reward_model *r);

void reward_model_close(struct reward_model *r);

#endif
