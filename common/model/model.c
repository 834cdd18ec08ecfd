/* model.c - parameters, flat or packed, and views of them: see model.h */
#include "common/model/lora.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

/* ---- views ---- */

static void view_norm(struct norm *n, const struct tensor *t, float *p)
{
	if (t->role == TENSOR_BIAS)
		n->b = p;
	else
		n->w = p;
}

/* Of the tensors with the same place, the first sets the address, and each adds
 * its outputs. */
static void view_linear(struct linear *l, const struct tensor *t, float *p)
{
	if (t->role == TENSOR_BIAS) {
		if (!l->b)
			l->b = p;
		return;
	}
	if (!l->w)
		l->w = p;
	l->in_first = t->in_first;
	l->in = t->shape[!t->in_first];
	l->out += t->shape[t->in_first];
}

struct linear *weights_linear(struct weights *w, const struct model_config *c,
	const struct tensor *t)
{
	switch (t->place) {
	case PLACE_QKV:
		return &w->blocks[t->layer].qkv;
	case PLACE_OUT:
		return &w->blocks[t->layer].out;
	case PLACE_UP:
		return &w->blocks[t->layer].up;
	case PLACE_DOWN:
		return &w->blocks[t->layer].down;
	case PLACE_HEAD:
		return &w->head;
	case PLACE_EMBEDDING:
		return c->tied ? &w->head : NULL;
	default:
		return NULL;
	}
}

static void view_tensor(struct weights *w, const struct model_config *c,
	const struct tensor *t, float *p)
{
	struct block_weights *b = &w->blocks[t->layer];
	struct linear *l = weights_linear(w, c, t);

	if (l)
		view_linear(l, t, p);
	if (t->place == PLACE_EMBEDDING)
		w->embedding = p;
	else if (t->place == PLACE_POSITIONS)
		w->positions = p;
	else if (t->place == PLACE_NORM1)
		view_norm(&b->norm1, t, p);
	else if (t->place == PLACE_Q_NORM)
		b->q_norm = p;
	else if (t->place == PLACE_K_NORM)
		b->k_norm = p;
	else if (t->place == PLACE_NORM2)
		view_norm(&b->norm2, t, p);
	else if (t->place == PLACE_NORM)
		view_norm(&w->norm, t, p);
}

void weights_view(struct weights *w, const struct model *m, float *buffer)
{
	const struct model_config *c = &m->config;
	size_t i;

	*w = (struct weights){
		.blocks = xcalloc(c->layers, sizeof *w->blocks)
	};
	if (m->lora && buffer) {
		lora_view(w, m, m->lora, buffer);
		return;
	}
	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];

		view_tensor(w, c, t, buffer ? buffer + t->offset : t->data);
	}
}

void weights_free(struct weights *w)
{
	free(w->blocks);
	free(w->lora);
	w->blocks = NULL;
	w->lora = NULL;
}

/* ---- a model ---- */

static void make_angles(struct model *m)
{
	const struct model_config *c = &m->config;
	struct model_angles *a = xcalloc(1, sizeof *a);

	a->table = kernel_alloc_sparse(c->context * c->head_size);
	a->frequency = xcalloc(c->head_size / 2, sizeof *a->frequency);
	model_rope_frequencies(c, a->frequency);
	m->angles = a;
}

static void free_angles(struct model_angles *a)
{
	if (!a)
		return;
	kernel_free_sparse(a->table);
	free(a->frequency);
	free(a);
}

/* A model whose parameters are not allocated yet. */
static struct model *new_model(const struct model_config *c)
{
	struct model *m = xcalloc(1, sizeof *m);
	size_t i;

	m->config = *c;
	m->tensors = model_tensors(c, &m->ntensor);
	for (i = 0; i < m->ntensor; i++)
		m->nparam += m->tensors[i].n;
	if (c->positions == POSITIONS_ROTARY)
		make_angles(m);
	return m;
}

struct model *model_new(const struct model_config *c)
{
	struct model *m = new_model(c);
	const struct tensor *last = &m->tensors[m->ntensor - 1];
	size_t i;

	m->size = m->held = tensor_line(last->offset + last->n);
	m->params = kernel_alloc(m->size);
	for (i = 0; i < m->ntensor; i++)
		m->tensors[i].data = m->params + m->tensors[i].offset;
	weights_view(&m->weights, m, m->params);
	return m;
}

void weights_each_linear(struct weights *w, size_t layers,
	void (*fn)(struct linear *l, void *ctx), void *ctx)
{
	struct block_weights *b;

	for (b = w->blocks; b < w->blocks + layers; b++) {
		fn(&b->qkv, ctx);
		fn(&b->out, ctx);
		fn(&b->up, ctx);
		fn(&b->down, ctx);
	}
	fn(&w->head, ctx);
}

