/* attention.c - causal attention on all threads: see kernel.h */
#include "common/base/parallel.h"
#include "common/kernel/scratch.h"
#include "common/kernel/tile.h"

#include <math.h>
#include <string.h>

/* The arguments of a pass. */
struct pass {
	const struct attention *s;
	float *out, *lse, *d_q, *d_k, *d_v;
	const float *d_out, *out_was, *lse_was, *q, *k, *v;
};

static void plain_part(void *ctx, size_t i, int thread)
{
	const struct pass *p = ctx;
	size_t kvs = p->s->kv_heads;

	attention_plain(p->s, i / kvs, i % kvs, p->out, p->lse, p->q, p->k,
		p->v);
}

void attention_forward(const struct attention *s, float *out, float *lse,
	const float *q, const float *k, const float *v)
{
	struct pass p = { .s = s, .out = out, .lse = lse, .q = q, .k = k,
		.v = v };

	parallel_for(s->batch * s->kv_heads, plain_part, &p);
}

static void plain_backward_part(void *ctx, size_t i, int thread)
{
	const struct pass *p = ctx;
	size_t kvs = p->s->kv_heads;

	attention_plain_backward(p->s, i / kvs, i % kvs, p->d_q, p->d_k,
		p->d_v, p->d_out, p->out_was, p->lse_was, p->q, p->k, p->v);
}

void attention_backward(const struct attention *s, float *d_q, float *d_k,
	float *d_v, const float *d_out, const float *out, const float *lse,
	const float *q, const float *k, const float *v)
{
	struct pass p = { .s = s, .d_q = d_q, .d_k = d_k, .d_v = d_v,
		.d_out = d_out, .out_was = out, .lse_was = lse, .q = q, .k = k,
		.v = v };

	parallel_for(s->batch * s->kv_heads, plain_backward_part, &p);
}
