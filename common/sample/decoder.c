/* decoder.c - runs a model with a KV cache: see decoder.h
 *
 * The blocks are those of training (common/model/block.h). A pass has a token of
 * each row of a step, then the tokens of prompts, and says where their keys and
 * values are stored and what their queries attend to.
 */
#include "common/sample/decoder.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/block.h"
#include "common/model/forward.h"

struct decoder {
	const struct model *m;
	size_t rows;		/* sequences in a step */
	struct activations *act;
	struct attention attention;	/* of one key-value head */
	struct attention_query *query;	/* (kv_heads, rows) */
	int32_t *ids, *pos;	/* of the tokens of a pass */
	size_t *last;		/* those that logits are wanted after */
	float *part;		/* logits (DECODER_PART, vocab) of a prompt's
				 * tokens; NULL until the first use */
	struct gathered *gathered;	/* one per thread */
};

/* Keys, then values, of a head of a segment with a base, in one place: a copy,
 * which serves the prompts of a pass that have the same base. */
struct gathered {
	float *rows;
	size_t cap;		/* tokens, whole blocks */
	const struct kv_segment *base;	/* NULL: nothing is there yet */
	size_t nbase, layer, head;
};

/* The tokens of a prompt in a pass. */
struct span {
	const struct decode_prompt *prompt;
	size_t first, n;	/* among the tokens of the pass */
};

struct pass {
	struct kv_store store;
	struct decoder *d;
	const struct decode_row *row;	/* (n) */
	size_t n;
	struct span span[DECODER_PROMPTS];
	size_t nspan, tokens;

	/* Of the current layer: */
	size_t layer;
	const float *qkv;
	float *att;
};

/* ---- set-up ---- */

struct decoder *decoder_new(const struct model *m, size_t rows, enum dtype kv)
{
	const struct model_config *c = &m->config;
	struct decoder *d = xcalloc(1, sizeof *d);
	size_t most = rows + DECODER_TOKENS;

	d->m = m;
	d->rows = rows;
	d->attention = (struct attention){
		.batch = 1, .heads = c->heads / c->kv_heads, .kv_heads = 1,
		.head_size = c->head_size, .q_stride = model_qkv_width(c),
		.out_stride = c->heads * c->head_size,
		.scale = (float)(1 / sqrt((double)c->head_size)),
		.cached = true, .kv_type = kv
	};
	d->act = activations_new(m, most, 1, KEEP_NOTHING);
	d->query = xcalloc(rows * c->kv_heads, sizeof *d->query);
	d->ids = xcalloc(most, sizeof *d->ids);
	d->pos = xcalloc(most, sizeof *d->pos);
	d->last = xcalloc(rows + DECODER_PROMPTS, sizeof *d->last);
	d->gathered = xcalloc((size_t)parallel_count(), sizeof *d->gathered);
	return d;
}

void decoder_free(struct decoder *d)
{
	int i;

	if (!d)
		return;
	activations_free(d->act);
	for (i = 0; i < parallel_count(); i++)
		kernel_free_sparse(d->gathered[i].rows);
	free(d->gathered);
	free(d->query);
	free(d->ids);
	free(d->pos);
	free(d->last);
	kernel_free(d->part);
	free(d);
}

/* Besides the activations: left factors of products; for each thread, a part of a
 * matrix, and keys, values and scores of a head. */
double decoder_bytes(const struct model_config *c, size_t rows, size_t context)
{
	size_t tokens = rows + DECODER_TOKENS;
	size_t widest = size_max(size_max(c->width, c->ffn),
		c->heads * c->head_size);
	double thread = 64.0 * (double)widest +
		(double)context * (double)(6 * c->head_size + 64);

	return (double)activations_bytes(c, tokens) + sizeof(float) *
		((double)tokens * (double)widest +
		(double)parallel_count() * thread +
		(double)DECODER_PART * (double)c->vocab);
}

const struct model_config *decoder_config(const struct decoder *d)
{
	return &d->m->config;
}

size_t decoder_rows(const struct decoder *d)
{
	return d->rows;
}

enum dtype decoder_kv(const struct decoder *d)
{
	return d->attention.kv_type;
}

struct kv_segment *decoder_segment(const struct decoder *d)
{
	return kv_segment_new(&d->m->config, d->attention.kv_type);
}

/* ---- attention ---- */

