/* packed.c - weights laid out for multiplication: see kernel.h
 *
 * A part of the work is a panel of columns: its numbers are checked and packed,
 * after conversion to fp32 if the matrix is fp32 and the file is not.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/packed.h"
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/tile.h"

size_t panel_columns(void)
{
	return kernel_set()->tile ? kernel_set()->tile->cols : PANEL_PLAIN;
}

struct packed_kind packed_kind(enum compute compute, enum dtype type)
{
	bool quantized = dtype_row(type)->elements > 1;

	if (compute == COMPUTE_AUTO)
		compute = quantized ? COMPUTE_INT8 : COMPUTE_FP32;
	if (in_integers(compute))
		return (struct packed_kind){ quantized ? type : DTYPE_Q8_0,
			compute };
	if (compute == COMPUTE_BF16)
		return (struct packed_kind){ DTYPE_BF16, compute };
	if (!kernel_set()->panel || !panel_format(type).bits)
		type = DTYPE_F32;
	return (struct packed_kind){ type, compute };
}

/* Bytes of a panel that is not fp32. */
static size_t bytes_of_panel(struct packed_kind kind, size_t k)
{
	if (dtype_row(kind.type)->elements > 1)
		k = (k + PANEL_BLOCK - 1) / PANEL_BLOCK * PANEL_BLOCK;
	return panel_bytes(kind.type, panel_columns(), k);
}

/* n rounded up to whole panels. */
static size_t whole_panels(struct packed_kind kind, size_t n)
{
	size_t cols = panel_columns();

	if (kind.type == DTYPE_F32 && !kernel_set()->tile)
		return n;
	return (n + cols - 1) / cols * cols;
}

size_t packed_floats(struct packed_kind kind, size_t n, size_t k)
{
	n = whole_panels(kind, n);
	if (kind.type == DTYPE_F32)
		return scratch_round(n * k);
	return n / panel_columns() * bytes_of_panel(kind, k) / sizeof(float);
}

struct packed_matrix *packed_new(struct packed_kind kind, size_t n, size_t k,
	float *memory)
{
	struct packed_matrix *w = xcalloc(1, sizeof *w);
	size_t cols = panel_columns();

	w->type = kind.type;
	w->compute = kind.compute;
	w->n = n;
	w->k = k;
	w->columns = whole_panels(kind, n);
	w->own = !memory;
	w->data = memory ? memory :
		kernel_alloc_raw(packed_floats(kind, n, k));
	if (kind.type == DTYPE_F32)
		return w;
	w->panel = bytes_of_panel(kind, k);
	if (n % cols)	/* columns that are never filled */
		memset(packed_panel(w, 0, n, cols), 0, w->panel);
	return w;
}

void packed_join(struct packed_matrix *w, struct packed_matrix *after)
{
	while (w->next)
		w = w->next;
	w->next = after;
}

void packed_free(struct packed_matrix *w)
{
	while (w) {
		struct packed_matrix *next = w->next;

		if (w->own)
			kernel_free(w->data);
		free(w);
		w = next;
	}
}

/* ---- packing ---- */

struct packing {
	const struct packed_matrix *p;
	const struct weight *w;
	size_t at;		/* column, or term if terms are rows of w */
	size_t panel;		/* the first one to fill */
	atomic_bool bad;	/* a number is not finite */
};

static bool all_finite(const float *x, size_t n)
{
	return kernel_set()->vec->finite(x, n);
}

/* Fills k terms from l on of n columns from j on with b[p*row + i*col]: whole
 * panels, or columns within one panel whose columns before j are already
 * filled. */
static void put(const struct packed_matrix *p, size_t l, size_t k, size_t j,
	size_t n, const float *b, size_t row, size_t col)
{
	size_t cols = panel_columns(), k0 = l / K_BLOCK * K_BLOCK, i, t;
	size_t k_len = size_min(K_BLOCK, p->k - k0);
	float *panel;

	if (!kernel_set()->tile) {
		for (t = 0; t < k; t++)
			for (i = 0; i < n; i++)
				p->data[(l + t) * p->n + j + i] =
					b[t * row + i * col];
		return;
	}
	panel = packed_at(p, k0, k_len, j / cols * cols) + (l - k0) * cols;
	if (j % cols == 0) {
		tile_pack_b(kernel_set()->tile, panel, floats(b), row, col, n, k);
		return;
	}
	for (t = 0; t < k; t++)
		for (i = 0; i < n; i++)
			panel[t * cols + j % cols + i] = b[t * row + i * col];
}

