/* load.c - a model from its source, flat or packed: see model_dir.h
 *
 * A tensor is read in slabs of a few rows, directly from the mapped file, and
 * pages already read are released: the whole file is never in memory along with
 * the model.
 */
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/model_dir.h"
#include "common/model/source.h"

static _Noreturn void die_not_finite(const char *file, const struct tensor *t)
{
	die("%s: tensor '%s' holds a NaN or infinity", file, t->name);
}

/* ---- flat ---- */

/* Fills the columns of out (cols, all) from `first` on with the rows of
 * slab. */
static void put_transposed(float *out, const struct weight *slab, size_t first,
	size_t all)
{
	float *x = xmalloc(slab->rows * slab->cols * sizeof *x);

	weight_floats(x, slab);
	matrix_transpose(out + first, all, x, slab->rows, slab->cols);
	free(x);
}

static void read_tensor(const struct model_source *s, const struct tensor *t)
{
	struct stored from = source_weight(s, t);
	size_t rows = from.w.rows, cols = from.w.cols, i, n;
	struct buf scratch = { 0 };

	for (i = 0; i < rows; i += n) {
		struct weight slab;

		n = size_min(PACKED_STEP, rows - i);
		slab = stored_rows(&from, i, n, &scratch);
		if (from.transposed)
			put_transposed(t->data, &slab, i, rows);
		else
			weight_floats(t->data + i * cols, &slab);
		stored_release(&from, i, n);
	}
	if (!vec_finite(t->data, t->n))
		die_not_finite(from.file, t);
	buf_free(&scratch);
}

/* ---- packed ---- */

/* The columns filled by the tensors before tensor i in the same matrix. */
static size_t columns_before(const struct model *m, size_t i)
{
	size_t n = 0;

	for (; i && tensor_joins(&m->tensors[i], &m->tensors[i - 1]); i--)
		n += m->tensors[i - 1].shape[0];
	return n;
}

/* The terms and columns of a matrix (in, out) are its rows and columns. */
static void pack_tensor(const struct model_source *s, struct model *m, size_t k)
{
	const struct tensor *t = &m->tensors[k];
	struct linear *l = weights_linear(&m->weights, &m->config, t);
	struct stored from = source_weight(s, t);
	bool in_first = t->in_first != from.transposed;
	size_t at = columns_before(m, k), i, n;
	struct buf scratch = { 0 };

	for (i = 0; i < from.w.rows; i += n) {
		struct weight slab;

		n = size_min(PACKED_STEP, from.w.rows - i);
		slab = stored_rows(&from, i, n, &scratch);
		if (!packed_put(l->packed, at + i, &slab, in_first))
			die_not_finite(from.file, t);
		stored_release(&from, i, n);
	}
	buf_free(&scratch);
}

static struct model *new_packed(const struct model_source *s,
	enum compute compute)
{
	struct packed_kind *kinds = xcalloc(s->ntensor, sizeof *kinds);
	struct model *m;
	size_t i;

	for (i = 0; i < s->ntensor; i++)
		kinds[i] = packed_kind(compute, source_weight(s,
			&s->tensors[i]).w.type);
	m = model_new_packed(&s->config, kinds);
	free(kinds);
	return m;
}

static void fill(struct model_source *s, struct model *m)
{
	size_t i;

	m->tokens = s->tokens;
	m->tokenizer = s->tokenizer;
	for (i = 0; i < m->ntensor; i++) {
		if (m->tensors[i].data)
			read_tensor(s, &m->tensors[i]);
		else
			pack_tensor(s, m, i);
	}
}

/* ---- both ---- */

struct model *model_from(struct model_source *s)
{
	struct model *m = model_new(&s->config);

	fill(s, m);
	source_close(s);
	return m;
}

struct model *model_load(const char *path)
{
	return model_from(source_open(path));
}

struct model *model_load_packed(const char *path, enum compute compute)
{
	struct model_source *s = source_open(path);
	struct model *m = new_packed(s, compute);

	fill(s, m);
	source_close(s);
	return m;
}
