/* samples.c - graded rollouts as samples: see samples.h */
#include "common/train/samples.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/train/groups.h"

static bool known_ids(const uint32_t *ids, size_t n, size_t vocab)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (ids[i] >= vocab)
			return false;
	return true;
}

const char *samples_add(struct policy *p, const struct model_config *c,
	const struct rollout *x)
{
	struct examples *e = &p->examples;
	size_t n = x->nprompt + x->n, i, at;
	struct example *k;

	if (!x->nprompt || !x->n)
		return "no prompt or no answer";
	if (n - 1 > c->context)
		return "longer than the model's context";
	if (!known_ids(x->prompt_ids, x->nprompt, c->vocab) ||
		!known_ids(x->ids, x->n, c->vocab))
		return "an id outside the vocabulary of the model";
	k = examples_add(e, n);
	for (i = 0; i < x->nprompt; i++)
		e->ids[k->at + i] = (int32_t)x->prompt_ids[i];
	for (i = 0; i < x->n; i++) {
		at = k->at + x->nprompt + i;
		e->ids[at] = (int32_t)x->ids[i];
		e->mask[at] = x->mask[i];
		e->logprobs[at] = x->logprobs[i];
		e->sample_logprobs[at] = x->sample_logprobs ?
			x->sample_logprobs[i] : x->logprobs[i];
		k->learned += x->mask[i];
	}
	p->sampled = grow(p->sampled, e->n - 1, &p->sampled_cap,
		sizeof *p->sampled);
	p->sampled[e->n - 1] = (struct sampled) { .tokens = k->learned,
		.reward = x->ungraded ? NAN : x->reward };
	return NULL;
}

static size_t find_group(struct groups *g, const struct rollout *x)
{
	size_t number;

	if (!groups_find(g, x, &number))
		die("%s:%" PRIu64 ": id %.*s has another prompt than at "
			"%s:%" PRIu64 ": a group is one prompt", x->rec.file,
			x->rec.line, x->id.n < 80 ? (int)x->id.n : 80,
			x->id.p, g->v[number].file, g->v[number].line);
	return number;
}

/* Ids of another tokenizer mean other tokens, and the log-probabilities of
 * another model are not those of this one before its first update. */
static void check_origin(const struct rollout *x,
	const struct samples_rules *r)
{
	if (*r->tokenizer_hash && x->tokenizer_hash &&
		strcmp(x->tokenizer_hash, r->tokenizer_hash))
		die("%s:%" PRIu64 ": sampled with another tokenizer than that "
			"of %s: tokenizer_hash is %.64s, not %s", x->rec.file,
			x->rec.line, r->model, x->tokenizer_hash,
			r->tokenizer_hash);
	if (*r->model_hash && x->model_hash &&
		strcmp(x->model_hash, r->model_hash))
		die("%s:%" PRIu64 ": sampled from another model than %s: "
			"model_hash is %.64s, not %s (--any-model takes it "
			"all the same)", x->rec.file, x->rec.line, r->model,
			x->model_hash, r->model_hash);
}

void samples_read(struct policy *p, const struct model_config *c, char **files,
	const struct samples_rules *rules, struct samples_read *read)
{
	struct records *in = records_open(files, "rollout");
	struct rollout x = { 0 };
	struct groups groups = { .by_prompt = rules->by_prompt };

	while (rollouts_next(in, &x, ROLLOUT_IDS)) {
		const char *why;

		check_origin(&x, rules);
		why = samples_add(p, c, &x);
		if (why) {
			records_bad(in, &x.rec, "%s", why);
			continue;
		}
		p->sampled[p->examples.n - 1].group = find_group(&groups, &x);
		read->elsewhere += x.sample_logprobs != NULL;
		read->unknown += !x.sample_logprobs && x.temperature != 1;
	}
	records_close(in);
	rollout_free(&x);
	if (!p->examples.n)
		die("no rollouts to learn from");
	groups_sort(groups.n, &p->examples, &p->sampled);
	read->groups = groups.n;
	groups_free(&groups);
}

/* The KL divergence of the samples from the reference, for kl_reward. */
static void measure_kl(struct policy *p)
{
	size_t i, t;

	for (i = 0; i < p->examples.n; i++) {
		const struct example *x = &p->examples.v[i];

		for (t = x->at; t < x->at + x->n; t++)
			if (p->examples.mask[t])
				p->sampled[i].kl +=
					(double)p->examples.logprobs[t] -
					(double)p->ref[t];
	}
}

void samples_count(const struct policy *p, struct samples_stats *stats)
{
	size_t n = p->examples.n, i;
	double sum = 0, tokens = 0, graded;

	*stats = (struct samples_stats) { 0 };
	for (i = 0; i < n; i++) {
		if (isnan(p->sampled[i].reward)) {
			stats->ungraded++;
			continue;
		}
		sum += p->sampled[i].reward;
		tokens += (double)p->sampled[i].tokens;
	}
	graded = (double)(n - stats->ungraded);
	stats->reward = sum / graded;
	stats->length = tokens / graded;
}

size_t samples_choose(struct policy *p, size_t *order,
	struct samples_stats *stats)
{
	size_t n = p->examples.n, chosen = 0, i, end;

	samples_count(p, stats);
	if (p->ref)
		measure_kl(p);
	p->advantage = xcalloc(n, sizeof *p->advantage);
	objective_advantages(&p->objective, p->sampled, n, p->advantage);
	for (i = 0; i < n; i = end) {
		size_t before = chosen, graded = 0;

		for (end = i; end < n && p->sampled[end].group ==
				p->sampled[i].group; end++) {
			graded += !isnan(p->sampled[end].reward);
			if (!isnan(p->advantage[end]))
				order[chosen++] = end;
		}
		stats->flat += graded && chosen == before;
	}
	return chosen;
}
