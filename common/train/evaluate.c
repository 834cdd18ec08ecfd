/* evaluate.c - the loss over held-out windows: see trainer.h */
#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/token/encode.h"
#include "common/train/data.h"
#include "common/train/examples.h"
#include "common/train/ranks.h"
#include "common/train/trainer.h"

/* The bytes of text that the first n targets stand for: none for special tokens
 * and ids without a token. */
static uint64_t text_bytes(const struct vocab *v, const struct batch *b,
	size_t n)
{
	uint64_t bytes = 0;
	size_t i, len;

	for (i = 0; v && i < n; i++) {
		uint32_t id = (uint32_t)b->target[i];

		if (!vocab_is_special(v, id) &&
			tok_bytes(v, b->ids[i], id, &len))
			bytes += len;
	}
	return bytes;
}

/* What the ranks have found, together. */
static void add_ranks(struct evaluation *e, double *loss)
{
	double sum[] = { *loss, (double)e->windows, (double)e->tokens,
		(double)e->bytes };

	if (ranks.count == 1)
		return;
	ranks_sum_doubles(sum, sizeof sum / sizeof *sum);
	*loss = sum[0];
	e->windows = (uint64_t)sum[1];
	e->tokens = (uint64_t)sum[2];
	e->bytes = (uint64_t)sum[3];
}

/* The windows of this rank: those from e->windows, which then counts them, to below
 * end. Returns their loss. */
static double add_windows(struct evaluation *e, struct model *m,
	struct activations *a, struct data *d, struct rows *r, uint64_t end,
	const struct vocab *v, int64_t eot)
{
	float *logprob = xcalloc(r->max_rows * r->batch.time, sizeof *logprob);
	uint64_t first = e->windows, from;
	double loss = 0;
	size_t n, i;

	for (from = first; from < end; from += n) {
		n = r->max_rows;
		if (n > end - from)
			n = (size_t)(end - from);
		n = data_rows_in_order(d, r, from, n, m->config.vocab);
		if (!n)
			break;
		if (eot >= 0)
			rows_separate(r, eot);
		model_forward(m, a, &r->batch);
		model_score(m, a, &r->batch, logprob, NULL);
		for (i = 0; i < n * r->batch.time; i++)
			loss -= (double)logprob[i];
		e->bytes += text_bytes(v, &r->batch, n * r->batch.time);
		e->tokens += n * r->batch.time;
	}
	free(logprob);
	e->windows = from - first;
	return loss;
}

struct evaluation evaluate(struct model *m, struct activations *a,
	struct data *d, struct rows *r, uint64_t windows,
	const struct vocab *v, int64_t eot)
{
	struct evaluation e = { 0 };
	uint64_t all = data_windows(d);
	size_t first = 0, end = SIZE_MAX;
	double loss;

	if (!windows || (all && windows > all))
		windows = all;
	if (windows)
		ranks_share((size_t)windows, &first, &end);
	e.windows = first;
	loss = add_windows(&e, m, a, d, r, end, v, eot);
	add_ranks(&e, &loss);
	e.loss = loss / (double)e.tokens;
	e.bits_per_byte = e.bytes ? loss / log(2) / (double)e.bytes : NAN;
	return e;
}

/* The sum of the losses of the tokens in this rank's rows of p; logprob (B,T):
 * scratch. */
static double pack_loss(struct model *m, struct activations *a, size_t rows,
	const struct pack *p, float *logprob)
{
	const struct batch *b = &p->rows.batch;
	double loss = 0;
	size_t i, k, end;

	for (ranks_share(b->rows, &i, &end); i < end; i += rows) {
		struct batch part = batch_part(b, i, size_min(rows, end - i));

		model_forward(m, a, &part);
		model_score(m, a, &part, logprob, NULL);
		for (k = 0; k < part.rows * part.time; k++)
			loss -= (double)logprob[k];
	}
	return loss;
}

double evaluate_examples(struct model *m, struct activations *a, size_t rows,
	const struct examples *e, struct pack *p)
{
	size_t *order = xcalloc(e->n, sizeof *order);
	size_t *place = xcalloc(e->n, sizeof *place), from, i;
	float *logprob = xcalloc(p->rows.max_rows * p->rows.batch.time,
		sizeof *logprob);
	double loss = 0, tokens = 0;

	for (i = 0; i < e->n; i++)
		order[i] = i;
	for (from = 0; from < e->n;) {
		from += examples_pack(e, p, order, from, e->n, place);
		tokens += (double)p->tokens;
		loss += pack_loss(m, a, rows, p, logprob);
	}
	free(order);
	free(place);
	free(logprob);
	ranks_sum_doubles(&loss, 1);
	return loss / tokens;
}
