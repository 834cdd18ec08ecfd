/* preview.c - a text that a model in training continues: see preview.h */
#include "common/train/preview.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/head.h"

/* The id at the share u of all weights, in order of ids. */
static uint32_t draw(const float *logits, size_t n, double u)
{
	double *sum = xcalloc(n / LOGITS_BLOCK + 1, sizeof *sum), left;
	float max = logits_largest(logits, n), w[LOGITS_BLOCK];
	size_t block = 0, in, i;

	left = u * logits_weigh_all(sum, logits, n, max, PREVIEW_TEMPERATURE);
	while ((block + 1) * LOGITS_BLOCK < n && left >= sum[block])
		left -= sum[block++];
	free(sum);
	logits += block * LOGITS_BLOCK;
	in = size_min(n - block * LOGITS_BLOCK, LOGITS_BLOCK);
	logits_weigh(w, logits, in, max, PREVIEW_TEMPERATURE);
	for (i = 0; i + 1 < in && left >= (double)w[i]; i++)
		left -= (double)w[i];
	return (uint32_t)(block * LOGITS_BLOCK + i);
}

/* The logits (vocab) of the token after ids. Blocks look at no target. */
static void predict(const struct model *m, struct activations *a,
	const struct ids *ids, float *logits)
{
	struct batch b = { .rows = 1, .time = ids->n,
		.ids = (const int32_t *)ids->v };

	model_forward(m, a, &b);
	model_logits(m, logits, m->config.vocab, model_hidden(a) +
		(ids->n - 1) * m->config.width, 1);
}

void preview(struct model *m, struct activations *a, struct ids *ids,
	size_t time, size_t usable, int64_t end, uint64_t seed, long step)
{
	float *logits = kernel_alloc(m->config.vocab);
	size_t most = size_min(time, ids->n + PREVIEW_TOKENS);
	uint32_t id;

	while (ids->n < most) {
		predict(m, a, ids, logits);
		id = draw(logits, usable, rng_uniform(seed, RNG_SAMPLE,
			(uint32_t)step, ids->n));
		if ((int64_t)id == end)
			break;
		ids_add(ids, id);
	}
	kernel_free(logits);
}
