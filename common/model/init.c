/* init.c - random parameters, the head of a reward model, and rows of the
 * vocabulary: see model.h
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/lora.h"

#define INIT_DEVIATION 0.02

/* ---- initial values ---- */

static uint32_t key_of(const struct tensor *t)
{
	return (uint32_t)hash64(t->name, strlen(t->name));
}

static void init_tensor(const struct tensor *t, size_t layers, uint64_t seed)
{
	double residual = INIT_DEVIATION / sqrt(2.0 * (double)layers);

	if (t->role == TENSOR_BIAS)
		vec_zero(t->data, t->n);
	else if (t->role == TENSOR_NORM)
		vec_fill(t->data, 1, t->n);
	else
		vec_normal(t->data, t->n, t->residual ? residual :
			INIT_DEVIATION, seed, key_of(t), 0);
}

void model_init(struct model *m, uint64_t seed)
{
	size_t i;

	for (i = 0; i < m->ntensor; i++)
		init_tensor(&m->tensors[i], m->config.layers, seed);
}

/* ---- another head ---- */

struct model *model_with_score(const struct model *m, int32_t pad,
	uint64_t seed)
{
	struct model_config c = m->config;
	struct model *out;
	size_t i;

	c.reward = true;
	c.tied = c.head_bias = false;
	c.pad = pad;
	out = model_new(&c);
	out->tokenizer = m->tokenizer;
	out->tokens = m->tokens;
	for (i = 0; i < out->ntensor; i++) {
		const struct tensor *to = &out->tensors[i];
		const struct tensor *from = model_tensor(m, to->name);

		if (from)
			vec_copy(to->data, from->data, to->n);
		else
			init_tensor(to, c.layers, seed);
	}
	return out;
}

/* ---- resizing the vocabulary ---- */

/* Sets rows used..rows-1 of t to the mean of the rows before plus noise, so
 * that a new token starts as an average one. */
static void fill_rows(const struct tensor *t, size_t used, size_t rows,
	size_t cols, uint64_t seed)
{
	vec_normal(t->data + used * cols, (rows - used) * cols, INIT_DEVIATION,
		seed, key_of(t), used * cols);
	rows_add_mean(t->data, used, rows, cols);
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
			(from->place == PLACE_HEAD && !c.reward);
		size_t cols = from->ndim == 2 ? from->shape[1] : 1;
		size_t n = by_id ? used * cols : from->n;

		vec_copy(to->data, from->data, n);
		if (by_id)
			fill_rows(to, used, vocab, cols, seed);
	}
	return out;
}

/* ---- the same for an adapter ---- */

enum { ROWS_AT_ONCE = 256 };

/* n rows of a table from row i on; x: room for them. */
static const float *table_rows(struct model *m, const struct tensor *t,
	size_t i, size_t n, float *x)
{
	int32_t ids[ROWS_AT_ONCE];
	size_t k;

	if (t->data)
		return t->data + i * t->shape[1];
	for (k = 0; k < n; k++)
		ids[k] = (int32_t)(i + k);
	packed_columns(x, weights_linear(&m->weights, &m->config, t)->packed,
		ids, n);
	return x;
}

/* mean (width) of the first rows of a table. */
static void table_mean(struct model *m, const struct tensor *t, size_t rows,
	float *mean)
{
	size_t width = t->shape[1], i, n, r;
	double *sum = xcalloc(width, sizeof *sum);
	float *x = kernel_alloc_raw(ROWS_AT_ONCE * width);

	for (i = 0; i < rows; i += n) {
		const float *p;

		n = size_min(ROWS_AT_ONCE, rows - i);
		p = table_rows(m, t, i, n, x);
		for (r = 0; r < n; r++)
			vec_accumulate(sum, p + r * width, width);
	}
	vec_divide(mean, sum, (double)size_max(rows, 1), width);
	free(sum);
	kernel_free(x);
}

void token_rows_init(struct lora *l, struct model *m, uint64_t seed)
{
	size_t k = 2 * l->npair, i, r;

	for (i = 0; i < m->ntensor && k < l->ntensor; i++) {
		const struct tensor *t = &m->tensors[i], *own = &l->tensors[k];
		size_t first = l->config.first, width = t->shape[1];
		float *mean;

		if (t->place != own->place || t->ndim != 2)
			continue;
		mean = kernel_alloc_raw(width);
		table_mean(m, t, first, mean);
		vec_normal(own->data, own->n, INIT_DEVIATION, seed, key_of(t),
			first * width);
		for (r = 0; r < own->shape[0]; r++)
			vec_axpby(own->data + r * width, 1, mean, 1, width);
		kernel_free(mean);
		k++;
	}
}
