/* examples.c - token sequences in memory: see examples.h */
#include "common/train/examples.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/rng.h"

struct example *examples_add(struct examples *e, size_t n)
{
	struct example *x;

	if (e->tokens + n > e->tokens_cap) {
		e->tokens_cap = 2 * (e->tokens + n);
		e->ids = xrealloc(e->ids, e->tokens_cap, sizeof *e->ids);
		e->mask = xrealloc(e->mask, e->tokens_cap, sizeof *e->mask);
		e->logprobs = xrealloc(e->logprobs, e->tokens_cap,
			sizeof *e->logprobs);
		e->sample_logprobs = xrealloc(e->sample_logprobs,
			e->tokens_cap, sizeof *e->sample_logprobs);
	}
	e->v = grow(e->v, e->n, &e->cap, sizeof *e->v);
	x = &e->v[e->n++];
	*x = (struct example) { .at = e->tokens, .n = n };
	memset(e->ids + x->at, 0, n * sizeof *e->ids);
	memset(e->mask + x->at, 0, n);
	memset(e->logprobs + x->at, 0, n * sizeof *e->logprobs);
	memset(e->sample_logprobs + x->at, 0, n * sizeof *e->sample_logprobs);
	e->tokens += n;
	if (n > e->longest)
		e->longest = n;
	return x;
}

void examples_drop(struct examples *e)
{
	e->tokens -= e->v[--e->n].n;
}

void examples_free(struct examples *e)
{
	free(e->v);
	free(e->ids);
	free(e->mask);
	free(e->logprobs);
	free(e->sample_logprobs);
	memset(e, 0, sizeof *e);
}

double examples_bytes(const struct examples *e)
{
	return (double)e->tokens * (sizeof *e->ids + sizeof *e->mask +
		sizeof *e->logprobs + sizeof *e->sample_logprobs) +
		(double)e->n * (sizeof *e->v + 2 * sizeof(size_t));
}

size_t examples_pack(const struct examples *e, struct pack *p,
	const size_t *order, size_t from, size_t n, size_t *place)
{
	size_t i;

	pack_reset(p);
	for (i = from; i < n; i++) {
		const struct example *x = &e->v[order[i]];

		if (!pack_add(p, e->ids + x->at, e->mask + x->at, x->n,
				&place[i]))
			break;
	}
	pack_end(p);
	return i - from;
}

void examples_shuffle(size_t *order, size_t n, uint64_t seed, uint32_t epoch)
{
	size_t i;

	for (i = 0; i < n; i++)
		order[i] = i;
	rng_shuffle(order, n, sizeof *order, seed, RNG_SHUFFLE, epoch);
}

/* ---- pass after pass ---- */

void passes_init(struct passes *s, const struct examples *e, struct pack *p,
	uint64_t seed)
{
	*s = (struct passes) { .examples = e, .pack = p, .seed = seed };
	s->order = xcalloc(e->n, sizeof *s->order);
	s->place = xcalloc(e->n, sizeof *s->place);
}

void passes_free(struct passes *s)
{
	free(s->order);
	free(s->place);
}

void passes_next(struct passes *s)
{
	size_t n = s->examples->n;

	if (s->from == n) {
		s->from = 0;
		s->epoch++;
	}
	if (!s->from)
		examples_shuffle(s->order, n, s->seed, s->epoch);
	s->from += examples_pack(s->examples, s->pack, s->order, s->from, n,
		s->place);
	s->packs++;
}

bool passes_end(const struct passes *s)
{
	return s->from == s->examples->n;
}

static void rewind_passes(struct passes *s)
{
	s->epoch = 0;
	s->from = 0;
	s->packs = 0;
}

long passes_count(struct passes *s, int64_t epochs)
{
	long packs;

	rewind_passes(s);
	do
		passes_next(s);
	while (!passes_end(s) || s->epoch + 1 < epochs);
	packs = s->packs;
	rewind_passes(s);
	return packs;
}
