/* head_language.c - from hidden states to log-probabilities and back: head.h
 *
 * Tokens with a target are gathered into chunks of rows, so prompts and padding
 * cost nothing here and the logits of a whole batch are never in memory at
 * once; for backward, each chunk's logits, loss and gradient are computed in
 * the same buffer.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"
#include "common/model/activations.h"
#include "common/model/head.h"
#include "common/model/piece.h"

/* Rows of a chunk and what belongs to them, gathered. */
struct chunk {
	size_t n;
	const int32_t *pick;	/* (n) tokens of the batch */
	int32_t *target;	/* (n) */
	float *weight, *entropy_weight, *logprob, *entropy;	/* (n) */
};

/* Lists the tokens with a target in a->pick; returns their number. */
static size_t pick_tokens(struct activations *a, const struct batch *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->rows * b->time; i++)
		if (b->target[i] >= 0)
			a->pick[n++] = (int32_t)i;
	return n;
}

static void make_scratch(const struct model *m, struct activations *a)
{
	if (a->logits)
		return;
	a->logits = kernel_alloc(a->chunk * logits_row(&m->config));
	a->gathered = kernel_alloc(a->chunk * m->config.width);
	a->d_gathered = kernel_alloc(a->chunk * m->config.width);
}

static void chunk_init(struct chunk *k, const struct model *m,
	struct activations *a)
{
	size_t rows = a->chunk;
	float *p = xcalloc(4 * rows, sizeof *p);

	make_scratch(m, a);
	k->target = xcalloc(rows, sizeof *k->target);
	k->weight = p;
	k->entropy_weight = p + rows;
	k->logprob = p + 2 * rows;
	k->entropy = p + 3 * rows;
}

static void chunk_free(struct chunk *k)
{
	free(k->target);
	free(k->weight);
}

/* Gathers the chunk that begins at pick[at] of n and computes its logits. */
static void chunk_logits(struct chunk *k, const struct model *m,
	struct activations *a, const struct batch *b, size_t at, size_t n)
{
	size_t c = m->config.width, i;

	k->pick = a->pick + at;
	k->n = n - at < a->chunk ? n - at : a->chunk;
	for (i = 0; i < k->n; i++)
		k->target[i] = b->target[k->pick[i]];
	embedding_forward(a->gathered, k->pick, a->norm, k->n, c, false);
	model_logits(m, a->logits, logits_row(&m->config), a->gathered, k->n);
}

static void scatter(float *out, const float *x, const struct chunk *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		out[k->pick[i]] = x[i];
}

/* Ranks and alternatives of the chunk's tokens. */
static void predict(const struct language_head *h, const struct model *m,
	struct activations *a, const struct chunk *k)
{
	size_t row = logits_row(&m->config);
	int32_t *rank = xcalloc(h->rank ? k->n : 0, sizeof *rank);
	struct logit *best = xcalloc(k->n * h->top, sizeof *best);
	size_t i;

	if (h->rank)
		logits_rank(rank, a->logits, row, k->n, h->usable, k->target);
	if (h->top)
		logits_best(best, a->logits, row, k->n, h->usable, h->top,
			k->target, k->logprob);
	for (i = 0; i < k->n; i++) {
		if (h->rank)
			h->rank[k->pick[i]] = rank[i];
		if (h->top)
			memcpy(h->best + (size_t)k->pick[i] * h->top,
				best + i * h->top, h->top * sizeof *best);
	}
	free(rank);
	free(best);
}

static void forward(struct head *head, const struct model *m,
	struct activations *a, const struct batch *b)
{
	struct language_head *h = (struct language_head *)head;
	size_t n = pick_tokens(a, b), at;
	struct chunk k;

	chunk_init(&k, m, a);
	vec_zero(h->logprob, b->rows * b->time);
	if (h->entropy)
		vec_zero(h->entropy, b->rows * b->time);
	for (at = 0; at < n; at += k.n) {
		chunk_logits(&k, m, a, b, at, n);
		cross_entropy(a->logits, logits_row(&m->config), k.n, m->config.vocab,
			k.target, NULL, k.logprob, h->entropy ? k.entropy : NULL);
		scatter(h->logprob, k.logprob, &k);
		if (h->entropy)
			scatter(h->entropy, k.entropy, &k);
		if (h->rank || h->top)
			predict(h, m, a, &k);
	}
	chunk_free(&k);
}

/* Saves the log-probabilities of the chunk before its gradient overwrites its
 * logits. */
static void keep_logprobs(const struct model *m, struct activations *a,
	const struct chunk *k)
{
	size_t row = logits_row(&m->config);

	if (!a->logprobs)
		a->logprobs = kernel_alloc(a->chunk * row);
	vec_copy(a->logprobs, a->logits, k->n * row);
	log_softmax(a->logprobs, row, k->n, m->config.vocab);
}

/* Replaces the logits of a chunk by their gradient. */
static void chunk_gradient(struct chunk *k, const struct model *m,
	struct activations *a, const float *weight, const float *entropy_weight)
{
	size_t row = logits_row(&m->config), v = m->config.vocab, i;

	for (i = 0; i < k->n; i++) {
		k->weight[i] = weight[k->pick[i]];
		k->entropy_weight[i] = entropy_weight ?
			entropy_weight[k->pick[i]] : 0;
	}
	if (entropy_weight)
		keep_logprobs(m, a, k);
	cross_entropy(a->logits, row, k->n, v, k->target, k->weight, k->logprob,
		NULL);
	if (entropy_weight)
		entropy_backward(a->logits, a->logprobs, row,
			k->entropy_weight, k->n, v);
}

static void backward(struct head *head, const struct model *m,
	struct activations *a, const struct batch *b, struct weights *g,
	float *d_hidden)
{
	struct language_head *h = (struct language_head *)head;
	size_t c = m->config.width, at;
	size_t n = pick_tokens(a, b);
	struct chunk k;

	chunk_init(&k, m, a);
	vec_zero(h->logprob, b->rows * b->time);
	vec_zero(d_hidden, b->rows * b->time * c);
	for (at = 0; at < n; at += k.n) {
		chunk_logits(&k, m, a, b, at, n);
		chunk_gradient(&k, m, a, h->weight, h->entropy_weight);
		scatter(h->logprob, k.logprob, &k);
		model_logits_backward(m, g, a->d_gathered, a->logits,
			logits_row(&m->config), a->gathered, k.n);
		embedding_scatter(d_hidden, k.pick, a->d_gathered, k.n, c);
	}
	chunk_free(&k);
}

const struct head_kind head_language = { forward, backward };
