/* trainlog.h - the record of a training run: trainlog(5)
 *
 * Tab-separated: a header line, then a line per step:
 * step loss val_loss lr grad_norm tokens, what a program measures besides, bits.
 * Numbers that were not measured are "nan". The file contains no times, so
 * identical runs write identical files.
 */
#ifndef PIPELM_TRAINLOG_H
#define PIPELM_TRAINLOG_H

#include <stdbool.h>
#include <stdint.h>

/* The columns with which the log of any trainer begins. */
#define TRAINLOG_BEGIN "step\tloss\tval_loss\tlr\tgrad_norm\ttokens"

struct trainlog_row {
	long step;		/* from 1 */
	double loss;		/* nats per token, of this step */
	double val_loss;	/* NaN: not measured in this step */
	double lr;
	double grad_norm;
	uint64_t tokens;	/* trained so far, including this step */
	const double *more;	/* of the further columns, one each */
	int bits;		/* of the factors of products */
};

struct trainlog;

/* Starts the log of file with the lines of steps up to keep from the log `old`,
 * which may be the same file; NULL or a missing file: with none. An old file
 * that is not a trainlog is fatal. more: names of further columns, ended by
 * NULL, kept by reference; NULL: none. Lines of an old log without the last
 * columns get "nan" there. */
struct trainlog *trainlog_open(const char *file, const char *old, long keep,
	const char *const *more);

/* From now on the file gets each line as soon as it is added, so that it can be
 * watched, and a killed program leaves all its steps. If the file belongs to a
 * model that this run will replace at its first checkpoint (instead), the lines
 * are under a temporary name until trainlog_save. */
void trainlog_follow(struct trainlog *l, bool instead);

void trainlog_add(struct trainlog *l, const struct trainlog_row *row);

/* Puts all lines so far into the file. */
void trainlog_save(struct trainlog *l);

void trainlog_free(struct trainlog *l);

#endif
