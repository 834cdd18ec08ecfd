/* decoder.c - the model with its weights laid out for decoding: see decoder.h
 *
 * One pass over the blocks serves prompts and steps; they differ in where
 * keys and values go and in the attention.
 */
#include "common/sample/decoder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/kernel/kernel.h"

#define READ_ROWS 256	/* tokens of a prompt in one pass */

struct packed_block {
	struct packed_matrix *qkv, *out, *up, *down;
};

struct decoder {
	const struct model *m;
	size_t rows;		/* sequences in a step */
	struct packed_block *blocks;
	struct packed_matrix *head;
	struct attention attention;	/* of one head of the keys */
	struct attention_query *query;	/* (kv_heads, rows) */

	/* Of the tokens of a pass: */
	int32_t *ids, *pos;
	float *x;		/* (rows, width): the residual stream */
	float *norm;		/* (rows, width) */
	float *qkv;		/* (rows, [q|k|v]) */
	float *att;		/* (rows, heads * head_size) */
	float *up;		/* (rows, up width) */
	float *act;		/* (rows, ffn) */
};

/* The tokens of a pass: of one run, or one each of several sequences. */
struct pass {
	size_t n;
	struct kvrun *run;		/* or NULL */
	const struct decode_row *row;
};

/* ---- set-up ---- */

static struct packed_matrix *pack(const struct linear *l)
{
	return packed_new(l->w, l->in_first ? l->out : 1,
		l->in_first ? 1 : l->in, l->out, l->in);
}

static void pack_weights(struct decoder *d)
{
	const struct weights *w = &d->m->weights;
	size_t i, layers = d->m->config.layers;

	d->blocks = xcalloc(layers, sizeof *d->blocks);
	for (i = 0; i < layers; i++) {
		d->blocks[i].qkv = pack(&w->blocks[i].qkv);
		d->blocks[i].out = pack(&w->blocks[i].out);
		d->blocks[i].up = pack(&w->blocks[i].up);
		d->blocks[i].down = pack(&w->blocks[i].down);
	}
	d->head = pack(&w->head);
}

static float *floats(size_t rows, size_t n)
{
	return xaligned(rows * n * sizeof(float));
}

struct decoder *decoder_new(const struct model *m, size_t rows)
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
		.scale = (float)(1 / sqrt((double)c->head_size))
	};
	d->query = xcalloc(rows * c->kv_heads, sizeof *d->query);
	d->ids = xcalloc(most, sizeof *d->ids);
	d->pos = xcalloc(most, sizeof *d->pos);
	d->x = floats(most, c->width);
	d->norm = floats(most, c->width);
	d->qkv = floats(most, model_qkv_width(c));
	d->att = floats(most, c->heads * c->head_size);
	d->up = floats(most, model_up_width(c));
	d->act = floats(most, c->ffn);
	pack_weights(d);
	return d;
}

