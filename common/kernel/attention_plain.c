/* attention_plain.c - the definition of causal attention: see attention_forward
 * in kernel.h; one query at a time, its scores contiguous
 */
#include "common/kernel/set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/half.h"
#include "common/kernel/bf16.h"

/* The i-th number of a cache. */
static float number(enum dtype type, const void *x, size_t i)
{
	float f;

	if (type == DTYPE_F32)
		return ((const float *)x)[i];
	half_load_bf16(&f, (const char *)x + 2 * i, 1);
	return f;
}

/* The product with n numbers of x, from the at-th on at steps of `step`. */
static float dot(const float *q, enum dtype type, const void *x, size_t at,
	size_t step, size_t n)
{
	float s = 0;
	size_t i;

	for (i = 0; i < n; i++)
		s += q[i] * number(type, x, at + i * step);
	return s;
}

/* y (n) += a times n numbers of x, from the at-th on. */
static void add_scaled(float *y, float a, enum dtype type, const void *x,
	size_t at, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] += a * number(type, x, at + i);
}

/* Replaces scores by weights: see attention_set. */
static uint64_t weigh(float *score, size_t n, float scale, float *max)
{
	uint64_t sum = 0;
	size_t j;

	*max = -INFINITY;
	for (j = 0; j < n; j++)
		if (score[j] > *max)
			*max = score[j];
	for (j = 0; j < n; j++) {
		score[j] = expf(scale * (score[j] - *max));
		sum += (uint64_t)lrintf(score[j] * ATTENTION_ONE);
	}
	return sum;
}

/* The row of query t of sequence b; keys are counted from 0. */
static size_t query_row(const struct attention *s, size_t b, size_t t)
{
	return (b * s->time + t) * s->q_stride;
}

static size_t key_row(const struct attention *s, size_t b, size_t j)
{
	return (b * (s->past + s->time) + j) * s->kv_stride;
}

static size_t out_row(const struct attention *s, size_t b, size_t t)
{
	return (b * s->time + t) * s->out_stride;
}

static size_t first_key(const struct attention *s, size_t b, size_t t)
{
	return s->start ? (size_t)s->start[b * s->time + t] : 0;
}

/* The weights w[j] of the keys from j = 0, the first one that query t attends to;
 * returns 1 / their sum, and stores the log-sum-exp in *lse. */
static float weights(const struct attention *s, size_t b, size_t t,
	const float *q, const void *k, float *w, float *lse)
{
	size_t first = first_key(s, b, t), n = s->past + t + 1 - first, j;
	float max, total;

	for (j = 0; j < n; j++)
		w[j] = s->cached ?
			dot(q, s->kv_type, k, kv_key(j, s->head_size), KV_BLOCK,
				s->head_size) :
			dot(q, DTYPE_F32, k, key_row(s, b, first + j), 1,
				s->head_size);
	total = attention_total(weigh(w, n, s->scale, &max));
	*lse = s->scale * max + logf(total);
	return 1 / total;
}

/* Where the values of key j are. */
static size_t value_row(const struct attention *s, size_t b, size_t j)
{
	return s->cached ? j * s->head_size : key_row(s, b, j);
}

/* The output of query t, or its row of probabilities. */
static void forward_query(const struct attention *s, size_t b, size_t h,
	size_t t, float *out, float *lse, float *prob, const float *q,
	const void *k, const void *v, float *w)
{
	size_t j, hd = s->head_size, first = first_key(s, b, t);
	size_t n = s->past + t + 1 - first, row = (b * s->heads + h) * s->time + t;
	float l, by = weights(s, b, t, q + query_row(s, b, t) + h * hd, k, w, &l);
	float *o;

	if (prob) {
		prob += row * (s->past + s->time);
		memset(prob, 0, (s->past + s->time) * sizeof *prob);
		for (j = 0; j < n; j++)
			prob[first + j] = w[j] * by;
		return;
	}
	o = out + out_row(s, b, t) + h * hd;
	memset(o, 0, hd * sizeof *o);
	for (j = 0; j < n; j++)
		add_scaled(o, w[j], s->cached ? s->kv_type : DTYPE_F32, v,
			value_row(s, b, first + j), hd);
	for (j = 0; j < hd; j++)
		o[j] *= by;
	if (lse)
		lse[row] = l;
}

