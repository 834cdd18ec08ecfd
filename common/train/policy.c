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

/* What the tokens of a sample have in common. */
struct common {
	double log_ratio;	/* mean of logprob - old */
	double sampler;		/* sum of old - that of the distribution sampled
				 * from */
	double weight;		/* mean importance weight */
};

static double sampler_ratio(const struct policy *p, size_t token)
{
	return (double)p->examples.logprobs[token] -
		(double)p->examples.sample_logprobs[token];
}

/* The importance weight of a token, which corrects from the distribution that
 * was sampled from to that of the model that sampled. */
static double importance(const struct policy *p, const struct common *c,
	size_t token, struct policy_stats *stats)
{
	double ratio;

	if (!p->weighs)
		return 1;
	ratio = importance_by_sequence(&p->importance) ? c->sampler :
		sampler_ratio(p, token);
	if (stats) {
		stats->importance += exp(ratio);
		stats->outside += importance_is_outside(&p->importance, ratio);
	}
	return importance_weight(&p->importance, ratio);
}

/* Of sample x, packed at place. */
static struct common measure(const struct policy *p,
	const struct policy_memory *k, const struct example *x, size_t place)
{
	struct common c = { 0 };
	double n = (double)x->learned, weights = 0;
	size_t i, end = x->at + x->n;

	for (i = x->at + 1; i < end; i++) {
		if (!p->examples.mask[i])
			continue;
		c.log_ratio += (double)k->logprob[place + i - x->at - 1] -
			(double)p->examples.logprobs[i];
		c.sampler += sampler_ratio(p, i);
	}
	c.log_ratio /= n;
	for (i = x->at + 1; i < end; i++)
		if (p->examples.mask[i])
			weights += importance(p, &c, i, NULL);
	c.weight = weights / n;
	return c;
}

/* The KL term of a token, if there is a reference. */
static double divergence(const struct policy *p, double now, size_t token,
	double *slope, struct policy_stats *stats)
{
	double ref, unused;

	*slope = 0;
	if (!p->ref)
		return 0;
	ref = (double)p->ref[token];
	stats->ref_kl += objective_kl(KL_K3, now, ref, &unused);
	if (p->objective.kl_loss == 0)
		return 0;
	return objective_kl(p->objective.kl, now, ref, slope);
}

/* Stores the slopes of the token at k's place `at`, which is `token` of the
 * examples; returns its loss. */
static double weigh_token(const struct policy *p, struct policy_memory *k,
	const struct common *c, size_t at, size_t token, double advantage,
	double factor, struct policy_stats *stats)
{
	const struct objective *o = &p->objective;
	double now = (double)k->logprob[at], slope, kl_slope, loss;
	double d = now - (double)p->examples.logprobs[token];
	double weight = factor * importance(p, c, token, stats);
	bool clipped;

	loss = objective_token(o, now, o->level == RATIO_SEQUENCE ?
		c->log_ratio : d, advantage, &slope, &clipped);
	loss += o->kl_loss * divergence(p, now, token, &kl_slope, stats);
	kl_slope *= o->kl_loss;
	k->weight[at] = (float)-(objective_spreads(o) ?
		slope * factor * c->weight + kl_slope * weight :
		(slope + kl_slope) * weight);
	k->entropy_weight[at] = (float)(p->entropy * factor);
	stats->kl += exp(d) - d - 1;
	stats->clipped += clipped;
	stats->entropy += (double)k->entropy[at];
	return weight * loss - factor * p->entropy * (double)k->entropy[at];
}

/* Stores the slopes of sample s, packed at place, as weights for the backward
 * pass; returns the sample's loss. */
static double weigh_sample(const struct policy *p, struct policy_memory *k,
	size_t s, size_t place, double factor, struct policy_stats *stats)
{
	const struct example *x = &p->examples.v[s];
	struct common c = measure(p, k, x, place);
	double sum = 0;
	size_t i;

	for (i = 1; i < x->n; i++)
		if (p->examples.mask[x->at + i])
			sum += weigh_token(p, k, &c, place + i - 1, x->at + i,
				p->advantage[s], factor, stats);
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
	s->ref_kl /= n;
	s->importance /= n;
	s->outside /= n;
}

size_t policy_learned(const struct policy *p, const size_t *order, size_t n)
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
		.tokens = policy_learned(p, order, n) };
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
		if (from + got == end)
			trainer_last(t);
		trainer_add_backward(t, b, k->weight,
			p->entropy != 0 ? k->entropy_weight : NULL, NULL);
	}
	divide_stats(stats);
	free(factor);
}