static void each_linear(struct model *m,
	void (*fn)(struct linear *l, void *ctx), void *ctx)
{
	weights_each_linear(&m->weights, m->config.layers, fn, ctx);
}

static void set_compute(struct linear *l, void *ctx)
{
	l->compute = *(const enum compute *)ctx;
}

void model_compute_in(struct model *m, enum compute compute)
{
	each_linear(m, set_compute, &compute);
}

enum compute model_trains_in(const struct model *m)
{
	return m->config.layers ? m->weights.blocks[0].qkv.compute : COMPUTE_FP32;
}

static void free_matrix(struct linear *l, void *ctx)
{
	packed_free(l->packed);
}

void model_free(struct model *m)
{
	if (!m)
		return;
	each_linear(m, free_matrix, NULL);
	weights_free(&m->weights);
	kernel_free(m->params);
	free(m->tensors);
	free_angles(m->angles);
	lora_free(m->lora);
	free(m);
}

/* ---- a packed model ---- */

static void count_matrix(struct linear *l, void *ctx)
{
	size_t *n = ctx, i;

	for (i = 0; i < l->parts; i++)
		*n += packed_floats(l->part[i].kind, l->part[i].out, l->in);
}

static void place_matrix(struct linear *l, void *ctx)
{
	float **at = ctx;
	size_t i;

	for (i = 0; i < l->parts; i++) {
		const struct linear_part *p = &l->part[i];
		struct packed_matrix *w = packed_new(p->kind, p->out, l->in,
			*at);

		if (i)
			packed_join(l->packed, w);
		else
			l->packed = w;
		*at += packed_floats(p->kind, p->out, l->in);
	}
}

static bool is_packed(struct model *m, const struct tensor *t)
{
	return t->role != TENSOR_BIAS &&
		weights_linear(&m->weights, &m->config, t);
}

/* Adds n columns, to the last part if they continue it in the same kind. */
static void add_part(struct linear *l, struct packed_kind kind, size_t n,
	bool joins)
{
	struct linear_part *last;

	if (!joins)
		l->parts = 0;
	last = &l->part[l->parts ? l->parts - 1 : 0];
	if (l->parts && last->kind.type == kind.type) {
		last->out += n;
		return;
	}
	l->part[l->parts++] = (struct linear_part){ kind, n };
}

static void set_kinds(struct model *m, const struct packed_kind *kinds)
{
	const struct tensor *before = NULL;
	size_t i;

	for (i = 0; i < m->ntensor; before = &m->tensors[i++]) {
		const struct tensor *t = &m->tensors[i];

		if (is_packed(m, t))
			add_part(weights_linear(&m->weights, &m->config, t),
				kinds[i], t->shape[t->in_first],
				tensor_joins(t, before));
	}
}

/* Lays out the tensors that are not part of a matrix; returns their total size. */
static size_t lay_out_rest(struct model *m)
{
	const struct tensor *before = NULL;
	size_t i, n = 0;

	for (i = 0; i < m->ntensor; i++) {
		struct tensor *t = &m->tensors[i];

		if (is_packed(m, t))
			continue;
		t->offset = tensor_joins(t, before) ? n : tensor_line(n);
		n = t->offset + t->n;
		before = t;
	}
	return tensor_line(n);
}

struct model *model_new_packed(const struct model_config *c,
	const struct packed_kind *kinds)
{
	struct model *m = new_model(c);
	size_t rest, all, i;
	float *at;

	m->packed = true;
	weights_view(&m->weights, m, NULL);	/* for the sizes of matrices */
	set_kinds(m, kinds);
	all = rest = lay_out_rest(m);
	each_linear(m, count_matrix, &all);
	m->held = all;
	m->params = kernel_alloc_raw(all);
	for (i = 0; i < m->ntensor; i++)
		if (!is_packed(m, &m->tensors[i]))
			m->tensors[i].data = m->params + m->tensors[i].offset;
	weights_free(&m->weights);
	weights_view(&m->weights, m, NULL);
	set_kinds(m, kinds);
	at = m->params + rest;
	each_linear(m, place_matrix, &at);
	return m;
}

struct trained_tensors model_trained(const struct model *m)
{
	if (m->lora)
		return (struct trained_tensors){ m->lora->tensors, m->lora->ntensor,
			m->lora->size };
	return (struct trained_tensors){ m->tensors, m->ntensor, m->size };
}

const struct tensor *model_tensor(const struct model *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->ntensor; i++)
		if (!strcmp(m->tensors[i].name, name))
			return &m->tensors[i];
	return NULL;
}
