/* decoder.c - runs a model with a KV cache: see decoder.h
 *
 * The blocks are those of training (common/model/block.h). A pass says where
 * its keys and values are stored: prompts and steps differ only in that.
 */
#include "common/sample/decoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/block.h"
#include "common/model/forward.h"

#define READ_ROWS 256	/* tokens of a prompt in one pass */

struct decoder {
	const struct model *m;
	size_t rows;		/* sequences in a step */
	struct activations *act;
	struct attention attention;	/* of one key-value head */
	struct attention_query *query;	/* (kv_heads, rows) */
	int32_t *ids, *pos;	/* of the tokens of a pass */
	float *part;		/* logits (DECODER_PART, vocab) of a prompt's
				 * tokens; NULL until the first use */
};

/* The tokens of a pass: consecutive ones of one sequence, or one from each of
 * several. */
struct pass {
	struct kv_store store;
	struct decoder *d;
	size_t n;
	struct kv_segment *run;		/* or NULL */
	const struct decode_row *row;

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
	size_t most = rows > READ_ROWS ? rows : READ_ROWS;

	d->m = m;
	d->rows = rows;
	d->attention = (struct attention){
		.batch = 1, .heads = c->heads / c->kv_heads, .kv_heads = 1,
		.head_size = c->head_size, .q_stride = model_qkv_width(c),
		.kv_stride = c->head_size,
		.out_stride = c->heads * c->head_size,
		.scale = (float)(1 / sqrt((double)c->head_size)),
		.kv_type = kv
	};
	d->act = activations_new(m, most, 1, false);
	d->query = xcalloc(rows * c->kv_heads, sizeof *d->query);
	d->ids = xcalloc(most, sizeof *d->ids);
	d->pos = xcalloc(most, sizeof *d->pos);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	activations_free(d->act);
	free(d->query);
	free(d->ids);
	free(d->pos);
	kernel_free(d->part);
	free(d);
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

/* Stores k and v of the pass's tokens in the cache. */
static void keep_kv(const struct pass *p)
{
	const struct model_config *c = &p->d->m->config;
	const float *k = p->qkv + c->heads * c->head_size;
	const float *v = k + c->kv_heads * c->head_size;
	size_t i, stride = model_qkv_width(c);

	for (i = 0; i < p->n; i++) {
		struct kv_segment *to = p->run ? p->run : p->row[i].own;
		size_t at = p->run ? to->n + i : to->n;

		kv_segment_put(to, p->layer, at, k + i * stride, v + i * stride);
	}
}

/* Attention of the queries of one key-value head to one segment. */
static void attend_head(void *ctx, size_t head, int thread)
{
	const struct pass *p = ctx;
	const struct attention *s = &p->d->attention;
	size_t at = head * s->heads * s->head_size;

	attention_forward(s, p->att + at, NULL, p->qkv + at,
		kv_segment_keys(p->run, p->layer, head),
		kv_segment_values(p->run, p->layer, head));
}

static void attend_run(struct pass *p)
{
	struct decoder *d = p->d;

	d->attention.time = p->n;
	d->attention.past = p->run->n;
	parallel_for(d->m->config.kv_heads, attend_head, p);
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
			const struct kv_segment *prefix = p->row[i].prefix;
			const struct kv_segment *own = p->row[i].own;
			size_t at = head * s->heads * s->head_size;

			q->q = p->qkv + i * s->q_stride + at;
			q->out = p->att + i * s->out_stride + at;
			q->run[0] = run_of(prefix, p->layer, head,
				prefix ? prefix->n : 0);
			q->run[1] = run_of(own, p->layer, head, own->n + 1);
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
	if (p->run)
		attend_run(p);
	else
		attend_rows(p);
}

/* ---- a pass ---- */

static void run_blocks(struct pass *p)
{
	struct decoder *d = p->d;

	p->store.attend = attend;
	blocks_forward(d->m, d->act, d->ids, d->pos, p->n, &p->store);
}

/* logits (n, vocab) of n tokens of a pass, from the first-th on. */
static void run_head(struct decoder *d, float *logits, size_t first, size_t n)
{
	model_logits(d->m, logits, blocks_hidden(d->m, d->act, first, n), n);
}

/* Calls each for the n tokens of a pass, which begins with token at. */
static void visit(struct decoder *d, size_t at, size_t n,
	void (*each)(void *ctx, size_t at, float *logits, size_t n), void *ctx)
{
	size_t i, m;

	if (!d->part)
		d->part = kernel_alloc(DECODER_PART * d->m->config.vocab);
	for (i = 0; i < n; i += m) {
		m = size_min(DECODER_PART, n - i);
		run_head(d, d->part, i, m);
		each(ctx, at + i, d->part, m);
	}
}

void decoder_read_each(struct decoder *d, struct kv_segment *run,
	const uint32_t *ids, size_t n, float *logits,
	void (*each)(void *ctx, size_t at, float *logits, size_t n), void *ctx)
{
	struct pass p = { .d = d, .run = run };
	size_t at, i;

	kv_segment_room(run, n);
	for (at = 0; at < n; at += p.n) {
		p.n = size_min(n - at, READ_ROWS);
		for (i = 0; i < p.n; i++) {
			d->ids[i] = (int32_t)ids[at + i];
			d->pos[i] = (int32_t)(run->n + i);
		}
		run_blocks(&p);
		run->n += p.n;
		if (each)
			visit(d, at, p.n, each, ctx);
	}
	if (logits)
		run_head(d, logits, p.n - 1, 1);
}

void decoder_read(struct decoder *d, struct kv_segment *run, const uint32_t *ids,
	size_t n, float *logits)
{
	decoder_read_each(d, run, ids, n, logits, NULL, NULL);
}

void decoder_step(struct decoder *d, const struct decode_row *row, size_t n,
	float *logits)
{
	struct pass p = { .d = d, .n = n, .row = row };
	size_t i;

	for (i = 0; i < n; i++) {
		size_t prefix = row[i].prefix ? row[i].prefix->n : 0;

		kv_segment_room(row[i].own, 1);
		d->ids[i] = (int32_t)row[i].id;
		d->pos[i] = (int32_t)(prefix + row[i].own->n);
	}
	run_blocks(&p);
	for (i = 0; i < n; i++)
		row[i].own->n++;
	run_head(d, logits, 0, n);
}