/* The key of a head of a token of the pass. */
static const float *key_of(const struct pass *p, size_t token, size_t head)
{
	const struct model_config *c = &p->d->m->config;

	return p->qkv + token * model_qkv_width(c) +
		(c->heads + head) * c->head_size;
}

static const float *value_of(const struct pass *p, size_t token, size_t head)
{
	return key_of(p, token, p->d->m->config.kv_heads + head);
}

/* Stores keys and values of the prompts' tokens in the cache; rows store their own
 * when they attend to them. */
static void keep_kv(const struct pass *p)
{
	size_t i, j;

	for (i = 0; i < p->nspan; i++) {
		const struct span *x = &p->span[i];
		struct kv_segment *run = x->prompt->run;

		for (j = 0; j < x->n; j++)
			kv_segment_put(run, p->layer, run->n + j,
				key_of(p, x->first + j, 0),
				value_of(p, x->first + j, 0));
	}
}

/* The keys of a head of the n tokens of a segment with a base; stores its values in
 * *v. */
static const void *gather(struct gathered *g, const struct kv_segment *r,
	size_t layer, size_t head, size_t n, const void **v)
{
	bool same = g->base == r->base && g->nbase == r->nbase &&
		g->layer == layer && g->head == head && n <= g->cap;
	float *values;

	if (n > g->cap) {
		kernel_free_sparse(g->rows);
		g->cap = kv_round(n + n / 4);
		g->rows = kernel_alloc_sparse(2 * g->cap * r->head_size);
	}
	g->base = r->base;
	g->nbase = r->nbase;
	g->layer = layer;
	g->head = head;
	values = g->rows + g->cap * r->head_size;
	kv_segment_gather(r, layer, head, same ? r->nbase : 0, n, g->rows,
		values);
	*v = values;
	return g->rows;
}

/* Attention of one head of one prompt's tokens; the parts of a head are
 * consecutive. */
static void attend_head(void *ctx, size_t part, int thread)
{
	const struct pass *p = ctx;
	const struct model_config *c = &p->d->m->config;
	struct attention s = p->d->attention;
	const struct span *x = &p->span[part % p->nspan];
	const struct kv_segment *run = x->prompt->run;
	size_t h = part / p->nspan, kv = h / s.heads, at = h * c->head_size;
	const void *k, *v = NULL;

	s.heads = 1;
	s.time = x->n;
	s.past = run->n;
	if (run->base) {
		k = gather(&p->d->gathered[thread], run, p->layer, kv,
			run->n + x->n, &v);
	} else {
		k = kv_segment_keys(run, p->layer, kv);
		v = kv_segment_values(run, p->layer, kv);
	}
	attention_forward(&s, p->att + x->first * s.out_stride + at, NULL,
		p->qkv + x->first * s.q_stride + at, k, v);
}

static struct attention_run run_of(const struct kv_segment *r, size_t layer,
	size_t head, size_t n)
{
	struct attention_run run = { NULL, NULL, n };

	if (n) {
		run.k = kv_segment_keys(r, layer, head);
		run.v = kv_segment_values(r, layer, head);
	}
	return run;
}

/* The keys and values of a row: those of its prompt's base, of the rest of its
 * prompt, and its own. */
static void set_runs(struct attention_query *q, const struct decode_row *row,
	size_t layer, size_t head)
{
	const struct kv_segment *prefix = row->prefix, *own = row->own;
	const struct kv_segment *first = prefix ? prefix : own;

	q->run[0] = run_of(first->base, layer, head, first->nbase);
	q->run[1] = run_of(prefix, layer, head,
		prefix ? prefix->n - prefix->nbase : 0);
	q->run[2] = run_of(own, layer, head, own->n + 1 - own->nbase);
}

/* One query per key-value head and row, with rows adjacent: a shared prefix is
 * read once. */
static void attend_rows(const struct pass *p)
{
	struct decoder *d = p->d;
	const struct attention *s = &d->attention;
	size_t i, head, heads = d->m->config.kv_heads;
	struct attention_query *q = d->query;

	for (head = 0; head < heads; head++)
		for (i = 0; i < p->n; i++, q++) {
			size_t at = head * s->heads * s->head_size;

			q->q = p->qkv + i * s->q_stride + at;
			q->out = p->att + i * s->out_stride + at;
			q->k = key_of(p, i, head);
			q->v = value_of(p, i, head);
			set_runs(q, &p->row[i], p->layer, head);
		}
	attention_decode(s, d->query, heads * p->n);
}

