/* checkpoint.h - training state in a model directory: training.safetensors
 *
 * The optimizer's moments; in the metadata the number of updates, rows consumed,
 * tokens trained and the settings that must be the same to resume the run. It
 * belongs to the model.safetensors with the same "step" in its metadata. A crash
 * at any moment is safe: the state is written first, as
 * training.safetensors.next, then the model, then the state is renamed; reading
 * takes whichever of the two states matches the model.
 */
#ifndef PIPELM_CHECKPOINT_H
#define PIPELM_CHECKPOINT_H

#include "common/train/optimizer.h"

struct checkpoint {
	long step;		/* updates of this run, and of rounds before */
	long first;		/* updates of rounds before */
	uint64_t rows;		/* rows of data taken */
	uint64_t tokens;	/* tokens trained */
	const char *settings;	/* "key=value key=value": what shapes a run */
	double seconds;		/* of training, of a run that has a limit */
	double best;		/* least validation loss, or INFINITY */
};

/* Writes the state and the model. provenance as in model_save. */
void checkpoint_save(const char *dir, const struct model *m,
	const struct optimizer *o, const struct checkpoint *c,
	const char *provenance);

/* True when DIR holds a state. */
bool checkpoint_exists(const char *dir);

/* Fills o and c from DIR, whose model has been loaded. Settings other than
 * c->settings are fatal and named, as is a state that does not belong to the
 * model. c->settings stays. */
void checkpoint_load(const char *dir, struct optimizer *o,
	struct checkpoint *c);

/* The same where a new round of training begins, which goes on with the moments
 * and counts of the one before: if DIR holds a state that belongs to its model
 * and whose settings begin with the words `kind`. Returns whether it does. */
bool checkpoint_follow(const char *dir, const char *kind, struct optimizer *o,
	struct checkpoint *c);

#endif
