/* sampler.c - from logits to the next token: see sampler.h
 *
 * Weights are summed by blocks of the vocabulary, which also serve to find the
 * token that a random number falls on. Filters work on a list of candidates
 * that an exact bound keeps short; a heap yields as many of the largest as
 * needed.
 */
#include "common/sample/sampler.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"

#define BLOCK LOGITS_BLOCK

/* Tokens that are drawn before all are checked. */
#define TRIES 4

struct changed {
	uint32_t id;
	float logit;		/* before the change */
};

struct sampler {
	size_t vocab;
	double *sum;			/* of the weights of each block */
	float max;			/* of all logits */
	struct logit *list;
	struct changed *changed;
	unsigned char *seen;		/* flags per id; all 0 between calls */
	uint32_t *count;		/* per id; all 0 between calls */

	/* The logits and ids of tokens that are allowed; NULL until needed. */
	float *allowed;
	uint32_t *allowed_ids;
};

const struct sampling sampling_plain = {
	.temperature = 1, .top_p = 1, .repeat_penalty = 1
};

uint64_t sampling_key(uint64_t seed, uint64_t prompt)
{
	return hash_mix(hash_mix(seed) + prompt);
}

double sampling_uniform(uint64_t key, uint32_t sample, uint64_t position)
{
	return rng_uniform(key, RNG_SAMPLE, sample, position);
}

struct sampler *sampler_new(size_t vocab)
{
	struct sampler *s = xcalloc(1, sizeof *s);

	s->vocab = vocab;
	s->sum = xcalloc(vocab / BLOCK + 1, sizeof *s->sum);
	s->list = xcalloc(vocab, sizeof *s->list);
	s->changed = xcalloc(vocab, sizeof *s->changed);
	s->seen = xcalloc(vocab, 1);
	s->count = xcalloc(vocab, sizeof *s->count);
	return s;
}

void sampler_free(struct sampler *s)
{
	if (!s)
		return;
	free(s->sum);
	free(s->list);
	free(s->changed);
	free(s->seen);
	free(s->count);
	free(s->allowed);
	free(s->allowed_ids);
	free(s);
}

/* ---- sums ---- */

/* The log-sum-exp of all logits, which must be finite; leaves the blocks' sums
 * of weights in s->sum. */
static double log_sum(struct sampler *s, const float *logits)
{
	s->max = logits_largest(logits, s->vocab);
	return logits_norm(s->max,
		logits_weigh_all(s->sum, logits, s->vocab, s->max, 1));
}

/* The logprob of id, clamped to float: the logits may be further apart. */
static float logprob_of(const float *logits, uint32_t id, double norm)
{
	return fmaxf(logits_logprob(logits[id], norm), -FLT_MAX);
}

/* The sum of the first n weights, from the sums that log_sum left: the last
 * block is summed again if it also contains others. */
static double weigh_first(struct sampler *s, const float *x, size_t n)
{
	float w[BLOCK];
	size_t whole = n / BLOCK, i;
	double total = 0;

	if (n % BLOCK)
		s->sum[whole] = logits_weigh(w, x + whole * BLOCK, n % BLOCK, s->max,
			1);
	for (i = 0; i * BLOCK < n; i++)
		total += s->sum[i];
	return total;
}

/* ---- drawing ---- */

/* How far a logit is below the largest, in units of the temperature. */
static double scaled(float x, float max, double temperature)
{
	return ((double)x - max) / temperature;
}

/* Without filters: finds the block that u falls on, then the token in it. The
 * blocks' sums are in s->sum and add up to total. */
static void choose_unfiltered(struct sampler *s, const float *x, size_t n,
	float max, double temperature, double total, double u,
	struct choice *out)
{
	double left = u * total;
	size_t b = 0, nblock = (n + BLOCK - 1) / BLOCK, i, m, last = 0;
	float w[BLOCK];

	while (b + 1 < nblock && left >= s->sum[b])
		left -= s->sum[b++];
	/* Rounding may lead past the last block with any weight. */
	while (b && !(s->sum[b] > 0))
		b--;
	m = n - b * BLOCK < BLOCK ? n - b * BLOCK : BLOCK;
	logits_weigh(w, x + b * BLOCK, m, max, temperature);
	for (i = 0; i < m; i++) {
		if (!(w[i] > 0))
			continue;
		last = i;
		if (left < w[i])
			break;
		left -= w[i];
	}
	out->id = (uint32_t)(b * BLOCK + last);
	out->sample_logprob = (float)(scaled(x[out->id], max, temperature) -
		log(total));
}

/* Lists the candidates among which the filters choose. *mass: the total weight
 * of which top-p takes a share. */