static void attend(struct kv_store *store, size_t layer, float *att, float *lse,
	const float *qkv)
{
	struct pass *p = (struct pass *)store;

	p->layer = layer;
	p->att = att;
	p->qkv = qkv;
	keep_kv(p);
	if (p->n)
		attend_rows(p);
	parallel_for(p->nspan * p->d->m->config.heads, attend_head, p);
}

/* ---- a pass ---- */

/* The tokens of the rows. */
static void take_rows(struct pass *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct decode_row *r = &p->row[i];

		if (r->own->n - r->own->nbase == r->own->cap)
			kv_segment_room(r->own, size_max(r->own->n, 32));
		p->d->ids[i] = (int32_t)r->id;
		p->d->pos[i] = (int32_t)((r->prefix ? r->prefix->n : 0) +
			r->own->n);
	}
	p->tokens = p->n;
}

/* The next n tokens of a prompt. */
static void take_span(struct pass *p, const struct decode_prompt *prompt,
	size_t n)
{
	size_t i, at = prompt->run->n;

	kv_segment_room(prompt->run, prompt->n - at);
	for (i = 0; i < n; i++) {
		p->d->ids[p->tokens + i] = (int32_t)prompt->ids[at + i];
		p->d->pos[p->tokens + i] = (int32_t)(at + i);
	}
	p->span[p->nspan++] = (struct span){ prompt, p->tokens, n };
	p->tokens += n;
}

/* The tokens of prompt i in a pass that has `tokens` of those before it. */
static size_t taken_of(const struct decode_prompt *prompt, size_t tokens)
{
	return size_min(prompt->n - prompt->run->n, DECODER_TOKENS - tokens);
}

size_t decoder_takes(const struct decode_prompt *prompt, size_t nprompt)
{
	size_t i, n = 0;

	for (i = 0; i < size_min(nprompt, DECODER_PROMPTS); i++)
		n += taken_of(&prompt[i], n);
	return n;
}

static void take_prompts(struct pass *p, const struct decode_prompt *prompt,
	size_t nprompt)
{
	size_t i, n;

	for (i = 0; i < size_min(nprompt, DECODER_PROMPTS); i++) {
		n = taken_of(&prompt[i], p->tokens - p->n);
		if (n)
			take_span(p, &prompt[i], n);
	}
}

/* Calls each for the tokens of a prompt in the pass. */
static void visit(struct decoder *d, const struct span *x)
{
	const struct decode_prompt *prompt = x->prompt;
	size_t i, m, vocab = d->m->config.vocab;

	if (!d->part)
		d->part = kernel_alloc(DECODER_PART * vocab);
	for (i = 0; i < x->n; i += m) {
		m = size_min(DECODER_PART, x->n - i);
		model_logits(d->m, d->part, vocab, blocks_hidden(d->m, d->act,
			x->first + i, m), m);
		prompt->each(prompt->ctx, prompt->run->n + i, d->part, m);
	}
}

/* Adds the tokens of the pass to the sequences, and lists those that logits are
 * wanted after; returns how many prompts are complete. */
static size_t advance(struct pass *p)
{
	size_t i, ended = 0;

	for (i = 0; i < p->n; i++) {
		p->row[i].own->n++;
		p->d->last[i] = i;
	}
	for (i = 0; i < p->nspan; i++) {
		const struct span *x = &p->span[i];

		x->prompt->run->n += x->n;
		if (x->prompt->run->n == x->prompt->n)
			p->d->last[p->n + ended++] = x->first + x->n - 1;
	}
	return ended;
}

size_t decoder_pass(struct decoder *d, const struct decode_row *row, size_t n,
	const struct decode_prompt *prompt, size_t nprompt, float *logits)
{
	struct pass p = { .store.attend = attend, .d = d, .row = row, .n = n };
	size_t i, ended;

	for (i = 0; i < (size_t)parallel_count(); i++)
		d->gathered[i].base = NULL;
	take_rows(&p);
	take_prompts(&p, prompt, nprompt);
	blocks_forward(d->m, d->act, d->ids, d->pos, p.tokens, &p.store);
	for (i = 0; i < p.nspan; i++)
		if (p.span[i].prompt->each)
			visit(d, &p.span[i]);
	ended = advance(&p);
	if (n + ended)
		model_logits(d->m, logits, d->m->config.vocab,
			blocks_hidden_of(d->m, d->act, d->last, n + ended),
			n + ended);
	return ended;
}