/* The rows, at most a panel's, as floats. */
static const float *floats_of(const struct weight *rows, int thread)
{
	const float *x = weight_as_floats(rows);
	float *own;

	if (x)
		return x;
	own = scratch_thread(thread, panel_columns() * rows->cols);
	weight_floats(own, rows);
	return own;
}

/* The rows as columns from j on. */
static void put_floats(struct packing *q, const struct weight *rows, size_t j,
	int thread)
{
	size_t k = q->p->k, k0;
	const float *x = floats_of(rows, thread);

	if (!all_finite(x, rows->rows * k))
		q->bad = true;
	for (k0 = 0; k0 < k; k0 += K_BLOCK)
		put(q->p, k0, size_min(K_BLOCK, k - k0), j, rows->rows,
			x + k0, 1, k);
}

/* Whether the panels are what a set packs for products in bf16. */
static bool has_words(const struct packed_matrix *p)
{
	return p->type == DTYPE_BF16 && kernel_set()->bf16 &&
		kernel_set()->bf16->terms == 2;
}

/* The same of BF16 as words: the columns that a panel has, from j on. */
static void put_words(struct packing *q, const struct weight *rows, size_t j,
	int thread)
{
	size_t cols = panel_columns(), k = q->p->k;
	void *panel = packed_panel(q->p, 0, j, cols);

	kernel_set()->bf16->pack_b(panel, floats(floats_of(rows, thread)), 1, k,
		rows->rows, k);
	if (!panel_finite(panel, cols, k))
		q->bad = true;
}

/* Floats of consecutive terms, from term l on, of column j of a matrix of another
 * type, which is quantized here. */
static void put_quantized(struct packing *q, float *x, size_t k, size_t l,
	size_t j, void *blocks)
{
	const struct dtype_row *t = dtype_row(q->p->type);
	size_t cols = panel_columns();

	if (!all_finite(x, k))
		q->bad = true;
	for (; k % t->elements; k++)
		x[k] = 0;
	t->from_float(blocks, x, k);
	if (!panel_put_column(q->p->type, packed_panel(q->p, l, j, cols), cols,
		j % cols, k, blocks))
		q->bad = true;
}

/* Room for k terms, whole blocks, and for them quantized. */
static float *quantizing(size_t k, int thread, void **blocks)
{
	float *x = scratch_thread(thread, 2 * k);

	*blocks = x + k;
	return x;
}

static void quantize_columns(struct packing *q, const struct weight *rows,
	size_t j, int thread)
{
	size_t k = packed_blocks(q->p) * PANEL_BLOCK, i;
	void *blocks;
	float *x = quantizing(k, thread, &blocks);

	for (i = 0; i < rows->rows; i++) {
		struct weight row = weight_rows(rows, i, 1);

		weight_floats(x, &row);
		put_quantized(q, x, row.cols, 0, j + i, blocks);
	}
}

/* The rows as columns of one panel, from j on. */
static void put_typed(struct packing *q, const struct weight *rows, size_t j)
{
	size_t cols = panel_columns();

	if (!panel_put_columns(rows->type, packed_panel(q->p, 0, j, cols), cols,
		j % cols, rows->rows, rows->cols, rows->data,
		dtype_bytes(rows->type, rows->cols)))
		q->bad = true;
}

/* The same to a type of one number a block, to which all are rounded first. */
static void round_columns(struct packing *q, const struct weight *rows, size_t j,
	int thread)
{
	size_t n = rows->rows * rows->cols;
	const float *x = weight_as_floats(rows);
	float *own = scratch_thread(thread, 2 * n);
	struct weight rounded = { q->p->type, rows->rows, rows->cols, own + n };

	if (!x) {
		weight_floats(own, rows);
		x = own;
	}
	dtype_row(rounded.type)->from_float(own + n, x, n);
	put_typed(q, &rounded, j);
}

/* For rows of w that are columns. */
static void columns_part(void *ctx, size_t part, int thread)
{
	struct packing *q = ctx;
	size_t cols = panel_columns();
	size_t begin = size_max((q->panel + part) * cols, q->at);
	size_t end = size_min((q->panel + part + 1) * cols,
		q->at + q->w->rows);
	struct weight rows = weight_rows(q->w, begin - q->at, end - begin);

	if (!q->p->panel)
		put_floats(q, &rows, begin, thread);
	else if (q->p->type == q->w->type)
		put_typed(q, &rows, begin);
	else if (has_words(q->p) && begin % cols == 0 &&
		(rows.rows == cols || begin + rows.rows == q->p->n))
		put_words(q, &rows, begin, thread);
	else if (dtype_row(q->p->type)->elements == 1)
		round_columns(q, &rows, begin, thread);
	else
		quantize_columns(q, &rows, begin, thread);
}

