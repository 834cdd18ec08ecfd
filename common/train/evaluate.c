/* evaluate.c - the loss over held-out windows: see trainer.h */
#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/train/data.h"
#include "common/train/trainer.h"

struct evaluation evaluate(struct model *m, struct activations *a,
	struct data *d, struct rows *r, uint64_t windows,
	const uint32_t *bytes, int64_t eot)
{
	float *logprob = xcalloc(r->max_rows * r->batch.time, sizeof *logprob);
	uint64_t from, all = data_windows(d), nbyte = 0, tokens = 0;
	double loss = 0;
	size_t n, i;

	if (!windows || windows > all)
		windows = all;
	for (from = 0; from < windows; from += n) {
		n = r->max_rows;
		if (n > windows - from)
			n = (size_t)(windows - from);
		n = data_rows_in_order(d, r, from, n, m->config.vocab);
		if (eot >= 0)
			rows_separate(r, eot);
		model_forward(m, a, &r->batch);
		model_score(m, a, &r->batch, logprob, NULL);
		for (i = 0; i < n * r->batch.time; i++) {
			loss -= (double)logprob[i];
			nbyte += bytes ? bytes[r->target[i]] : 0;
		}
		tokens += n * r->batch.time;
	}
	free(logprob);
	return (struct evaluation) {
		.loss = loss / (double)tokens,
		.bits_per_byte = nbyte ? loss / log(2) / (double)nbyte : NAN,
		.tokens = tokens
	};
}
