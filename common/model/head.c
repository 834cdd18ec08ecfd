/* head.c - running heads, and the two simple ones: see head.h */
#include "common/model/head.h"

#include "common/kernel/kernel.h"
#include "common/model/activations.h"
#include "common/model/piece.h"

void head_forward(struct head *h, const struct model *m, struct activations *a,
	const struct batch *b)
{
	h->kind->forward(h, m, a, b);
}

/* The outputs of the final norm and the memory of the head are free until the
 * pass ends. */
void head_lens(struct head *h, const struct model *m, struct activations *a,
	const struct batch *b, const float *x)
{
	norm_forward(&m->config, &m->weights.norm, to_floats(a->norm), a->mean,
		a->rstd, x, b->rows * b->time);
	h->kind->forward(h, m, a, b);
}

void head_backward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b, struct weights *g)
{
	h->kind->backward(h, m, a, b, g, a->d_wide);
	linear_settle(&g->head);	/* no token has a target; or it is another head */
	batch_backward(m, a, b, a->d_wide, g);
}

const float *model_hidden(const struct activations *a)
{
	return a->norm;
}

/* ---- one number per token ---- */

static void scalar_forward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b)
{
	struct scalar_head *s = (struct scalar_head *)h;

	linear_forward(s->map, s->value, floats(a->norm),
		b->rows * b->time, NULL);
}

static void scalar_backward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b, struct weights *g,
	float *d_hidden)
{
	struct scalar_head *s = (struct scalar_head *)h;

	linear_backward(s->map, s->gradient, d_hidden, floats(s->d_value),
		floats(a->norm), b->rows * b->time, NULL);
}

const struct head_kind head_scalar = { scalar_forward, scalar_backward };

/* ---- the hidden states ---- */

static void hidden_forward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b)
{
}

static void hidden_backward(struct head *h, const struct model *m,
	struct activations *a, const struct batch *b, struct weights *g,
	float *d_hidden)
{
	const struct hidden_head *s = (const struct hidden_head *)h;

	vec_copy(d_hidden, s->d_hidden, b->rows * b->time * m->config.width);
}

const struct head_kind head_hidden = { hidden_forward, hidden_backward };
