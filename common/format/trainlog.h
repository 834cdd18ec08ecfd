/* trainlog.h - the record of a training run: trainlog(5)
 *
 * Tab-separated, a header line, then a line a step:
 * step loss val_loss lr grad_norm tokens. Numbers that were not measured are
 * "nan". The file holds no clock, so equal runs give equal bytes.
 */
#ifndef PIPELM_TRAINLOG_H
#define PIPELM_TRAINLOG_H

#include <stdbool.h>
#include <stdint.h>

struct trainlog_row {
	long step;		/* from 1 */
	double loss;		/* nats a token, of this step */
	double val_loss;	/* NaN: not measured in this step */
	double lr;
	double grad_norm;
	uint64_t tokens;	/* trained so far, this step included */
};

struct trainlog;

/* Begins the log of file with the lines of steps up to keep that the log `old`
 * has, which may be the same file; NULL or missing: with none. An old file that
 * is no trainlog is fatal. */
struct trainlog *trainlog_open(const char *file, const char *old, long keep);

/* From now on the file holds each line as soon as it is added, so that it can
 * be watched, and a program that is killed leaves all its steps. Where the
 * file belongs to a model that this run is to replace, and stays until the
 * first checkpoint does so (instead), the lines stand under a temporary name
 * till trainlog_save. */
void trainlog_follow(struct trainlog *l, bool instead);

void trainlog_add(struct trainlog *l, const struct trainlog_row *row);

/* All lines so far are in the file, whole. */
void trainlog_save(struct trainlog *l);

void trainlog_free(struct trainlog *l);

#endif
