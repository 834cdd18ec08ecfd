/* model.c - the flat buffer of parameters and its table: see model.h */
#include "common/model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"
#include "common/model/architecture.h"

#define LINE 16			/* floats of a cache line */
#define INIT_DEVIATION 0.02
#define INIT_PART 65536		/* elements a thread draws at once */

/* ---- the table of tensors ---- */

static enum tensor_role role_of(enum tensor_place place, const char *name)
{
	if (name_ends(name, ".bias"))
		return TENSOR_BIAS;
	switch (place) {
	case PLACE_EMBEDDING:
	case PLACE_POSITIONS:
		return TENSOR_EMBEDDING;
	case PLACE_NORM1:
	case PLACE_Q_NORM:
	case PLACE_K_NORM:
	case PLACE_NORM2:
	case PLACE_NORM:
		return TENSOR_NORM;
	case PLACE_HEAD:
		return TENSOR_HEAD;
	default:
		return TENSOR_MATRIX;
	}
}

/* A cache line's beginning, or where the part before it ends. */
static size_t place_floats(const struct tensor_list *l, const struct tensor *t)
{
	const struct tensor *before = l->n ? &l->v[l->n - 1] : NULL;

	if (before && before->place == t->place && before->layer == t->layer &&
		before->role == t->role)
		return l->size;
	return (l->size + LINE - 1) / LINE * LINE;
}

struct tensor *tensor_add(struct tensor_list *l, enum tensor_place place,
	size_t layer, size_t rows, size_t cols, const char *name)
{
	struct tensor t = {
		.role = role_of(place, name), .place = place, .layer = layer,
		.parts = 1, .ndim = cols ? 2 : 1, .shape = { rows, cols },
		.n = cols ? rows * cols : rows
	};

	snprintf(t.name, sizeof t.name, name, layer);
	t.residual = t.role == TENSOR_MATRIX &&
		(place == PLACE_OUT || place == PLACE_DOWN);
	t.offset = place_floats(l, &t);
	l->size = t.offset + t.n;
	l->v = grow(l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n] = t;
	return &l->v[l->n++];
}

struct tensor *model_tensors(const struct model_config *c, size_t *n)
{
	struct tensor_list list = { 0 };

	c->arch->tensors(&list, c);
	*n = list.n;
	return list.v;
}

size_t model_parameters(const struct model_config *c)
{
	size_t i, ntensor, n = 0;
	struct tensor *t = model_tensors(c, &ntensor);

	for (i = 0; i < ntensor; i++)
		n += t[i].n;
	free(t);
	return n;
}

/* ---- a model ---- */

static void make_rope(struct model *m)
{
	const struct model_config *c = &m->config;
	float *frequencies = xcalloc(c->head_size / 2, sizeof *frequencies);

	m->rope = xaligned(c->context * c->head_size * sizeof(float));
	model_rope_frequencies(c, frequencies);
	rope_table(m->rope, c->context, c->head_size, c->rope_theta,
		frequencies);
	free(frequencies);
}

struct model *model_new(const struct model_config *c)
{
	struct model *m = xcalloc(1, sizeof *m);
	const struct tensor *last;
	size_t i;

	m->config = *c;
	m->tensors = model_tensors(c, &m->ntensor);
	last = &m->tensors[m->ntensor - 1];
	m->size = (last->offset + last->n + LINE - 1) / LINE * LINE;
	m->params = xaligned(m->size * sizeof(float));
	for (i = 0; i < m->ntensor; i++) {
		m->tensors[i].data = m->params + m->tensors[i].offset;
		m->nparam += m->tensors[i].n;
	}
	weights_view(&m->weights, m, m->params);
	if (c->positions == POSITIONS_ROTARY)
		make_rope(m);
	return m;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	weights_free(&m->weights);
	free(m->params);
	free(m->tensors);
	free(m->rope);
	free(m);
}

/* ---- views ---- */

static void view_norm(struct norm *n, const struct tensor *t, float *p)
{
	if (t->role == TENSOR_BIAS)
		n->b = p;
	else
		n->w = p;
}

/* The first of the tensors of a place says where they stand, each adds its
 * outputs. */
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

