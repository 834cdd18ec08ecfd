/* load.c - a model from its source, flat or packed: see model_dir.h
 *
 * A tensor is read in slabs of a few rows, directly from the mapped file, and
 * pages already read are released: the whole file is never in memory along with
 * the model.
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"
#include "common/model/adapter_dir.h"
#include "common/model/model_dir.h"

static _Noreturn void die_not_finite(const char *file, const struct tensor *t)
{
	die("%s: tensor '%s' holds a NaN or infinity", file, t->name);
}

/* ---- flat ---- */

/* Up to a step of rows from row i on: of the file or, where they are not in it or an
 * adapter replaces them, 0. */
static struct weight slab_of(const struct model_source *s,
	const struct stored *from, const struct tensor *t, size_t i,
	struct buf *scratch)
{
	bool by_id = t->ndim == 2 && (t->place == PLACE_EMBEDDING ||
		t->place == PLACE_HEAD);
	struct token_range own = by_id ? s->own : (struct token_range){ 0, 0 };
	size_t end = own.first + own.n;
	struct weight zero = { from->w.type, 0, from->w.cols, NULL };

	if (own.n && i >= own.first && i < end) {
		zero.rows = size_min(PACKED_STEP, end - i);
		buf_reset(scratch);
		memset(buf_room(scratch, weight_bytes(&zero)), 0,
			weight_bytes(&zero));
		zero.data = scratch->p;
		return zero;
	}
	end = own.n && i < own.first ? own.first : from->w.rows;
	return stored_rows(from, i, size_min(PACKED_STEP, end - i), scratch);
}

static void release(struct release *r, const struct stored *from, size_t i,
	size_t n)
{
	if (i + n <= from->w.rows)
		stored_release(r, from, i, n);
}

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

static void read_tensor(const struct model_source *s, struct model *m,
	size_t k, struct release *r)
{
	const struct tensor *t = &m->tensors[k];
	struct stored from = source_weight(s, &s->tensors[k]);
	size_t cols = from.w.cols, rows = t->n / cols, i;
	struct buf scratch = { 0 };
	struct weight slab;

	for (i = 0; i < rows; i += slab.rows) {
		slab = slab_of(s, &from, t, i, &scratch);
		if (from.transposed)
			put_transposed(t->data, &slab, i, rows);
		else
			weight_floats(t->data + i * cols, &slab);
		release(r, &from, i, slab.rows);
	}
	if (!vec_finite(t->data, t->n))
		die_not_finite(from.file, t);
	buf_free(&scratch);
}

/* ---- packed ---- */

/* The terms and columns of a matrix (in, out) are its rows and columns. */
static void pack_tensor(const struct model_source *s, struct model *m, size_t k,
	struct release *r)
{
	const struct tensor *t = &m->tensors[k];
	struct linear *l = weights_linear(&m->weights, &m->config, t);
	struct stored from = source_weight(s, &s->tensors[k]);
	bool in_first = t->in_first != from.transposed;
	size_t at = tensor_columns_before(m->tensors, k), i;
	size_t rows = t->n / from.w.cols;
	struct buf scratch = { 0 };
	struct weight slab;

	for (i = 0; i < rows; i += slab.rows) {
		slab = slab_of(s, &from, t, i, &scratch);
		if (!packed_put(l->packed, at + i, &slab, in_first))
			die_not_finite(from.file, t);
		release(r, &from, i, slab.rows);
	}
	buf_free(&scratch);
}

/* How each tensor is packed. Where sums are in fp32, F32 that BF16 holds is in memory as
 * BF16: the bits are the same, and half as many are read. */
struct choice {
	const struct model_source *s;
	enum compute compute;
	struct packed_kind *kinds;
};

static void choose_part(void *ctx, size_t i, int thread)
{
	const struct choice *c = ctx;
	struct weight w = source_weight(c->s, &c->s->tensors[i]).w;
	struct packed_kind half = packed_kind(c->compute, DTYPE_BF16);

	c->kinds[i] = packed_kind(c->compute, w.type);
	if (half.compute != COMPUTE_FP32 || !weight_is_bf16(&w))
		return;
	c->kinds[i] = half;
	file_release(w.data, weight_bytes(&w));
}

static struct model *new_packed(const struct model_source *s,
	enum compute compute)
{
	struct choice c = { s, compute, xcalloc(s->ntensor, sizeof *c.kinds) };
	struct model *m;

	parallel_for(s->ntensor, choose_part, &c);
	m = model_new_packed(&s->config, c.kinds);
	free(c.kinds);
	return m;
}

/* Packed matrices are filled side by side, for one is too small for several threads;
 * the tensors of one, which follow one another, in order: see packed_put. */
struct filling {
	const struct model_source *s;
	struct model *m;
	size_t *first;			/* tensors of matrix i: from first[i] */
	size_t n;			/* to first[i + 1], for n matrices */
	struct release *release;	/* of each thread */
};

static void divide(struct filling *f)
{
	const struct linear *last = NULL, *l;
	size_t i, n = f->m->ntensor;

	f->first = xcalloc(n + 1, sizeof *f->first);
	for (i = 0; i < n; i++) {
		const struct tensor *t = &f->m->tensors[i];

		if (t->data)
			continue;
		l = weights_linear(&f->m->weights, &f->m->config, t);
		if (l != last)
			f->first[f->n++] = i;
		last = l;
	}
	f->first[f->n] = n;
}

static void pack_part(void *ctx, size_t part, int thread)
{
	const struct filling *f = ctx;
	size_t i;

	for (i = f->first[part]; i < f->first[part + 1]; i++)
		if (!f->m->tensors[i].data)
			pack_tensor(f->s, f->m, i, &f->release[thread]);
}

static void fill(struct model_source *s, struct model *m)
{
	size_t threads = (size_t)parallel_count(), i;
	struct filling f = { .s = s, .m = m,
		.release = xcalloc(threads, sizeof *f.release) };

	m->tokens = s->tokens;
	m->tokenizer = s->tokenizer;
	for (i = 0; i < m->ntensor; i++)
		if (m->tensors[i].data)
			read_tensor(s, m, i, &f.release[0]);
	divide(&f);
	parallel_for(f.n, pack_part, &f);
	for (i = 0; i < threads; i++)
		file_release_rest(&f.release[i]);
	free(f.first);
	free(f.release);
}

/* ---- both ---- */

struct model *model_from(struct model_source *s)
{
	struct model *m = model_new(&s->config);

	fill(s, m);
	if (s->adapter) {
		struct lora *l = adapter_read(s, m);

		lora_merge(m, l);
		lora_free(l);
	}
	source_close(s);
	return m;
}

struct model *model_load(const char *path)
{
	return model_from(source_open(path));
}

struct model *model_packed_from(struct model_source *s, enum compute compute)
{
	struct model *m = new_packed(s, compute);

	fill(s, m);
	if (s->adapter)
		lora_attach(m, adapter_read(s, m));
	source_close(s);
	return m;
}

struct model *model_load_packed(const char *path, enum compute compute)
{
	return model_packed_from(source_open(path), compute);
}
