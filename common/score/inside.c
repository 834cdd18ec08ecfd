/* inside.c - watches a pass of the model: see inside.h */
#include "common/score/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/model/head.h"

struct look {
	struct watch watch;
	struct inside *in;
	const struct model *m;
	struct activations *act;
	struct batch batch;	/* one row of n tokens */
	size_t usable;
	float *logprob;		/* (n) of the batch */
	struct logit *best;	/* (n,lens_top) */
	float *prob;		/* (n,n) of one head */
};

/* ---- attention ---- */

static char digit(unsigned x)
{
	return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789-_"[x];
}

static void add_two(struct buf *out, unsigned x)
{
	buf_putc(out, digit(x / 64));
	buf_putc(out, digit(x % 64));
}

/* At most 64 probabilities are that large; 64 only if all are equal. */
static void add_query(struct buf *out, const float *prob, size_t n)
{
	unsigned count = 0;
	size_t j;

	for (j = 0; j < n; j++)
		count += (double)prob[j] >= ATTENTION_LEAST;
	count = count > 63 ? 63 : count;
	buf_putc(out, digit(count));
	for (j = 0; j < n && count; j++) {
		if ((double)prob[j] < ATTENTION_LEAST)
			continue;
		add_two(out, (unsigned)j);
		add_two(out, (unsigned)(4095 * fminf(prob[j], 1) + .5f));
		count--;
	}
}

static void look_at_attention(struct look *l, const float *qkv)
{
	struct buf *out = &l->in->attention;
	size_t n = l->in->n, h, t;

	buf_putc(out, out->n > 1 ? ',' : ' ');
	for (h = 0; h < l->in->heads; h++) {
		batch_attention(l->m, &l->batch, h, qkv, l->prob);
		buf_str(out, h ? ",\"" : "[\"");
		for (t = 0; t < n; t++)
			add_query(out, l->prob + t * n, t + 1);
		buf_putc(out, '"');
	}
	buf_str(out, "]\n");
}

/* ---- a layer ---- */

static void look_at_layer(struct watch *w, size_t layer, const float *x,
	const float *qkv)
{
	struct look *l = (struct look *)w;
	struct inside *in = l->in;
	size_t n = in->n, i;
	struct language_head head = { .head = { &head_language },
		.logprob = l->logprob, .usable = l->usable,
		.top = in->lens_top, .best = l->best };

	vec_row_sum_squares(in->norm + layer * n, x, n, l->m->config.width);
	for (i = 0; i < n; i++)
		in->norm[layer * n + i] = sqrt(in->norm[layer * n + i]);
	head_lens(&head.head, l->m, l->act, &l->batch, x);
	memcpy(in->lens_logprob + layer * (n - 1), l->logprob,
		(n - 1) * sizeof *l->logprob);
	memcpy(in->lens + layer * (n - 1) * in->lens_top, l->best,
		(n - 1) * in->lens_top * sizeof *l->best);
	if (qkv)
		look_at_attention(l, qkv);
}

/* ---- a text ---- */

static void allocate(struct inside *in)
{
	size_t n = in->n, stages = in->layers + 1;

	in->logprob = xcalloc(n, sizeof *in->logprob);
	in->entropy = xcalloc(n, sizeof *in->entropy);
	in->rank = xcalloc(n, sizeof *in->rank);
	in->best = xcalloc(n * in->top, sizeof *in->best);
	in->lens_logprob = xcalloc(stages * n, sizeof *in->lens_logprob);
	in->lens = xcalloc(stages * n * in->lens_top, sizeof *in->lens);
	in->norm = xcalloc(stages * n, sizeof *in->norm);
}

static void check(const struct inside *in)
{
	size_t i;

	for (i = 0; i + 1 < in->n; i++)
		if (!isfinite(in->logprob[i]))
			die("the model's logits are not finite");
}

void inside_look(struct inside *in, const struct model *m, const int32_t *ids,
	size_t n, size_t usable, size_t top)
{
	int32_t *target = xcalloc(n, sizeof *target);
	struct look l = { .watch = { look_at_layer }, .in = in, .m = m,
		.act = activations_new(m, 1, n, KEEP_NOTHING), .usable = usable,
		.batch = { .rows = 1, .time = n, .ids = ids,
			.target = target } };
	struct language_head head = { .head = { &head_language },
		.usable = usable, .top = top };

	*in = (struct inside){ .n = n, .layers = m->config.layers,
		.heads = m->config.heads, .top = top,
		.lens_top = size_min(LENS_TOP, top), .ids = ids };
	allocate(in);
	memcpy(target, ids + 1, (n - 1) * sizeof *target);
	target[n - 1] = -1;
	l.logprob = xcalloc(n, sizeof *l.logprob);
	l.best = xcalloc(n * in->lens_top, sizeof *l.best);
	l.prob = xcalloc(n * n, sizeof *l.prob);
	head.logprob = in->logprob;
	head.entropy = in->entropy;
	head.rank = in->rank;
	head.best = in->best;
	buf_putc(&in->attention, '[');
	model_forward_watched(m, l.act, &l.batch, &l.watch);
	head_forward(&head.head, m, l.act, &l.batch);
	buf_putc(&in->attention, ']');
	check(in);
	activations_free(l.act);
	free(target);
	free(l.logprob);
	free(l.best);
	free(l.prob);
}

void inside_free(struct inside *in)
{
	free(in->logprob);
	free(in->entropy);
	free(in->rank);
	free(in->best);
	free(in->lens_logprob);
	free(in->lens);
	free(in->norm);
	buf_free(&in->attention);
	*in = (struct inside){ 0 };
}