static void view_tensor(struct weights *w, const struct tensor *t, float *p)
{
	struct block_weights *b = &w->blocks[t->layer];

	switch (t->place) {
	case PLACE_EMBEDDING:
		w->embedding = p;
		break;
	case PLACE_POSITIONS:
		w->positions = p;
		break;
	case PLACE_NORM1:
		view_norm(&b->norm1, t, p);
		break;
	case PLACE_QKV:
		view_linear(&b->qkv, t, p);
		break;
	case PLACE_Q_NORM:
		b->q_norm = p;
		break;
	case PLACE_K_NORM:
		b->k_norm = p;
		break;
	case PLACE_OUT:
		view_linear(&b->out, t, p);
		break;
	case PLACE_NORM2:
		view_norm(&b->norm2, t, p);
		break;
	case PLACE_UP:
		view_linear(&b->up, t, p);
		break;
	case PLACE_DOWN:
		view_linear(&b->down, t, p);
		break;
	case PLACE_NORM:
		view_norm(&w->norm, t, p);
		break;
	case PLACE_HEAD:
		view_linear(&w->head, t, p);
		break;
	}
}

void weights_view(struct weights *w, const struct model *m, float *buffer)
{
	const struct model_config *c = &m->config;
	size_t i;

	*w = (struct weights){
		.blocks = xcalloc(c->layers, sizeof *w->blocks)
	};
	for (i = 0; i < m->ntensor; i++)
		view_tensor(w, &m->tensors[i], buffer + m->tensors[i].offset);
	if (c->tied) {
		w->head.w = w->embedding;
		w->head.in = c->width;
		w->head.out = c->vocab;
	}
}

void weights_free(struct weights *w)
{
	free(w->blocks);
	w->blocks = NULL;
}

const struct tensor *model_tensor(const struct model *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->ntensor; i++)
		if (!strcmp(m->tensors[i].name, name))
			return &m->tensors[i];
	return NULL;
}

/* ---- initial values ---- */

struct normal_fill {
	float *p;
	size_t n, first;	/* first: index of p[0] in the tensor */
	double deviation;
	uint64_t seed;
	uint32_t key;
};

static void fill_part(void *ctx, size_t part, int thread)
{
	const struct normal_fill *f = ctx;
	size_t i = part * INIT_PART, end = i + INIT_PART;

	if (end > f->n)
		end = f->n;
	for (; i < end; i++)
		f->p[i] = (float)(f->deviation * rng_normal(f->seed, RNG_INIT,
			f->key, f->first + i));
}

static void fill_normal(struct normal_fill *f, const char *name)
{
	f->key = (uint32_t)hash64(name, strlen(name));
	parallel_for((f->n + INIT_PART - 1) / INIT_PART, fill_part, f);
}

void model_init(struct model *m, uint64_t seed)
{
	double residual = INIT_DEVIATION / sqrt(2.0 * (double)m->config.layers);
	size_t i, j;

	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];
		struct normal_fill f = {
			.p = m->params + t->offset,
			.n = t->n,
			.seed = seed,
			.deviation = t->residual ? residual : INIT_DEVIATION
		};

		if (t->role == TENSOR_BIAS)
			vec_zero(f.p, t->n);
		else if (t->role == TENSOR_NORM)
			for (j = 0; j < t->n; j++)
				f.p[j] = 1;
		else
			fill_normal(&f, t->name);
	}
}

/* ---- another number of vocabulary rows ---- */

/* Rows used..rows-1 of table (rows,n) become the mean of those before plus
 * noise, so that a new token begins as an average one. */
static void fill_rows(float *table, size_t used, size_t rows, size_t n,
	uint64_t seed, const char *name)
{
	struct normal_fill f = {
		.p = table + used * n,
		.n = (rows - used) * n,
		.first = used * n,
		.seed = seed,
		.deviation = INIT_DEVIATION
	};
	double *mean = xcalloc(n, sizeof *mean);
	size_t r, j;

	for (r = 0; r < used; r++)
		for (j = 0; j < n; j++)
			mean[j] += table[r * n + j];
	fill_normal(&f, name);
	for (r = used; r < rows; r++)
		for (j = 0; j < n; j++)
			table[r * n + j] += (float)(mean[j] /
				(used ? (double)used : 1));
	free(mean);
}

struct model *model_resize(const struct model *m, size_t vocab, size_t used,
	uint64_t seed)
{
	struct model_config c = m->config;
	struct model *out;
	size_t i;

	if (used > c.vocab)
		used = c.vocab;
	if (used > vocab)
		used = vocab;
	c.vocab = vocab;
	out = model_new(&c);
	out->tokenizer = m->tokenizer;
	out->tokens = m->tokens;
	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *from = &m->tensors[i];
		const struct tensor *to = &out->tensors[i];
		bool by_id = from->place == PLACE_EMBEDDING ||
			from->place == PLACE_HEAD;
		size_t cols = from->ndim == 2 ? from->shape[1] : 1;
		size_t n = by_id ? used * cols : from->n;

		vec_copy(out->params + to->offset, m->params + from->offset, n);
		if (by_id)
			fill_rows(out->params + to->offset, used, vocab,
				cols, seed, to->name);
	}
	return out;
}
