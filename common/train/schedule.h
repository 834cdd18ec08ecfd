/* schedule.h - the learning rate over a run */
#ifndef PIPELM_SCHEDULE_H
#define PIPELM_SCHEDULE_H

enum schedule_kind {
	SCHEDULE_CONSTANT,
	SCHEDULE_COSINE,	/* half a cosine down to the last fraction */
	SCHEDULE_LINEAR,	/* constant, then a linear decay over the last
				 * part of the run */
};
#define SCHEDULE_WORDS "constant|cosine|linear"

struct schedule {
	enum schedule_kind kind;
	long steps;		/* of the run; 0: unknown, constant rate */
	long warmup;		/* steps of a linear rise from near 0 */
	double last;		/* final rate, as a fraction of the peak */
	double warmdown;	/* LINEAR: fraction of the run that decays */
};

/* The learning-rate factor in step t, counted from 0. */
double schedule_factor(const struct schedule *s, long t);

#endif
