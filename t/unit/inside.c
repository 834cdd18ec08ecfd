/* inside - a watched pass compared with plain loops, and written as a safetensors
 * file for a reference to compare with
 *
 *	inside MODEL T OUT
 *
 * Holds ids (1,T) I32, residual (layers+1,T,C), attention (layers,heads,T,T) and
 * lens (layers+1,T): the log-probability of the next id by the logit lens, 0 for
 * the last.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/format/safetensors.h"
#include "common/model/head.h"
#include "common/model/model_dir.h"

struct record {
	struct watch watch;
	const struct model *m;
	struct activations *act;
	const struct batch *batch;
	float *residual, *attention, *lens;
	size_t calls;
};

static int failures;

static void fail(const char *what, size_t layer, double got, double want)
{
	printf("%s in layer %zu: %.9g instead of %.9g\n", what, layer, got,
		want);
	failures++;
}

static double dot(const float *x, const float *y, size_t n)
{
	double sum = 0;

	while (n--)
		sum += (double)*x++ * (double)*y++;
	return sum;
}

/* Compares a head's probabilities with the definition. */
static void check_head(const struct record *r, size_t layer, size_t head,
	const float *qkv, const float *prob)
{
	const struct model_config *c = &r->m->config;
	size_t n = r->batch->time, stride = model_qkv_width(c), t, j;
	size_t hd = c->head_size;
	const float *q = qkv + head * hd;
	const float *k = qkv + (c->heads + head * c->kv_heads / c->heads) * hd;

	for (t = 0; t < n; t++) {
		double sum = 0, all = 0;

		for (j = 0; j <= t; j++)
			sum += exp(dot(q + t * stride, k + j * stride, hd) /
				sqrt((double)hd));
		for (j = 0; j < n; j++) {
			double p = j > t ? 0 : exp(dot(q + t * stride,
				k + j * stride, hd) / sqrt((double)hd)) / sum;

			all += (double)prob[t * n + j];
			if (!(fabs((double)prob[t * n + j] - p) <= 1e-5))
				fail("a probability", layer,
					(double)prob[t * n + j], p);
		}
		if (!(fabs(all - 1) <= 1e-5))
			fail("a sum of probabilities", layer, all, 1);
	}
}

static void layer(struct watch *w, size_t at, const float *x, const float *qkv)
{
	struct record *r = (struct record *)w;
	const struct model_config *c = &r->m->config;
	size_t n = r->batch->time, h;
	struct language_head head = { .head = { &head_language },
		.logprob = r->lens + at * n };

	if (at != r->calls++)
		fail("the order of calls", at, (double)r->calls, (double)at);
	vec_copy(r->residual + at * n * c->width, x, n * c->width);
	head_lens(&head.head, r->m, r->act, r->batch, x);
	for (h = 0; qkv && h < c->heads; h++) {
		float *prob = r->attention + (at * c->heads + h) * n * n;

		batch_attention(r->m, r->batch, h, qkv, prob);
		check_head(r, at, h, qkv, prob);
	}
}

/* The watched pass leaves what an unwatched one leaves, and the lens of the last
 * layer sees the same. */
static void check_same(struct record *r, const float *watched, size_t n)
{
	float *plain = xcalloc(n, sizeof *plain);
	size_t last = r->m->config.layers;

	model_forward(r->m, r->act, r->batch);
	model_score(r->m, r->act, r->batch, plain, NULL);
	if (memcmp(plain, watched, n * sizeof *plain) != 0)
		fail("watching changes the result", last, (double)*watched,
			(double)*plain);
	if (memcmp(plain, r->lens + last * n, n * sizeof *plain) != 0)
		fail("the last lens", last, (double)r->lens[last * n],
			(double)*plain);
	if (r->calls != last + 1)
		fail("the number of calls", last, (double)r->calls,
			(double)(last + 1));
	free(plain);
}

static void write(const struct record *r, const char *file)
{
	const struct model_config *c = &r->m->config;
	size_t n = r->batch->time, stages = c->layers + 1;
	struct st_writer *w = safetensors_create(file);

	safetensors_declare(w, "ids", DTYPE_I32, 2, (size_t[]){ 1, n });
	safetensors_declare(w, "residual", DTYPE_F32, 3,
		(size_t[]){ stages, n, c->width });
	safetensors_declare(w, "attention", DTYPE_F32, 4,
		(size_t[]){ c->layers, c->heads, n, n });
	safetensors_declare(w, "lens", DTYPE_F32, 2, (size_t[]){ stages, n });
	safetensors_put_raw(w, r->batch->ids, n * 4);
	safetensors_put(w, r->residual, stages * n * c->width);
	safetensors_put(w, r->attention, c->layers * c->heads * n * n);
	safetensors_put(w, r->lens, stages * n);
	safetensors_finish(w);
}

int main(int argc, char **argv)
{
	struct model *m;
	const struct model_config *c;
	struct record r = { .watch = { layer } };
	struct batch batch;
	size_t n, i;
	int32_t *ids, *target;
	float *logprob;

	if (argc != 4)
		die_usage("inside MODEL T OUT");
	m = model_load_packed(argv[1], COMPUTE_FP32);
	c = &m->config;
	n = (size_t)atoi(argv[2]);
	ids = xcalloc(n, sizeof *ids);
	target = xcalloc(n, sizeof *target);
	logprob = xcalloc(n, sizeof *logprob);
	for (i = 0; i < n; i++)
		ids[i] = (int32_t)rng_below(1, RNG_TEST, 0, i, c->vocab);
	for (i = 0; i < n; i++)
		target[i] = i + 1 < n ? ids[i + 1] : -1;
	batch = (struct batch){ 1, n, ids, NULL, NULL, target };
	r.m = m;
	r.act = activations_new(m, 1, n, KEEP_NOTHING);
	r.batch = &batch;
	r.residual = xcalloc((c->layers + 1) * n * c->width, sizeof(float));
	r.attention = xcalloc(c->layers * c->heads * n * n, sizeof(float));
	r.lens = xcalloc((c->layers + 1) * n, sizeof(float));
	model_forward_watched(m, r.act, &batch, &r.watch);
	model_score(m, r.act, &batch, logprob, NULL);
	check_same(&r, logprob, n);
	write(&r, argv[3]);
	return failures > 0;
}
