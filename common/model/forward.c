/* forward.c - forward and backward pass through blocks and head: forward.h
 *
 * Keys and values of a batch are views of its rows [q|k|v].
 */
#include "common/model/forward.h"

#include <math.h>

#include "common/kernel/kernel.h"
#include "common/model/activations.h"
#include "common/model/block.h"
#include "common/model/head.h"
#include "common/model/piece.h"

static size_t tokens(const struct batch *b)
{
	return b->rows * b->time;
}

/* The positions of the batch, or else 0 .. T-1 in each row, filled in for the
 * batch's own T. */
static const int32_t *positions(struct activations *a, const struct batch *b)
{
	size_t i;

	if (b->pos)
		return b->pos;
	for (i = 0; i < tokens(b); i++)
		a->pos[i] = (int32_t)(i % b->time);
	return a->pos;
}

/* ---- attention ---- */

static struct attention attention_shape(const struct model_config *c,
	const struct batch *b)
{
	return (struct attention) {
		.batch = b->rows,
		.time = b->time,
		.heads = c->heads,
		.kv_heads = c->kv_heads,
		.head_size = c->head_size,
		.q_stride = model_qkv_width(c),
		.kv_stride = model_qkv_width(c),
		.out_stride = c->heads * c->head_size,
		.scale = (float)(1 / sqrt((double)c->head_size)),
		.start = b->start
	};
}

/* A batch attends to its own [q|k|v]. */
struct batch_kv {
	struct kv_store store;
	const struct model *m;
	const struct batch *b;
};

static void attend(struct kv_store *store, size_t layer, float *att, float *lse,
	const float *qkv)
{
	const struct batch_kv *v = (const struct batch_kv *)store;
	const struct model_config *c = &v->m->config;
	struct attention s = attention_shape(c, v->b);
	const float *keys = qkv + c->heads * c->head_size;

	attention_forward(&s, att, lse, qkv, keys,
		keys + c->kv_heads * c->head_size);
}

static void attend_backward(struct kv_store *store, float *d_qkv,
	const float *d_att, const float *att, const float *lse,
	const float *qkv)
{
	const struct batch_kv *v = (const struct batch_kv *)store;
	const struct model_config *c = &v->m->config;
	struct attention s = attention_shape(c, v->b);
	size_t k = c->heads * c->head_size, to_v = k + c->kv_heads * c->head_size;

	s.compute = model_trains_in(v->m);
	attention_backward(&s, d_qkv, d_qkv + k, d_qkv + to_v, d_att, att, lse,
		qkv, qkv + k, qkv + to_v);
}

static struct batch_kv kv_of(const struct model *m, const struct batch *b)
{
	return (struct batch_kv){ { attend, attend_backward }, m, b };
}

/* ---- a batch ---- */

void model_forward(const struct model *m, struct activations *a,
	const struct batch *b)
{
	struct batch_kv kv = kv_of(m, b);

	blocks_forward(m, a, b->ids, positions(a, b), tokens(b), &kv.store);
	blocks_hidden(m, a, 0, tokens(b));
}

void model_forward_watched(const struct model *m, struct activations *a,
	const struct batch *b, struct watch *w)
{
	a->watch = w;
	model_forward(m, a, b);
	a->watch = NULL;
}

void batch_attention(const struct model *m, const struct batch *b, size_t head,
	const float *qkv, float *prob)
{
	const struct model_config *c = &m->config;
	struct attention s = attention_shape(c, b);
	size_t kv = c->heads + head / (c->heads / c->kv_heads);

	s.heads = s.kv_heads = 1;
	attention_probabilities(&s, prob, qkv + head * c->head_size,
		qkv + kv * c->head_size);
}

void batch_backward(const struct model *m, struct activations *a,
	const struct batch *b, const float *d_hidden, struct weights *g)
{
	struct batch_kv kv = kv_of(m, b);

	blocks_backward(m, a, b->ids, positions(a, b), tokens(b), d_hidden, g,
		&kv.store);
}

void model_score(const struct model *m, struct activations *a,
	const struct batch *b, float *logprob, float *entropy)
{
	struct language_head h = { .head = { &head_language },
		.logprob = logprob, .entropy = entropy };

	head_forward(&h.head, m, a, b);
}

void model_backward(const struct model *m, struct activations *a,
	const struct batch *b, const float *weight, const float *entropy_weight,
	struct weights *gradient, float *logprob)
{
	struct language_head h = { .head = { &head_language },
		.logprob = logprob, .weight = weight,
		.entropy_weight = entropy_weight };

	head_backward(&h.head, m, a, b, gradient);
}
