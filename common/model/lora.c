/* lora.c - the tensors of an adapter, and views of them: see lora.h */
#include "common/model/lora.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"

/* ---- tensors ---- */

struct tensor lora_named(const struct tensor *of, const char *ending)
{
	size_t n = strlen(of->name) - strlen(".weight");
	struct tensor t = { .role = TENSOR_EMBEDDING, .place = of->place,
		.layer = of->layer, .parts = 1, .ndim = 2 };

	memcpy(t.name, of->name, n);
	snprintf(t.name + n, sizeof t.name - n, "%s", ending);
	return t;
}

/* Appends a tensor (rows, cols); with joins it begins where the last one ends. */
static size_t add(struct lora *l, const struct tensor *of, const char *ending,
	size_t rows, size_t cols, bool joins)
{
	struct tensor *t = &l->tensors[l->ntensor];

	*t = lora_named(of, ending);
	t->shape[0] = rows;
	t->shape[1] = cols;
	t->n = rows * cols;
	t->offset = joins ? l->size : tensor_line(l->size);
	l->size = t->offset + t->n;
	return l->ntensor++;
}

/* The adapters of the selected tensors i to end - 1, parts of one product: first
 * all A. */
static void add_pairs(struct lora *l, const struct model *m, const bool *has,
	size_t i, size_t end)
{
	size_t first = l->npair, k;

	for (; i < end; i++) {
		const struct tensor *t = &m->tensors[i];

		if (!has[i])
			continue;
		l->pairs[l->npair].of = i;
		l->pairs[l->npair].a = add(l, t, ".lora_A.weight",
			l->config.rank, t->shape[!t->in_first],
			l->npair > first);
		l->npair++;
	}
	for (k = first; k < l->npair; k++) {
		const struct tensor *t = &m->tensors[l->pairs[k].of];

		l->pairs[k].b = add(l, t, ".lora_B.weight",
			t->shape[t->in_first], l->config.rank, false);
	}
}

static void add_tokens(struct lora *l, const struct model *m)
{
	size_t i;

	for (i = 0; l->config.tokens && i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];

		if (t->ndim == 2 && (t->place == PLACE_EMBEDDING ||
				t->place == PLACE_HEAD))
			add(l, t, ".token_adapter.trainable_tokens_delta",
				l->config.tokens, t->shape[1], false);
	}
}

struct lora *lora_new(const struct model *m, const struct lora_config *c,
	const bool *has)
{
	struct lora *l = xcalloc(1, sizeof *l);
	size_t i, end;

	l->config = *c;
	l->scale = (float)(c->alpha / (c->root ? sqrt((double)c->rank) :
		(double)c->rank));
	l->tensors = xcalloc(2 * m->ntensor + 2, sizeof *l->tensors);
	l->pairs = xcalloc(m->ntensor, sizeof *l->pairs);
	for (i = 0; i < m->ntensor; i = end) {
		end = i + 1;
		while (end < m->ntensor && tensor_joins(&m->tensors[end],
				&m->tensors[end - 1]))
			end++;
		add_pairs(l, m, has, i, end);
	}
	add_tokens(l, m);
	l->size = tensor_line(l->size);
	l->params = kernel_alloc(l->size);
	for (i = 0; i < l->ntensor; i++)
		l->tensors[i].data = l->params + l->tensors[i].offset;
	return l;
}

void lora_free(struct lora *l)
{
	if (!l)
		return;
	free(l->tensors);
	free(l->pairs);
	free(l->base);
	kernel_free(l->params);
	kernel_free(l->scratch);
	free(l);
}

void lora_init(struct lora *l, uint64_t seed)
{
	size_t i;

	for (i = 0; i < l->npair; i++) {
		const struct tensor *a = &l->tensors[l->pairs[i].a];

		vec_normal(a->data, a->n, 1 / sqrt(3 * (double)a->shape[1]),
			seed, (uint32_t)hash64(a->name, strlen(a->name)), 0);
	}
}

/* ---- views ---- */

static void view_pair(struct weights *w, const struct model *m, struct lora *l,
	const struct lora_pair *p, float *buffer, size_t *used)
{
	const struct tensor *of = &m->tensors[p->of];
	struct linear *linear = weights_linear(w, &m->config, of);
	struct lora_linear *v = &w->lora[*used];

	if (linear->lora) {	/* the last one, of which this is a part */
		v = &w->lora[*used - 1];
	} else {
		++*used;
		v->of = l;
		v->a = buffer + l->tensors[p->a].offset;
		linear->lora = v;
	}
	v->part[v->parts++] = (struct lora_part){
		tensor_columns_before(m->tensors, p->of),
		of->shape[of->in_first], buffer + l->tensors[p->b].offset
	};
}

static void view_rows(struct weights *w, const struct lora *l, float *buffer)
{
	size_t i = 2 * l->npair;

	if (i == l->ntensor)
		return;
	w->rows.first = l->config.first;
	w->rows.n = l->config.tokens;
	w->rows.embedding = buffer + l->tensors[i].offset;
	w->rows.head = buffer + l->tensors[l->ntensor - 1].offset;
}

void lora_view(struct weights *w, const struct model *m, struct lora *l,
	float *buffer)
{
	size_t i, used = 0;

	w->lora = xcalloc(l->npair + 1, sizeof *w->lora);
	for (i = 0; i < l->npair; i++)
		view_pair(w, m, l, &l->pairs[i], buffer, &used);
	view_rows(w, l, buffer);
}

void lora_attach(struct model *m, struct lora *l)
{
	m->lora = l;
	lora_view(&m->weights, m, l, l->params);
}

/* ---- merging ---- */

static void merge_pair(struct model *m, const struct lora *l,
	const struct lora_pair *p)
{
	const struct tensor *t = &m->tensors[p->of];
	const struct tensor *a = &l->tensors[p->a], *b = &l->tensors[p->b];
	size_t in = a->shape[1], out = b->shape[0], rank = a->shape[0];
	float *scaled = kernel_alloc_raw(b->n);

	vec_copy(scaled, b->data, b->n);
	vec_scale(scaled, l->scale, b->n);
	if (t->in_first)
		matmul(&(struct matmul){ .m = in, .n = out, .k = rank,
			.a = a->data, .a_row = 1, .a_col = in, .b = scaled,
			.b_row = 1, .b_col = rank, .c = t->data, .c_row = out,
			.add = t->data, .add_row = out });
	else
		matmul_nn(t->data, scaled, a->data, out, in, rank, NULL,
			t->data);
	kernel_free(scaled);
}

void lora_merge(struct model *m, const struct lora *l)
{
	size_t i;

	for (i = 0; i < l->npair; i++)
		merge_pair(m, l, &l->pairs[i]);
	for (i = 2 * l->npair; i < l->ntensor; i++) {
		const struct tensor *rows = &l->tensors[i];
		float *table = rows->place == PLACE_HEAD ? m->weights.head.w :
			m->weights.embedding;

		vec_copy(table + l->config.first * rows->shape[1], rows->data,
			rows->n);
	}
}
