/* schedule.c - the learning rate over a run: see schedule.h */
#include "common/train/schedule.h"

#include <math.h>

/* Falls from 1 to s->last as x goes from 0 to 1. */
static double cosine(const struct schedule *s, double x)
{
	return s->last + (1 - s->last) * .5 * (1 + cos(acos(-1) * x));
}

static double linear(const struct schedule *s, double t, double end)
{
	double length = s->warmdown * end;

	if (t <= end - length || length <= 0)
		return 1;
	return 1 - (1 - s->last) * (t - (end - length)) / length;
}

double schedule_factor(const struct schedule *s, long t)
{
	double past = (double)(t - s->warmup);
	double rest = (double)(s->steps - s->warmup);

	if (t < s->warmup)
		return (double)(t + 1) / (double)(s->warmup + 1);
	if (s->steps <= 0 || rest <= 0 || s->kind == SCHEDULE_CONSTANT)
		return 1;
	if (past > rest)
		past = rest;
	return s->kind == SCHEDULE_COSINE ? cosine(s, past / rest) :
		linear(s, (double)t, (double)s->steps);
}