static size_t list_candidates(struct sampler *s, const struct sampling *o,
	const float *x, size_t n, float max, double *mass)
{
	double bound = 0;	/* a lower weight is never taken */
	size_t i, m;

	if (o->top_k) {
		m = logits_top(s->list, x, n, (size_t)o->top_k);
		for (*mass = 0, i = 0; i < m; i++)
			*mass += exp(scaled(s->list[i].logit, max,
				o->temperature));
		return m;
	}
	*mass = logits_weigh_all(s->sum, x, n, max, o->temperature);
	/* All weights below (1-p) mass / n add up to less than top-p may omit;
	 * half of that is safe against rounding. */
	if (o->top_p < 1)
		bound = 0.5 * (1 - o->top_p) * *mass / (double)n;
	if (o->min_p > 0 && 0.999 * o->min_p > bound)
		bound = 0.999 * o->min_p;
	return logits_from(s->list, x, n, max + o->temperature * log(bound));
}

static void choose_filtered(struct sampler *s, const struct sampling *o,
	const float *x, size_t n, float max, double u, struct choice *out)
{
	double mass, taken = 0, left;
	size_t all = list_candidates(s, o, x, n, max, &mass), rest = all, i;
	struct logit c;

	logits_heap(s->list, all);
	while (rest && (rest == all || o->top_p == 1 ||
		taken < o->top_p * mass)) {
		double w = exp(scaled(s->list[0].logit, max, o->temperature));

		if (rest < all && w < o->min_p)
			break;
		taken += w;
		logits_pop(s->list, &rest);
	}
	/* The tokens taken are at the end of the list, the largest last. */
	left = u * taken;
	i = all;
	do {
		c = s->list[--i];
		left -= exp(scaled(c.logit, max, o->temperature));
	} while (left >= 0 && i > rest);
	out->id = c.id;
	out->sample_logprob = (float)(scaled(c.logit, max, o->temperature) -
		log(taken));
}

/* ---- biases and penalties ---- */

enum { CHANGED = 1, PENALIZED = 2 };	/* bits of seen */

/* Keeps a logit within the range of float. */
static float clamp(double x)
{
	return (float)fmin(fmax(x, -FLT_MAX), FLT_MAX);
}

/* Lists the logit of id, for restore, before it is changed. */
static void note_change(struct sampler *s, const float *x, uint32_t id,
	size_t *n)
{
	if (!(s->seen[id] & CHANGED))
		s->changed[(*n)++] = (struct changed){ id, x[id] };
	s->seen[id] |= CHANGED;
}

static void add_biases(struct sampler *s, const struct sampling *o, float *x,
	size_t *n)
{
	size_t i;

	for (i = 0; i < o->nbias; i++) {
		const struct logit_bias *b = &o->bias[i];

		if (b->id >= s->vocab)
			continue;
		note_change(s, x, b->id, n);
		x[b->id] = clamp((double)x[b->id] + b->bias);
	}
}

/* Lowers the logits of recent tokens. */
static void penalize(struct sampler *s, const struct sampling *o, float *x,
	const struct sampler_past *past, size_t *n)
{
	size_t from = 0, i;
	float penalty = (float)o->repeat_penalty;

	if (penalty == 1)
		return;
	if (o->repeat_last && past->nrecent > (size_t)o->repeat_last)
		from = past->nrecent - (size_t)o->repeat_last;
	for (i = from; i < past->nrecent; i++) {
		uint32_t id = past->recent[i];

		if (id >= s->vocab || s->seen[id] & PENALIZED)
			continue;
		note_change(s, x, id, n);
		s->seen[id] |= PENALIZED;
		x[id] = clamp(x[id] > 0 ? x[id] / penalty : x[id] * penalty);
	}
}

/* Lowers the logits of sampled tokens by how often they were. */
static void penalize_counts(struct sampler *s, const struct sampling *o,
	float *x, const struct sampler_past *past, size_t *n)
{
	size_t i;

	if (!o->presence_penalty && !o->frequency_penalty)
		return;
	for (i = 0; i < past->nanswer; i++) {
		uint32_t id = past->answer[i];

		if (id >= s->vocab || (past->mask && !past->mask[i]))
			continue;
		note_change(s, x, id, n);
		s->count[id]++;
	}
	for (i = 0; i < *n; i++) {
		uint32_t id = s->changed[i].id;

		if (s->count[id])
			x[id] = clamp(x[id] - (o->presence_penalty +
				s->count[id] * o->frequency_penalty));
		s->count[id] = 0;
	}
}

static void restore(struct sampler *s, float *x, size_t n)
{
	while (n--) {
		x[s->changed[n].id] = s->changed[n].logit;
		s->seen[s->changed[n].id] = 0;
	}
}

/* ---- interface ---- */

static void choose(struct sampler *s, const struct sampling *o,
	const float *x, size_t usable, bool changed, double u,
	struct choice *out)
{
	double total = 0;
	float max;

	if (o->greedy) {
		out->id = (uint32_t)logits_argmax(x, usable);
		out->sample_logprob = 0;
		return;
	}
	if (o->top_k || o->top_p < 1 || o->min_p > 0) {
		choose_filtered(s, o, x, usable, logits_largest(x, usable), u, out);
		return;
	}
	/* The model's own distribution has already been summed; sum again if
	 * the usable ids have hardly any weight in it. */
	max = s->max;
	if (o->temperature == 1 && !changed)
		total = weigh_first(s, x, usable);
	if (!(total > 1e-6)) {
		max = logits_largest(x, usable);
		total = logits_weigh_all(s->sum, x, usable, max, o->temperature);
	}
	choose_unfiltered(s, x, usable, max, o->temperature, total, u, out);
}

