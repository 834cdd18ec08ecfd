/* policy.c - updates a model with an objective: see policy.h
 *
 * The forward pass over a pack gives the log-probabilities of its tokens, these
 * give the slope of the objective at each, and the backward pass uses the
 * slopes as weights.
 */
#include "common/train/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/train/ranks.h"

void policy_free(struct policy *p)
{
	examples_free(&p->examples);
	free(p->sampled);
	free(p->advantage);
	free(p->ref);
}

void policy_memory_init(struct policy_memory *k, const struct policy *p,
	size_t rows, size_t time)
{
	size_t n = rows * time;

	pack_init(&k->pack, rows, time);
	k->place = xcalloc(p->examples.n, sizeof *k->place);
	k->logprob = xcalloc(n, sizeof *k->logprob);
	k->entropy = xcalloc(n, sizeof *k->entropy);
	k->weight = xcalloc(n, sizeof *k->weight);
	k->entropy_weight = xcalloc(n, sizeof *k->entropy_weight);
}

void policy_memory_free(struct policy_memory *k)
{
	pack_free(&k->pack);
	free(k->place);
	free(k->logprob);
	free(k->entropy);
	free(k->weight);
	free(k->entropy_weight);
}

/* ---- scores ---- */

/* Copies the log-probabilities of example x, packed at place, to out. */
static void take_scores(const struct policy *p, const struct policy_memory *k,
	const struct example *x, size_t place, float *out)
{
	size_t i;

	out[x->at] = 0;
	for (i = 1; i < x->n; i++)
		out[x->at + i] = p->examples.mask[x->at + i] ?
			k->logprob[place + i - 1] : 0;
}

void policy_score(const struct policy *p, struct policy_memory *k,
	const struct model *m, struct activations *a, const size_t *order,
	size_t n, float *out)
{
	const struct examples *e = &p->examples;
	size_t *all = order ? NULL : xcalloc(n, sizeof *all);
	size_t from, got, i;

	for (i = 0; all && i < n; i++)
		all[i] = i;
	if (all)
		order = all;
	for (from = 0; from < n; from += got) {
		got = examples_pack(e, &k->pack, order, from, n, k->place);
		model_forward(m, a, &k->pack.rows.batch);
		model_score(m, a, &k->pack.rows.batch, k->logprob, NULL);
		for (i = from; i < from + got; i++)
			take_scores(p, k, &e->v[order[i]], k->place[i], out);
	}
	free(all);
}

/* ---- a policy gradient ---- */

/* The importance weight of a token, which corrects from the distribution that
 * was sampled from to that of the model that sampled. */
static double importance(const struct policy *p, size_t token,
	struct policy_stats *stats)
{
	double weight, capped;

	if (p->importance == 0)
		return 1;
	weight = exp((double)p->examples.logprobs[token] -
		(double)p->examples.sample_logprobs[token]);
	capped = fmin(weight, p->importance);
	stats->importance += weight;
	stats->capped += capped < weight;
	return capped;
}

/* Stores the slopes of sample s, packed at place, as weights for the backward
 * pass; returns the sample's loss. */
static double weigh_sample(const struct policy *p, struct policy_memory *k,
	size_t s, size_t place, double factor, struct policy_stats *stats)
{
	const struct example *x = &p->examples.v[s];
	double sum = 0;
	size_t i;

	for (i = 1; i < x->n; i++) {
		size_t at = place + i - 1, from = x->at + i;
		double now = (double)k->logprob[at], slope, d;
		double old = (double)p->examples.logprobs[from], weight, loss;
		bool clipped;

		if (!p->examples.mask[from])
			continue;
		weight = factor * importance(p, from, stats);
		loss = objective_token(&p->objective, now, old,
			p->ref ? (double)p->ref[from] : 0, p->advantage[s],
			&slope, &clipped);
		sum += weight * loss -
			factor * p->entropy * (double)k->entropy[at];
		k->weight[at] = (float)(-slope * weight);
		k->entropy_weight[at] = (float)(p->entropy * factor);
		d = old - now;
		stats->kl += exp(-d) + d - 1;
		stats->clipped += clipped;
		stats->entropy += (double)k->entropy[at];
	}
	return sum;
}

/* The factors of the samples of this update alone. */
static double *make_factors(const struct policy *p, const size_t *order,
	size_t n)
{
	struct sampled *s = xcalloc(n, sizeof *s);
	double *advantage = xcalloc(n, sizeof *advantage);
	double *factor = xcalloc(n, sizeof *factor);
	size_t i;

	for (i = 0; i < n; i++) {
		s[i] = p->sampled[order[i]];
		advantage[i] = p->advantage[order[i]];
	}
	objective_factors(&p->objective, s, advantage, n, factor);
	free(s);
	free(advantage);
	return factor;
}