/* For rows of w that are terms, all of one block of K. */
static void put_terms(struct packing *q, const struct weight *rows, size_t l,
	size_t j, size_t n, int thread)
{
	const float *x = weight_as_floats(rows);
	size_t stride = rows->cols, t;
	float *own = x ? NULL : scratch_thread(thread, rows->rows * n);

	for (t = 0; t < rows->rows; t++) {
		struct weight row = weight_rows(rows, t, 1);

		row.data = (const char *)row.data + dtype_bytes(row.type, j);
		row.cols = n;
		if (own)
			weight_floats(own + t * n, &row);
		if (!all_finite(own ? own + t * n : x + t * stride + j, n))
			q->bad = true;
	}
	put(q->p, l, rows->rows, j, n, own ? own : x + j, own ? n : stride, 1);
}

/* n columns from j on, which are one panel's, of all terms. */
static void put_typed_terms(struct packing *q, size_t j, size_t n)
{
	size_t cols = panel_columns(), t;
	const struct weight *w = q->w;
	void *panel = packed_panel(q->p, 0, j, cols);

	for (t = 0; t < w->rows; t++) {
		struct weight row = weight_rows(w, t, 1);

		if (!panel_put_term(w->type, panel, cols, n, q->at + t,
			(const char *)row.data + dtype_bytes(w->type, j)))
			q->bad = true;
	}
}

/* Terms from l on, all of one block of K, of n columns from j on, for a matrix of
 * another type. */
static void quantize_terms(struct packing *q, const struct weight *rows,
	size_t l, size_t j, size_t n, int thread)
{
	size_t size = dtype_row(rows->type)->bytes, i, t;
	void *blocks;
	float *x = quantizing(PACKED_STEP, thread, &blocks);

	for (i = j; i < j + n; i++) {
		for (t = 0; t < rows->rows; t++) {
			struct weight row = weight_rows(rows, t, 1);

			row.data = (const char *)row.data + i * size;
			row.cols = 1;
			weight_floats(x + t, &row);
		}
		put_quantized(q, x, rows->rows, l, i, blocks);
	}
}

static void terms_part(void *ctx, size_t part, int thread)
{
	struct packing *q = ctx;
	size_t cols = panel_columns(), j = part * cols, t;
	size_t n = size_min(cols, q->p->n - j);

	if (q->p->panel && q->p->type == q->w->type) {
		put_typed_terms(q, j, n);
		return;
	}
	for (t = 0; t < q->w->rows; t += K_BLOCK) {
		struct weight rows = weight_rows(q->w, t,
			size_min(K_BLOCK, q->w->rows - t));

		if (q->p->panel)
			quantize_terms(q, &rows, q->at + t, j, n, thread);
		else
			put_terms(q, &rows, q->at + t, j, n, thread);
	}
}

bool packed_put(struct packed_matrix *p, size_t at, const struct weight *w,
	bool in_first)
{
	struct packing q = { .w = w };
	size_t cols = panel_columns();

	for (; p->next && at >= p->n; p = p->next)
		at -= p->n;
	q.p = p;
	q.at = at;
	if (in_first) {
		parallel_for((p->n + cols - 1) / cols, terms_part, &q);
	} else {
		q.panel = at / cols;
		parallel_for((at + w->rows + cols - 1) / cols - q.panel,
			columns_part, &q);
	}
	return !q.bad;
}

/* ---- unpacking ---- */

struct gather {
	const struct packed_matrix *p;
	const int32_t *ids;
	float *out;
};

static void gather_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct gather *g = ctx;
	const struct packed_matrix *p = g->p;
	size_t cols = kernel_set()->tile || p->panel ? panel_columns() : 0;
	size_t r, l;

	for (r = begin; r < end; r++) {
		size_t j = (size_t)g->ids[r];
		float *out = g->out + r * p->k;

		if (p->panel) {
			panel_column(out, p->type,
				packed_panel(p, 0, j, cols), cols, j % cols,
				p->k);
			continue;
		}
		for (l = 0; l < p->k; l++) {
			size_t k0 = l / K_BLOCK * K_BLOCK;
			size_t k_len = size_min(K_BLOCK, p->k - k0);

			out[l] = cols ? packed_at(p, k0, k_len, j / cols *
				cols)[(l - k0) * cols + j % cols] :
				p->data[l * p->n + j];
		}
	}
}

void packed_columns(float *out, const struct packed_matrix *w,
	const int32_t *ids, size_t rows)
{
	struct gather g = { w, ids, out };

	rows_each(rows, rows_step(w->k), gather_part, &g);
}