void decoder_free(struct decoder *d)
{
	size_t i;

	if (!d)
		return;
	for (i = 0; i < d->m->config.layers; i++) {
		packed_free(d->blocks[i].qkv);
		packed_free(d->blocks[i].out);
		packed_free(d->blocks[i].up);
		packed_free(d->blocks[i].down);
	}
	packed_free(d->head);
	free(d->blocks);
	free(d->query);
	free(d->ids);
	free(d->pos);
	free(d->x);
	free(d->norm);
	free(d->qkv);
	free(d->att);
	free(d->up);
	free(d->act);
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

/* ---- attention ---- */

/* Keeps k and v of the pass's tokens. */
static void keep_kv(struct decoder *d, const struct pass *p, size_t layer)
{
	const struct model_config *c = &d->m->config;
	const float *k = d->qkv + c->heads * c->head_size;
	const float *v = k + c->kv_heads * c->head_size;
	size_t i, stride = model_qkv_width(c);

	for (i = 0; i < p->n; i++) {
		struct kvrun *to = p->run ? p->run : p->row[i].own;
		size_t at = p->run ? to->n + i : to->n;

		kvrun_put(to, layer, at, k + i * stride, v + i * stride);
	}
}

/* The queries of one head of the keys over one run. */
struct head_pass {
	struct decoder *d;
	const struct pass *p;
	size_t layer;
};

static void attend_head(void *ctx, size_t head, int thread)
{
	const struct head_pass *h = ctx;
	const struct attention *s = &h->d->attention;
	size_t at = head * s->heads * s->head_size;

	attention_forward(s, h->d->att + at, NULL, h->d->qkv + at,
		kvrun_keys(h->p->run, h->layer, head),
		kvrun_values(h->p->run, h->layer, head));
}

static void attend_run(struct decoder *d, const struct pass *p, size_t layer)
{
	struct head_pass h = { d, p, layer };

	d->attention.time = p->n;
	d->attention.past = p->run->n;
	parallel_for(d->m->config.kv_heads, attend_head, &h);
}

static struct attention_run run_of(const struct kvrun *r, size_t layer,
	size_t head, size_t n)
{
	struct attention_run run = { NULL, NULL, n };

	if (n) {
		run.k = kvrun_keys(r, layer, head);
		run.v = kvrun_values(r, layer, head);
	}
	return run;
}

/* A query for each head of the keys and row, rows adjacent: what they share
 * is read once. */
static void attend_rows(struct decoder *d, const struct pass *p, size_t layer)
{
	const struct attention *s = &d->attention;
	size_t i, head, heads = d->m->config.kv_heads;
	struct attention_query *q = d->query;

	for (head = 0; head < heads; head++)
		for (i = 0; i < p->n; i++, q++) {
			const struct kvrun *prefix = p->row[i].prefix;
			const struct kvrun *own = p->row[i].own;
			size_t at = head * s->heads * s->head_size;

			q->q = d->qkv + i * s->q_stride + at;
			q->out = d->att + i * s->out_stride + at;
			q->run[0] = run_of(prefix, layer, head,
				prefix ? prefix->n : 0);
			q->run[1] = run_of(own, layer, head, own->n + 1);
		}
	attention_decode(s, d->query, heads * p->n);
}

/* ---- a pass ---- */

/* out (n, l->out) = x (n, l->in) times the weight, with l's bias, + add. */
static void multiply(const struct linear *l, const struct packed_matrix *w,
	float *out, const float *x, size_t n, const float *add)
{
	struct matmul p = {
		.m = n, .n = l->out, .k = l->in, .a = x, .a_row = l->in,
		.a_col = 1, .c = out, .c_row = l->out, .bias = l->b,
		.add = add, .add_row = l->out
	};

	matmul_packed(&p, w);
}

static void run_block(struct decoder *d, const struct pass *p, size_t layer)
{
	const struct model_config *c = &d->m->config;
	const struct block_weights *b = &d->m->weights.blocks[layer];
	const struct packed_block *w = &d->blocks[layer];

	norm_forward(c, &b->norm1, d->norm, NULL, NULL, d->x, p->n);
	multiply(&b->qkv, w->qkv, d->qkv, d->norm, p->n, NULL);
	model_rotate(d->m, d->qkv, d->pos, p->n);
	keep_kv(d, p, layer);
	if (p->run)
		attend_run(d, p, layer);
	else
		attend_rows(d, p, layer);
	multiply(&b->out, w->out, d->x, d->att, p->n, d->x);
	norm_forward(c, &b->norm2, d->norm, NULL, NULL, d->x, p->n);
	multiply(&b->up, w->up, d->up, d->norm, p->n, NULL);
	mlp_activation(c, d->act, d->up, p->n);
	multiply(&b->down, w->down, d->x, d->act, p->n, d->x);
}

static void run_blocks(struct decoder *d, const struct pass *p)
{
	size_t layer;

	model_embed(d->m, d->x, d->ids, d->pos, p->n);
	for (layer = 0; layer < d->m->config.layers; layer++)
		run_block(d, p, layer);
}

/* logits (n, vocab) of the last n of the tokens in a pass of `of`. */
static void run_head(struct decoder *d, float *logits, size_t n, size_t of)
{
	const struct model_config *c = &d->m->config;

	norm_forward(c, &d->m->weights.norm, d->norm, NULL, NULL,
		d->x + (of - n) * c->width, n);
	multiply(&d->m->weights.head, d->head, logits, d->norm, n, NULL);
}

void decoder_read(struct decoder *d, struct kvrun *run, const uint32_t *ids,
	size_t n, float *logits)
{
	struct pass p = { .run = run };
	size_t i;

	kvrun_room(run, n);
	for (; n; n -= p.n, ids += p.n) {
		p.n = n < READ_ROWS ? n : READ_ROWS;
		for (i = 0; i < p.n; i++) {
			d->ids[i] = (int32_t)ids[i];
			d->pos[i] = (int32_t)(run->n + i);
		}
		run_blocks(d, &p);
		run->n += p.n;
	}
	if (logits)
		run_head(d, logits, 1, p.n);
}

void decoder_step(struct decoder *d, const struct decode_row *row, size_t n,
	float *logits)
{
	struct pass p = { .n = n, .row = row };
	size_t i;

	for (i = 0; i < n; i++) {
		size_t prefix = row[i].prefix ? row[i].prefix->n : 0;

		kvrun_room(row[i].own, 1);
		d->ids[i] = (int32_t)row[i].id;
		d->pos[i] = (int32_t)(prefix + row[i].own->n);
	}
	run_blocks(d, &p);
	for (i = 0; i < n; i++)
		row[i].own->n++;
	run_head(d, logits, n, n);
}
