/* init.c - random parameters, and rows of the vocabulary: see model.h */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"
#include "common/model/model.h"

#define INIT_DEVIATION 0.02
#define INIT_PART 65536		/* elements a thread draws at once */

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