/* Another number in [0, 1), as random as u. */
static double redraw(double u, int times)
{
	uint64_t bits = (uint64_t)(u * 0x1p53);

	return rng_uniform(hash_mix(bits), RNG_SAMPLE, (uint32_t)times, 0);
}

/* Which tokens may be drawn. */
struct allowed {
	bool (*allows)(void *ctx, uint32_t id);
	void *ctx;
};

/* Collects the tokens that are allowed; returns how many. */
static size_t gather(struct sampler *s, const float *x, size_t n,
	const struct allowed *f)
{
	size_t i, m = 0;

	if (!s->allowed) {
		s->allowed = xcalloc(s->vocab, sizeof *s->allowed);
		s->allowed_ids = xcalloc(s->vocab, sizeof *s->allowed_ids);
	}
	for (i = 0; i < n; i++) {
		if (x[i] == -FLT_MAX || !f->allows(f->ctx, (uint32_t)i))
			continue;
		s->allowed[m] = x[i];
		s->allowed_ids[m++] = (uint32_t)i;
	}
	return m;
}

/* Draws until a token is allowed, marking the others. Returns false if none of
 * all is. */
static bool choose_allowed(struct sampler *s, const struct sampling *o,
	float *x, size_t n, size_t *nchanged, double u,
	const struct allowed *f, struct choice *out)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		choose(s, o, x, n, *nchanged > 0, i ? redraw(u, i) : u, out);
		if (!f || f->allows(f->ctx, out->id))
			return true;
		note_change(s, x, out->id, nchanged);
		x[out->id] = -FLT_MAX;
	}
	n = gather(s, x, n, f);
	if (!n)
		return false;
	choose(s, o, s->allowed, n, true, redraw(u, i), out);
	out->id = s->allowed_ids[out->id];
	return true;
}

/* f: NULL allows all. */
static enum sampler_result sample(struct sampler *s, const struct sampling *o,
	float *logits, size_t usable, const struct sampler_past *past,
	double u, const struct allowed *f, struct choice *out)
{
	struct sampling how = *o;
	size_t nchanged = 0;
	double norm;
	bool found;

	if (!logits_finite(logits, s->vocab))
		return SAMPLER_NOT_FINITE;
	/* Weights are floats, so the temperature's inverse must be one too. */
	how.temperature = fmin(fmax(o->temperature, FLT_MIN), FLT_MAX);
	norm = log_sum(s, logits);
	add_biases(s, &how, logits, &nchanged);
	penalize(s, &how, logits, past, &nchanged);
	penalize_counts(s, &how, logits, past, &nchanged);
	found = choose_allowed(s, &how, logits, usable, &nchanged, u, f, out);
	restore(s, logits, nchanged);
	if (!found)
		return SAMPLER_NONE;
	out->logprob = logprob_of(logits, out->id, norm);
	return SAMPLER_CHOSEN;
}

bool sampler_choose(struct sampler *s, const struct sampling *o,
	float *logits, size_t usable, const struct sampler_past *past,
	double u, struct choice *out)
{
	return sample(s, o, logits, usable, past, u, NULL, out) ==
		SAMPLER_CHOSEN;
}

enum sampler_result sampler_choose_allowed(struct sampler *s,
	const struct sampling *o, float *logits, size_t usable,
	const struct sampler_past *past, double u,
	bool (*allows)(void *ctx, uint32_t id), void *ctx, struct choice *out)
{
	const struct allowed f = { allows, ctx };

	return sample(s, o, logits, usable, past, u, &f, out);
}

bool sampler_logprob(struct sampler *s, const float *logits, uint32_t id,
	float *logprob)
{
	if (!logits_finite(logits, s->vocab))
		return false;
	*logprob = logprob_of(logits, id, log_sum(s, logits));
	return true;
}

/* Lists the n largest logits, smallest first; returns how many. */
static size_t rank(struct sampler *s, const float *logits, size_t usable,
	size_t n)
{
	size_t m = logits_top(s->list, logits, usable, n), rest = m;

	logits_heap(s->list, m);
	while (rest)	/* moves the largest behind the others */
		logits_pop(s->list, &rest);
	return m;
}

size_t sampler_alternatives(struct sampler *s, const float *logits,
	size_t usable, size_t n, struct alternative *out)
{
	double norm = log_sum(s, logits);
	size_t m = rank(s, logits, usable, n), i;

	for (i = 0; i < m; i++) {
		out[i].id = s->list[m - 1 - i].id;
		out[i].logprob = logprob_of(logits, out[i].id, norm);
	}
	return m;
}

size_t sampler_top(struct sampler *s, const float *logits, size_t usable,
	size_t n, uint32_t *ids)
{
	size_t m = rank(s, logits, usable, n), i;

	for (i = 0; i < m; i++)
		ids[i] = s->list[m - 1 - i].id;
	return m;
}