void attention_plain(const struct attention *s, size_t batch, size_t kv,
	float *out, float *lse, float *prob, const float *q, const void *k,
	const void *v)
{
	size_t group = s->heads / s->kv_heads, hd = s->head_size, h, t;
	float *w = xmalloc((s->past + s->time) * sizeof *w);

	for (h = kv * group; h < (kv + 1) * group; h++)
		for (t = 0; t < s->time; t++)
			forward_query(s, batch, h, t, out, lse, prob, q,
				kv_at(s->kv_type, k, kv * hd),
				prob ? NULL : kv_at(s->kv_type, v, kv * hd), w);
	free(w);
}

/* A factor of a product of backward. */
static float factor(const struct attention *s, float x)
{
	return s->compute == COMPUTE_BF16 ? bf16_rounded(x) : x;
}

static float dot_of_factors(const struct attention *s, const float *x,
	const float *y, size_t n)
{
	float sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += factor(s, x[i]) * factor(s, y[i]);
	return sum;
}

/* out += w x */
static void add_factors(const struct attention *s, float *out, float w,
	const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] += factor(s, w) * factor(s, x[i]);
}

/* With P = softmax(S), O = P V: dV = P' dO, dP = dO V', and dS = P (dP - D)
 * where D = sum_j P dP = dO . O; dQ = scale dS K, dK = scale dS' Q. S is computed as
 * in forward, so that P is, too. */
static void backward_query(const struct attention *s, size_t b, size_t h,
	size_t t, float *d_q, float *d_k, float *d_v, const float *d_o,
	const float *o, const float *lse, const float *q, const float *k,
	const float *v)
{
	size_t j, hd = s->head_size;
	float l = lse[(b * s->heads + h) * s->time + t];
	float delta = dot(d_o, DTYPE_F32, o, 0, 1, hd);

	memset(d_q, 0, hd * sizeof *d_q);
	for (j = first_key(s, b, t); j <= t; j++) {
		size_t at = key_row(s, b, j);
		float p = expf(s->scale * dot(q, DTYPE_F32, k, at, 1, hd) - l);
		float ds = s->scale * p *
			(dot_of_factors(s, d_o, v + at, hd) - delta);

		add_factors(s, d_v + at, p, d_o, hd);
		add_factors(s, d_q, ds, k + at, hd);
		add_factors(s, d_k + at, ds, q, hd);
	}
}

void attention_plain_backward(const struct attention *s, size_t batch,
	size_t kv, float *d_q, float *d_k, float *d_v, const float *d_out,
	const float *out, const float *lse, const float *q, const float *k,
	const float *v)
{
	size_t group = s->heads / s->kv_heads, hd = s->head_size, h, t;

	k += kv * hd, v += kv * hd, d_k += kv * hd, d_v += kv * hd;
	for (t = 0; t < s->time; t++) {
		memset(d_k + key_row(s, batch, t), 0, hd * sizeof *d_k);
		memset(d_v + key_row(s, batch, t), 0, hd * sizeof *d_v);
	}
	for (h = kv * group; h < (kv + 1) * group; h++)
		for (t = 0; t < s->time; t++) {
			size_t at = query_row(s, batch, t) + h * hd;
			size_t o = out_row(s, batch, t) + h * hd;

			backward_query(s, batch, h, t, d_q + at, d_k, d_v,
				d_out + o, out + o, lse, q + at, k, v);
		}
}

/* ---- decoding ---- */

static void plain_scores(enum dtype type, float *score, size_t stride,
	const float *q, size_t heads, const void *k, size_t n, size_t head_size)
{
	size_t h, j;

	for (h = 0; h < heads; h++, q += head_size, score += stride) {
		for (j = 0; j < n; j++)
			score[j] = dot(q, type, k, kv_key(j, head_size), KV_BLOCK,
				head_size);
		for (; j % KV_BLOCK; j++)
			score[j] = -INFINITY;
	}
}

static uint64_t plain_softmax(float *score, size_t n, float scale)
{
	float max;

	return weigh(score, n, scale, &max);
}

static void plain_weighted_sum(enum dtype type, float *out, const float *weight,
	size_t stride, size_t heads, const void *v, size_t n, size_t head_size)
{
	size_t h, j;

	for (h = 0; h < heads; h++)
		for (j = 0; j < n; j++)
			add_scaled(out + h * head_size, weight[h * stride + j], type,
				v, j * head_size, head_size);
}

const struct attention_set attention_c = {
	.scores = plain_scores,
	.softmax = plain_softmax,
	.weighted_sum = plain_weighted_sum,
};