static void divide_stats(struct policy_stats *s)
{
	double n = s->tokens ? (double)s->tokens : 1;

	s->kl /= n;
	s->clipped /= n;
	s->entropy /= n;
	s->importance /= n;
	s->capped /= n;
}

static size_t learned(const struct policy *p, const size_t *order, size_t n)
{
	size_t tokens = 0, i;

	for (i = 0; i < n; i++)
		tokens += p->examples.v[order[i]].learned;
	return tokens;
}

void policy_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n,
	struct policy_stats *stats)
{
	double *factor = make_factors(p, order, n);
	double *loss = trainer_losses(t, n);
	const struct batch *b = &k->pack.rows.batch;
	size_t from, end, got, i;

	*stats = (struct policy_stats) { .samples = n,
		.tokens = learned(p, order, n) };
	for (ranks_share(n, &from, &end); from < end; from += got) {
		got = examples_pack(&p->examples, &k->pack, order, from, end,
			k->place);
		model_forward(t->model, t->activations, b);
		model_score(t->model, t->activations, b, k->logprob,
			k->entropy);
		vec_zero(k->weight, b->rows * b->time);
		vec_zero(k->entropy_weight, b->rows * b->time);
		for (i = from; i < from + got; i++) {
			loss[i] = weigh_sample(p, k, order[i], k->place[i],
				factor[i], stats);
			stats->loss += loss[i];
		}
		trainer_add_backward(t, b, k->weight,
			p->entropy != 0 ? k->entropy_weight : NULL, NULL);
	}
	divide_stats(stats);
	free(factor);
}

/* ---- DPO ---- */

/* The sum of now - ref over an answer's tokens. */
static double margin(const struct policy *p, const float *now, size_t s)
{
	const struct example *x = &p->examples.v[s];
	double sum = 0;
	size_t i;

	for (i = x->at; i < x->at + x->n; i++)
		sum += (double)now[i] - (double)p->ref[i];
	return sum;
}

/* The losses of the pairs order[0..n), and the slopes of both answers of each;
 * all: pairs in the update. both: the answers. */
static void dpo_slopes(const struct policy *p, const float *now,
	const size_t *both, size_t n, size_t all, double *loss, double *slope,
	struct policy_stats *stats)
{
	size_t i;

	for (i = 0; i < n; i++) {
		double chosen = margin(p, now, both[2 * i]);
		double rejected = margin(p, now, both[2 * i + 1]);

		loss[i] = objective_dpo(chosen, rejected, p->dpo_beta,
			p->dpo_smoothing, &slope[2 * i]) / (double)all;
		slope[2 * i] /= (double)all;
		slope[2 * i + 1] = -slope[2 * i];
		stats->loss += loss[i];
		stats->accuracy += (chosen > rejected) / (double)all;
	}
}

void dpo_gradient(const struct policy *p, struct policy_memory *k,
	struct trainer *t, const size_t *order, size_t n, float *now,
	struct policy_stats *stats)
{
	size_t *both = xcalloc(2 * n, sizeof *both), first, end, from, got, i;
	double *slope = xcalloc(2 * n, sizeof *slope);
	double *loss = trainer_losses(t, n);
	const struct batch *b = &k->pack.rows.batch;

	for (i = 0; i < 2 * n; i++)
		both[i] = 2 * order[i / 2] + i % 2;
	*stats = (struct policy_stats) { .samples = 2 * n,
		.tokens = learned(p, both, 2 * n) };
	ranks_share(n, &first, &end);
	policy_score(p, k, t->model, t->activations, both + 2 * first,
		2 * (end - first), now);
	dpo_slopes(p, now, both + 2 * first, end - first, n, loss + first,
		slope + 2 * first, stats);
	for (from = 2 * first; from < 2 * end; from += got) {
		got = examples_pack(&p->examples, &k->pack, both, from, 2 * end,
			k->place);
		model_forward(t->model, t->activations, b);
		vec_zero(k->weight, b->rows * b->time);
		for (i = from; i < from + got; i++) {
			float *weight = k->weight + k->place[i];
			size_t len = p->examples.v[both[i]].n - 1;

			while (len--)
				weight[len] = (float)-slope[i];
		}
		trainer_add_backward(t, b, k->weight, NULL, NULL);
	}
	free(both);
	free(slope);
}
