/* sampling_options.c - the ranges of sampling options: see sampling_options.h */
#include "common/sample/sampling_options.h"

#include <math.h>

void sampling_options_check(struct sampling *s)
{
	if (s->temperature == 0) {
		s->greedy = true;
		s->temperature = 1;
	}
	option_above("temp", s->temperature, 0, INFINITY,
		"--greedy takes the most likely token");
	option_range("top-k", s->top_k, 0, INT64_MAX);
	option_above("top-p", s->top_p, 0, 1, NULL);
	option_range_real("min-p", s->min_p, 0, 1);
	option_range_real("repeat-penalty", s->repeat_penalty,
		SAMPLING_PENALTY_MIN, SAMPLING_PENALTY_MAX);
	option_range("repeat-last", s->repeat_last, 0, INT64_MAX);
	option_range_real("presence-penalty", s->presence_penalty,
		-SAMPLING_COUNT_PENALTY_MAX, SAMPLING_COUNT_PENALTY_MAX);
	option_range_real("frequency-penalty", s->frequency_penalty,
		-SAMPLING_COUNT_PENALTY_MAX, SAMPLING_COUNT_PENALTY_MAX);
}
