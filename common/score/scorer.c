/* scorer.c - log-probabilities of the tokens of texts: see scorer.h */
#include "common/score/scorer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/model/head.h"
#include "common/train/pack.h"

#define SHORTEST_ROW 128	/* tokens; rows grow with the windows */

/* A window in the pack: n tokens of a text, of which those from `fresh` on are
 * predicted for the first time. */
struct window {
	struct scores to;	/* of token 0 of the window */
	const unsigned char *mask;
	size_t n, fresh;
	size_t place;		/* of its first token in the batch */
};

struct scorer {
	const struct model *m;
	struct scorer_options o;
	size_t time;		/* tokens of a row, so far */
	struct activations *act;
	struct pack pack;
	struct scores batch;	/* (B,T) */
	struct window *v;
	size_t n, cap;
	unsigned char *mask;	/* (time + 1) of the window being packed */
};

void scores_init(struct scores *s, const struct scorer_options *o, size_t n)
{
	*s = (struct scores){ .logprob = xcalloc(n, sizeof *s->logprob) };
	if (o->entropy)
		s->entropy = xcalloc(n, sizeof *s->entropy);
	if (o->rank)
		s->rank = xcalloc(n, sizeof *s->rank);
	if (o->top)
		s->best = xcalloc(n * o->top, sizeof *s->best);
}

void scores_free(struct scores *s)
{
	free(s->logprob);
	free(s->entropy);
	free(s->rank);
	free(s->best);
	*s = (struct scores){ 0 };
}

/* ---- memory of a batch ---- */

static void close_batch(struct scorer *s)
{
	activations_free(s->act);
	pack_free(&s->pack);
	scores_free(&s->batch);
	free(s->mask);
}

static void open_batch(struct scorer *s, size_t time)
{
	size_t rows = size_max(s->o.batch / time, 1);

	s->time = time;
	s->act = activations_new(s->m, rows, time, KEEP_NOTHING);
	pack_init(&s->pack, rows, time);
	pack_reset(&s->pack);
	scores_init(&s->batch, &s->o, rows * time);
	s->mask = xcalloc(time + 1, sizeof *s->mask);
}

struct scorer *scorer_new(const struct model *m,
	const struct scorer_options *o)
{
	struct scorer *s = xcalloc(1, sizeof *s);

	s->m = m;
	s->o = *o;
	open_batch(s, size_min(SHORTEST_ROW, o->context));
	return s;
}

void scorer_free(struct scorer *s)
{
	if (!s)
		return;
	close_batch(s);
	free(s->v);
	free(s);
}

/* ---- a batch ---- */

/* Copies what was computed for a window to its text. Position i of the batch
 * predicts token i + 1 of the window. */
static void deliver(const struct scorer *s, const struct window *w)
{
	const struct scores *from = &s->batch;
	size_t top = s->o.top, i;

	for (i = w->fresh; i < w->n; i++) {
		size_t at = w->place + i - 1;

		if (w->mask && !w->mask[i])
			continue;
		if (!isfinite(from->logprob[at]))
			die("the model's logits are not finite");
		w->to.logprob[i] = from->logprob[at];
		if (s->o.entropy)
			w->to.entropy[i] = from->entropy[at];
		if (s->o.rank)
			w->to.rank[i] = from->rank[at];
		if (top)
			memcpy(w->to.best + i * top, from->best + at * top,
				top * sizeof *from->best);
	}
}

void scorer_flush(struct scorer *s)
{
	struct language_head h = { .head = { &head_language },
		.logprob = s->batch.logprob, .entropy = s->batch.entropy,
		.usable = s->o.usable, .rank = s->batch.rank,
		.top = s->o.top, .best = s->batch.best };
	const struct batch *b = &s->pack.rows.batch;
	size_t i;

	if (!s->n)
		return;
	pack_end(&s->pack);
	model_forward(s->m, s->act, b);
	head_forward(&h.head, s->m, s->act, b);
	for (i = 0; i < s->n; i++)
		deliver(s, &s->v[i]);
	s->n = 0;
	pack_reset(&s->pack);
}

/* Makes rows long enough for n tokens of context. */
static void make_room(struct scorer *s, size_t n)
{
	size_t time = s->time;

	if (n <= time)
		return;
	while (time < n)
		time *= 2;
	scorer_flush(s);
	close_batch(s);
	open_batch(s, size_min(time, s->o.context));
}

/* Whether something in the window is to be predicted. */
static bool fill_mask(struct scorer *s, const struct window *w)
{
	size_t i;
	bool any = false;

	for (i = 0; i < w->n; i++) {
		s->mask[i] = i >= w->fresh && (!w->mask || w->mask[i]);
		any |= s->mask[i];
	}
	return any;
}

static void add_window(struct scorer *s, const int32_t *ids, struct window w)
{
	make_room(s, w.n - 1);
	if (!fill_mask(s, &w))
		return;
	while (!pack_add(&s->pack, ids, s->mask, w.n, &w.place))
		scorer_flush(s);
	s->v = grow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n++] = w;
}

/* The scores from token `at` of a text on. */
static struct scores scores_from(const struct scorer *s,
	const struct scores *to, size_t at)
{
	struct scores x = { .logprob = to->logprob + at };

	if (s->o.entropy)
		x.entropy = to->entropy + at;
	if (s->o.rank)
		x.rank = to->rank + at;
	if (s->o.top)
		x.best = to->best + at * s->o.top;
	return x;
}

void scorer_add(struct scorer *s, const int32_t *ids,
	const unsigned char *mask, size_t n, const struct scores *to)
{
	size_t begin, end = 1;

	for (begin = 0; end < n; begin += s->o.stride) {
		struct window w = { .to = scores_from(s, to, begin),
			.mask = mask ? mask + begin : NULL,
			.fresh = end - begin };

		end = size_min(begin + s->o.context + 1, n);
		w.n = end - begin;
		add_window(s, ids + begin, w);
	}
}
