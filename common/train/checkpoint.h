/* checkpoint.h - training state in a model directory: training.safetensors
 *
 * Holds the moments of the optimizer and, in its metadata, the number of
 * updates, rows consumed, tokens trained and the settings that must match for a
 * run to resume. It belongs to the model.safetensors that has the same "step"
 * in its metadata. An interruption while writing the two is harmless: the state
 * is written first, as training.safetensors.next, then the model, then the
 * state is renamed; reading uses whichever of the two states fits the model.
 */
#ifndef PIPELM_CHECKPOINT_H
#define PIPELM_CHECKPOINT_H

#include "common/train/optimizer.h"

struct checkpoint {
	long step;		/* updates of this run and previous rounds */
	long first;		/* updates of previous rounds */
	uint64_t rows;		/* rows of data consumed */
	uint64_t tokens;	/* tokens trained */
	const char *settings;	/* "key=value key=value": what shapes a run */
	double seconds;		/* of training, if the run has a time limit */
	double best;		/* lowest validation loss, or INFINITY */
};

/* Writes the state and the model, on rank 0; all ranks call it. provenance as in
 * model_save. */
void checkpoint_save(const char *dir, const struct model *m,
	const struct optimizer *o, const struct checkpoint *c,
	const char *provenance);

/* True if DIR holds a state. */
bool checkpoint_exists(const char *dir);

/* Fills o and c from DIR, whose model has been loaded. Settings that differ
 * from c->settings are fatal, and the message names the first; so is a state
 * that does not belong to the model. c->settings is left as it is. */
void checkpoint_load(const char *dir, struct optimizer *o,
	struct checkpoint *c);

/* For the next round of training, which continues with the moments and counts
 * of the previous one: reads the state of DIR if it belongs to the model there
 * and its settings begin with the words `kind`. Returns whether it did. */
bool checkpoint_follow(const char *dir, const char *kind, struct optimizer *o,
	struct checkpoint *c);

#endif
