/* tensors.c - the tensors of a model in the order of its buffer: see model.h */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/model/architecture.h"

#define LINE 16			/* floats of a cache line */

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

bool tensor_joins(const struct tensor *t, const struct tensor *before)
{
	return before && before->place == t->place &&
		before->layer == t->layer && before->role == t->role;
}

size_t tensor_stage(const struct tensor *t, size_t layers)
{
	switch (t->place) {
	case PLACE_EMBEDDING:
	case PLACE_POSITIONS:
		return 0;
	case PLACE_NORM:
	case PLACE_HEAD:
		return layers + 1;
	default:
		return t->layer + 1;
	}
}

size_t tensor_columns_before(const struct tensor *t, size_t i)
{
	size_t n = 0;

	for (; i && tensor_joins(&t[i], &t[i - 1]); i--)
		n += t[i - 1].shape[t[i - 1].in_first];
	return n;
}

size_t tensor_line(size_t n)
{
	return (n + LINE - 1) / LINE * LINE;
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
	t.offset = tensor_joins(&t, l->n ? &l->v[l->n - 1] : NULL) ? l->size :
		tensor_line(l->size);
	l->size = t.offset + t.n;
	l->v = grow(l->v, l->n, &l->cap, sizeof *l->v);
	l->v[l->n] = t;
	return &l->v[l->n++];
}

/* That of a reward model is the same in all architectures. */
static void add_head(struct tensor_list *l, const struct model_config *c)
{
	if (c->reward) {
		tensor_add(l, PLACE_HEAD, 0, 1, c->width, "score.weight");
		return;
	}
	if (!c->tied)
		tensor_add(l, PLACE_HEAD, 0, c->vocab, c->width, c->arch->head);
	if (c->head_bias)
		tensor_add(l, PLACE_HEAD, 0, c->vocab, 0, "lm_head.bias");
}

struct tensor *model_tensors(const struct model_config *c, size_t *n)
{
	struct tensor_list list = { 0 };

	c->arch->tensors(&list, c);
	add_head(&list, c);
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
