/* epochs.c - assigns members to updates: see epochs.h */
#include "common/train/epochs.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/train/examples.h"

void epochs_init(struct epochs *e, const size_t *member, size_t n,
	size_t batch, uint32_t epochs, uint64_t seed)
{
	*e = (struct epochs) { .member = member, .n = n, .epochs = epochs,
		.batch = batch && batch < n ? batch : n, .seed = seed,
		.order = xcalloc(n, sizeof *e->order) };
}

void epochs_free(struct epochs *e)
{
	free(e->order);
	e->order = NULL;
}

long epochs_updates(const struct epochs *e)
{
	size_t each = e->n ? (e->n + e->batch - 1) / e->batch : 0;

	return (long)(each * e->epochs);
}

static void begin_epoch(struct epochs *e)
{
	size_t i;

	examples_shuffle(e->order, e->n, e->seed, e->epoch);
	for (i = 0; e->member && i < e->n; i++)
		e->order[i] = e->member[e->order[i]];
}

const size_t *epochs_next(struct epochs *e, size_t *n)
{
	const size_t *update;

	if (e->n && e->from >= e->n) {
		e->epoch++;
		e->from = 0;
	}
	if (!e->n || e->epoch >= e->epochs)
		return NULL;
	if (!e->from)
		begin_epoch(e);
	update = e->order + e->from;
	*n = e->n - e->from < e->batch ? e->n - e->from : e->batch;
	e->from += *n;
	return update;
}
