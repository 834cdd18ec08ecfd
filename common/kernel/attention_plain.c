/* attention_plain.c - the definition of causal attention: see attention_forward
 * in kernel.h; one query at a time, its scores contiguous
 */
#include "common/kernel/set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/half.h"

static float dot(const float *x, const float *y, size_t n)
{
	float s = 0;
	size_t i;

	for (i = 0; i < n; i++)
		s += x[i] * y[i];
	return s;
}

static void axpy(float *y, float a, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] += a * x[i];
}

/* The i-th number of x in bf16. */
static float bf16(const void *x, size_t i)
{
	float f;

	half_load_bf16(&f, (const char *)x + 2 * i, 1);
	return f;
}

/* The same as dot and axpy with the numbers of a cache from the at-th on. */
static float cached_dot(enum dtype type, const float *q, const void *k,
	size_t at, size_t n)
{
	float s = 0;
	size_t i;

	if (type == DTYPE_F32)
		return dot(q, (const float *)k + at, n);
	for (i = 0; i < n; i++)
		s += q[i] * bf16(k, at + i);
	return s;
}

static void cached_axpy(enum dtype type, float *y, float a, const void *v,
	size_t at, size_t n)
{
	size_t i;

	if (type == DTYPE_F32)
		axpy(y, a, (const float *)v + at, n);
	else
		for (i = 0; i < n; i++)
			y[i] += a * bf16(v, at + i);
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

/* p[j] = scale * q.k_j for the keys j that query t attends to; returns their
 * log-sum-exp. */
static float scores(const struct attention *s, size_t b, size_t t,
	const float *q, const void *k, float *p)
{
	size_t j, j0 = first_key(s, b, t), end = s->past + t + 1;
	float max = -INFINITY, sum = 0;

	for (j = j0; j < end; j++) {
		p[j] = s->scale * cached_dot(s->kv_type, q, k,
			key_row(s, b, j), s->head_size);
		if (p[j] > max)
			max = p[j];
	}
	for (j = j0; j < end; j++)
		sum += expf(p[j] - max);
	return max + logf(sum);
}

static void forward_head(const struct attention *s, size_t b, size_t h,
	float *out, float *lse, const float *q, const void *k, const void *v,
	float *p)
{
	size_t t, j, hd = s->head_size;

	for (t = 0; t < s->time; t++) {
		float *o = out + out_row(s, b, t) + h * hd;
		float l = scores(s, b, t, q + query_row(s, b, t) + h * hd, k,
			p);

		memset(o, 0, hd * sizeof *o);
		for (j = first_key(s, b, t); j <= s->past + t; j++)
			cached_axpy(s->kv_type, o, expf(p[j] - l), v,
				key_row(s, b, j), hd);
		if (lse)
			lse[(b * s->heads + h) * s->time + t] = l;
	}
}

void attention_plain(const struct attention *s, size_t batch, size_t kv,
	float *out, float *lse, const float *q, const void *k, const void *v)
{
	size_t group = s->heads / s->kv_heads, hd = s->head_size, h;
	float *p = xmalloc((s->past + s->time) * sizeof *p);

	for (h = kv * group; h < (kv + 1) * group; h++)
		forward_head(s, batch, h, out, lse, q,
			kv_at(s->kv_type, k, kv * hd),
			kv_at(s->kv_type, v, kv * hd), p);
	free(p);
}

/* With P = softmax(S), O = P V: dV = P' dO, dP = dO V', and dS = P (dP - D)
 * where D = sum_j P dP = dO . O; dQ = scale dS K, dK = scale dS' Q. */
static void backward_query(const struct attention *s, size_t b, size_t h,
	size_t t, float *d_q, float *d_k, float *d_v, const float *d_o,
	const float *o, const float *lse, const float *q, const float *k,
	const float *v)
{
	size_t j, hd = s->head_size;
	float l = lse[(b * s->heads + h) * s->time + t];
	float delta = dot(d_o, o, hd);

	memset(d_q, 0, hd * sizeof *d_q);
	for (j = first_key(s, b, t); j <= t; j++) {
		size_t at = key_row(s, b, j);
		float p = expf(s->scale * dot(q, k + at, hd) - l);
		float ds = s->scale * p * (dot(d_o, v + at, hd) - delta);

		axpy(d_v + at, p, d_o, hd);
		axpy(d_q, ds, k + at, hd);
		axpy(d_k + at, ds, q, hd);
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

static float plain_scores(enum dtype type, float *score, const float *q,
	const void *k, size_t stride, size_t n, size_t head_size, float scale,
	float most)
{
	size_t j;

	for (j = 0; j < n; j++) {
		score[j] = scale *
			cached_dot(type, q, k, j * stride, head_size);
		if (score[j] > most)
			most = score[j];
	}
	return most;
}

static float plain_exp_sum(float *score, size_t n, float max)
{
	float sum = 0;
	size_t j;

	for (j = 0; j < n; j++)
		sum += score[j] = expf(score[j] - max);
	return sum;
}

static void plain_weighted_sum(enum dtype type, float *out, const float *p,
	const void *v, size_t stride, size_t n, size_t head_size)
{
	size_t j;

	for (j = 0; j < n; j++)
		cached_axpy(type, out, p[j], v, j * stride, head_size);
}

const struct attention_set attention_c = {
	.scores = plain_scores,
	.exp_sum = plain_exp_sum,
	.weighted_sum = plain_weighted_sum,
};
