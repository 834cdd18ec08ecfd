/* matmul.c - matrix products on all threads: see matmul in kernel.h
 *
 * After Goto and van de Geijn (2008). K is divided into blocks, whose length the
 * tile_set has. Some blocks of some columns of B are packed by all threads as
 * panels, then each thread takes blocks of rows and multiplies tile by tile. It packs
 * its part of A itself, unless several blocks of columns need it: then all of A is
 * packed before. With few rows (decoding), reading B dominates: then A is packed
 * once, and threads take panels of B, which pass through the caches once.
 *
 * Either way an element is the sum, over blocks of K in order, of a chain of
 * fused multiply-adds over the block's terms in order: the same bits. Products in
 * bf16 differ in the tile_set that packs and multiplies, and on AMX in the order of
 * the sum (bf16.h).
 */
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/bf16.h"
#include "common/kernel/int8.h"
#include "common/kernel/numbers.h"
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/tile.h"

#include <math.h>
#include <stdlib.h>

#define A_WORDS (1 << 20)	/* packed rows that the threads share: 4 MiB */
#define FAR (2 << 20)	/* bytes of C: more than the level 2 cache has */
#define DEEP (16 << 20)	/* bytes of C from which its sums are to be deep */
#define TILE_COST 0.3	/* of reading B for a part, in units of a tile */
#define PANELS 4		/* packed by one thread at once */
#define FEW_ROWS 64	/* up to here, B is streamed once and A stays cached */
#define SQUARE 32	/* copied at once across the diagonal */
#define SMALL 16384	/* multiplications not worth a second thread */

/* A product, and its packed parts. */
struct product {
	struct matmul p;
	const struct packed_matrix *packed;
	bool back;		/* B is its transpose */
	const struct tile_set *tile;	/* NULL in plain C */
	float *a, *b;		/* shared, packed here; NULL: not */
	size_t k0, k_len;	/* the packed terms, some blocks of K */
	size_t m0, m_len;	/* a band of rows: those packed in a */
	size_t n0, n_len;	/* the packed columns of b */
	size_t step;		/* rows or columns per part */
	void (*part)(void *ctx, size_t part, int thread);
};

static bool in_bf16(const struct product *q)
{
	return q->p.compute == COMPUTE_BF16;
}

static void part_in_bf16(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	unsigned was = tile_begin(q->tile);

	q->part(ctx, part, thread);
	tile_end(q->tile, was);
}

/* Multiplies n parts on all threads. */
static void each_part(struct product *q, size_t n,
	void (*part)(void *ctx, size_t part, int thread))
{
	q->part = part;
	parallel_for(n, in_bf16(q) ? part_in_bf16 : part, q);
}

static struct values a_at(const struct product *q, size_t i, size_t l)
{
	return values_at((struct values){ q->p.a, q->p.a16 },
		i * q->p.a_row + l * q->p.a_col);
}

static struct values b_at(const struct product *q, size_t l, size_t j)
{
	return values_at((struct values){ q->p.b, q->p.b16 },
		l * q->p.b_row + j * q->p.b_col);
}

/* Whether B is given as panels that tiles multiply: in fp32, or of BF16 as
 * words. */
static bool in_place(const struct product *q)
{
	return q->packed && !q->back &&
		(!q->packed->panel || q->tile->terms == 2);
}

/* If so, those from column j on for the block of K at k0. */
static const float *panels_at(const struct product *q, size_t k0, size_t k_len,
	size_t j)
{
	if (q->packed->panel)
		return packed_panel(q->packed, k0, j, q->tile->cols);
	return packed_at(q->packed, k0, k_len, j);
}

/* The tiles of m rows from i and n columns from j for the block of K at k0,
 * from packed a and b; ahead: see tile_block. The first block adds bias and add of
 * the caller, later ones the sum so far. */
static void block(const struct product *q, size_t i, size_t j, size_t m,
	size_t n, size_t k0, size_t k_len, const float *a, const float *b,
	struct panels_ahead ahead)
{
	const struct matmul *p = &q->p;
	float *c = p->c + i * p->c_row + j;
	size_t stride = in_place(q) && q->packed->panel ?
		q->packed->panel / sizeof *b :
		q->tile->cols * tile_words(q->tile, k_len);

	if (k0)
		tile_block(q->tile, m, n, k_len, a, b, stride, ahead, c,
			p->c_row, NULL, c, p->c_row);
	else
		tile_block(q->tile, m, n, k_len, a, b, stride, ahead, c,
			p->c_row,
			p->bias ? p->bias + j : NULL,
			p->add ? p->add + i * p->add_row + j : NULL,
			p->add_row);
}

/* ---- many rows ---- */

/* If not, makes them: n columns from j on and k_len terms from k0 on. */
static void make_panels(const struct product *q, float *out, size_t j, size_t n,
	size_t k0, size_t k_len)
{
	size_t cols = q->tile->cols, i;

	if (!q->packed) {
		tile_pack_b(q->tile, out, b_at(q, k0, j), q->p.b_row,
			q->p.b_col, n, k_len);
		return;
	}
	for (i = 0; i < n; i += cols)
		if (q->back)
			packed_back_panel(q->packed, out + i * k_len, j + i, k0,
				k_len);
		else
			kernel_set()->panel->expand(q->packed->type,
				out + i * k_len,
				packed_panel(q->packed, k0, j + i, cols), k_len);
}

/* The packed columns from n0 on, for the block of K at k0. */
static const float *b_block(const struct product *q, size_t k0, size_t k_len)
{
	if (in_place(q))
		return panels_at(q, k0, k_len, q->n0);
	return q->b + tile_words(q->tile, k0 - q->k0) * tile_columns(q->n_len);
}

static void pack_b_part(void *ctx, size_t i, int thread)
{
	const struct product *q = ctx;
	size_t cols = PANELS * q->tile->cols, j = i * cols;
	size_t n = size_min(cols, q->n_len - j);
	size_t end = q->k0 + q->k_len, k0, k_len;

	for (k0 = q->k0; k0 < end; k0 += q->tile->block) {
		float *out = q->b + tile_words(q->tile, k0 - q->k0) *
			tile_columns(q->n_len);

		k_len = size_min(q->tile->block, end - k0);
		make_panels(q, out + j * tile_words(q->tile, k_len), q->n0 + j,
			n, k0, k_len);
	}
}

/* The packed columns that rows i to i + m - 1 need. */
static size_t columns_for(const struct product *q, size_t i, size_t m)
{
	if (!q->p.symmetric)
		return q->n_len;
	return i + m > q->n0 ? size_min(i + m - q->n0, q->n_len) : 0;
}

static size_t bytes_of_c(const struct matmul *p)
{
	return p->m * p->n * sizeof *p->c;
}

/* The packed rows from i on, for the block of K at k0. */
static float *a_block(const struct product *q, size_t i, size_t k0, size_t k_len)
{
	const struct tile_set *t = q->tile;

	return q->a + tile_words(t, k0 - q->k0) * tile_whole(t, q->m_len) +
		(i - q->m0) * tile_whole(t, tile_words(t, k_len));
}

/* Packs m rows from i on, for the block of K at k0. */
static void pack_rows(const struct product *q, float *out, size_t i, size_t m,
	size_t k0, size_t k_len)
{
	tile_pack_a(q->tile, out, a_at(q, i, k0), q->p.a_row, q->p.a_col, m, k_len);
}

static void pack_a_part(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	size_t i = q->m0 + part * q->step, end = q->k0 + q->k_len, k0, k_len;
	size_t m = size_min(q->step, q->m0 + q->m_len - i);

	for (k0 = q->k0; k0 < end; k0 += q->tile->block) {
		k_len = size_min(q->tile->block, end - k0);
		pack_rows(q, a_block(q, i, k0, k_len), i, m, k0, k_len);
	}
}

/* Processes all packed terms for a block of rows while that part of C stays in
 * the level 2 cache. If C is symmetric, its last rows, the longest, come first. */
static void rows_part(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	size_t last = (q->m_len - 1) / q->step;
	size_t i = q->m0 + (q->p.symmetric ? last - part : part) * q->step;
	size_t m = size_min(q->step, q->m0 + q->m_len - i);
	size_t n = columns_for(q, i, m), end = q->k0 + q->k_len, k0, k_len;
	float *a = q->a ? NULL : scratch_thread(thread, q->step * q->tile->block);

	for (k0 = q->k0; n && k0 < end; k0 += q->tile->block) {
		k_len = size_min(q->tile->block, end - k0);
		if (q->a)
			a = a_block(q, i, k0, k_len);
		else
			pack_rows(q, a, i, m, k0, k_len);
		block(q, i, q->n0, m, n, k0, k_len, a, b_block(q, k0, k_len),
			(struct panels_ahead){
				.far = !k0 && bytes_of_c(&q->p) >= FAR });
	}
}

/* The number of tiles that the busiest of n threads gets, if `all` tiles are
 * divided into parts of `part`. */
static size_t longest(size_t all, size_t part, size_t n)
{
	size_t whole = all / part, rest = all % part;
	size_t even = whole / n * part, most = even + rest;

	return whole % n && even + part > most ? even + part : most;
}

/* Rows per part: whole tiles, at most t->part rows, chosen so that
 * threads finish at about the same time. A part of few tiles costs more per tile. */
static size_t rows_of_part(size_t m, const struct tile_set *t)
{
	size_t n = (size_t)parallel_count();
	size_t all = (m + t->rows - 1) / t->rows, tiles, best = 1;
	double least_cost = INFINITY;

	for (tiles = 1; tiles * t->rows <= t->part; tiles++) {
		double cost = (double)longest(all, tiles, n) *
			(1 + TILE_COST / (double)tiles);

		if (cost < least_cost)
			least_cost = cost, best = tiles;
	}
	return best * t->rows;
}

/* Copies squares of C from below the diagonal to above it, beside `part` squares. */
static void mirror_part(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	size_t end = size_min((part + 1) * SQUARE, q->p.m), to, i, j;
	float *c = q->p.c;

	for (to = part * SQUARE; to < q->p.n; to += SQUARE)
		for (i = part * SQUARE; i < end; i++)
			for (j = size_max(to, i + 1);
				j < size_min(to + SQUARE, q->p.n); j++)
				c[i * q->p.c_row + j] = c[j * q->p.c_row + i];
}

/* The length of the parts that n is divided into, as even as whole units are; `most`,
 * which is at least a unit, is rounded down to those. */
static size_t even_part(size_t n, size_t most, size_t unit)
{
	size_t units = (n + unit - 1) / unit, parts = most / unit;

	parts = (units + parts - 1) / parts;
	return (units + parts - 1) / parts * unit;
}

/* How much of B is packed at once. */
static struct extent extent_of_b(const struct product *q)
{
	const struct matmul *p = &q->p;
	const struct tile_set *t = q->tile;
	bool deep = p->n > t->wide.columns || bytes_of_c(p) >= DEEP;
	struct extent most = deep ? t->deep : t->wide;
	size_t columns = even_part(p->n, most.columns, t->cols);
	size_t terms = most.columns / columns * most.terms;

	return (struct extent){ columns, size_min(terms,
		(p->k + t->block - 1) / t->block * t->block) };
}

/* Packs and multiplies a band, by so many columns at once. */
static void multiply_band(struct product *q, size_t columns)
{
	size_t cols = PANELS * q->tile->cols, parts = (q->m_len + q->step - 1) / q->step;

	if (q->a)
		parallel_for(parts, pack_a_part, q);
	for (q->n0 = 0; q->n0 < q->p.n; q->n0 += columns) {
		q->n_len = size_min(columns, q->p.n - q->n0);
		if (!in_place(q))
			parallel_for((q->n_len + cols - 1) / cols, pack_b_part, q);
		each_part(q, parts, rows_part);
	}
}

static void multiply_rows(struct product *q)
{
	const struct matmul *p = &q->p;
	struct extent b = extent_of_b(q);
	size_t words = tile_whole(q->tile, tile_words(q->tile, b.terms));
	size_t b_size = in_place(q) ? 0 : words * b.columns, a_size = 0, rows = p->m;

	q->step = rows_of_part(p->m, q->tile);
	if (b.columns < p->n) {
		rows = even_part(rows, size_max(A_WORDS / words, q->step), q->step);
		a_size = words * rows;
	}
	q->b = scratch_shared(b_size + a_size);
	q->a = a_size ? q->b + b_size : NULL;
	for (q->k0 = 0; q->k0 < p->k; q->k0 += b.terms)
		for (q->m0 = 0; q->m0 < p->m; q->m0 += rows) {
			q->k_len = size_min(b.terms, p->k - q->k0);
			q->m_len = size_min(rows, p->m - q->m0);
			multiply_band(q, b.columns);
		}
	if (p->symmetric)
		parallel_for((p->m + SQUARE - 1) / SQUARE, mirror_part, q);
}

/* ---- few rows ---- */

/* Few rows by n columns from j on of typed panels: see block. */
static void typed_rows(const struct product *q, size_t j, size_t n, size_t k0,
	size_t k_len)
{
	const struct matmul *p = &q->p;
	size_t cols = q->tile->cols, end = j + n;

	for (; j < end; j += 2 * cols) {
		float *c = p->c + j;
		const float *bias = !k0 && p->bias ? p->bias + j : NULL;
		const float *add = k0 ? c : p->add ? p->add + j : NULL;

		kernel_set()->panel->rows(q->packed->type, p->m,
			size_min(end - j, 2 * cols), k_len, q->a + k0 * p->m,
			packed_panel(q->packed, k0, j, cols),
			q->packed->panel, c, p->c_row, bias, add,
			k0 ? p->c_row : p->add_row);
	}
}

/* The rows from term k0 on, a block of K. */
static float *packed_a(const struct product *q, size_t k0)
{
	return q->a + tile_words(q->tile, k0) * tile_whole(q->tile, q->p.m);
}

/* The panels of a block of K, from column j on. */
static struct panels_ahead panels_of(const struct product *q, size_t k0, size_t j)
{
	size_t cols = q->tile->cols, k_len = size_min(q->tile->block, q->p.k - k0);
	size_t fp32 = cols * k_len * sizeof *q->a;

	if (!q->packed->panel)
		return (struct panels_ahead){ (const char *)packed_at(q->packed,
			k0, k_len, j), fp32, fp32, false };
	return (struct panels_ahead){ packed_panel(q->packed, k0, j, cols),
		q->packed->panel, panel_terms(panel_format(q->packed->type), cols,
			k_len), false };
}

/* What is read after the block of K that ends before term k0, of the columns from
 * j on: the next block or, as far as one can tell, the thread's next part. A single
 * tile reads panels in place no faster than memory has them: it fetches its own. */
static struct panels_ahead what_follows(const struct product *q, size_t k0, size_t j)
{
	const struct panels_ahead none = { 0 };

	if (!q->packed || q->back || (in_place(q) && q->p.m <= q->tile->rows))
		return none;
	if (k0 < q->p.k)
		return panels_of(q, k0, j);
	j += q->step * (size_t)parallel_count();
	return j < q->p.n ? panels_of(q, 0, j) : none;
}

/* Whether B is given as panels whose numbers are converted: for few rows in registers,
 * otherwise in memory. */
static bool typed(const struct product *q)
{
	return q->packed && !q->back && !in_place(q);
}

static void columns_part(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	size_t j = part * q->step, n = size_min(q->step, q->p.n - j), k0, k_len;
	bool direct = typed(q) && q->p.m <= PANEL_ROWS;
	float *panels = in_place(q) || direct
		? NULL
		: scratch_thread(thread, q->tile->block * tile_columns(q->step));

	for (k0 = 0; k0 < q->p.k; k0 += q->tile->block) {
		k_len = size_min(q->tile->block, q->p.k - k0);
		if (direct) {
			typed_rows(q, j, n, k0, k_len);
			continue;
		}
		if (panels)
			make_panels(q, panels, j, n, k0, k_len);
		block(q, 0, j, q->p.m, n, k0, k_len,
			packed_a(q, k0),
			panels ? panels : panels_at(q, k0, k_len, j),
			what_follows(q, k0 + k_len, j));
	}
}

static void multiply_columns(struct product *q)
{
	const struct matmul *p = &q->p;
	size_t k0;

	q->a = scratch_shared(tile_whole(q->tile, p->m) *
		tile_whole(q->tile, tile_words(q->tile, p->k)));
	for (k0 = 0; k0 < p->k; k0 += q->tile->block)
		tile_pack_a(q->tile, packed_a(q, k0), a_at(q, 0, k0), p->a_row,
			p->a_col, p->m, size_min(q->tile->block, p->k - k0));
	/* Two panels give one row enough chains of sums; one that is converted in
	 * memory stays in a nearer cache. */
	q->step = (typed(q) && p->m > PANEL_ROWS ? 1 : 2) * q->tile->cols;
	if (p->m * p->n * p->k <= SMALL)
		q->step = tile_columns(p->n);
	each_part(q, (p->n + q->step - 1) / q->step, columns_part);
}

/* ---- plain C ---- */

static void plain_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct product *q = ctx;
	struct matmul p = q->p;

	p.m = end - begin;
	p.a += begin * p.a_row;
	p.c += begin * p.c_row;
	if (p.add)
		p.add += begin * p.add_row;
	if (in_bf16(q) && p.k)
		bf16_plain(&p, q->packed, false);
	else
		matmul_plain(&p);
}

/* ---- what kernel.h declares ---- */

/* The numbers that rows by cols of x reach. */
static float *widened(const uint16_t *x, size_t rows, size_t row, size_t cols,
	size_t col)
{
	size_t n = (rows - 1) * row + (cols - 1) * col + 1;
	float *out = xmalloc(n * sizeof *out);

	kernel_set()->vec->widen(out, x, n);
	return out;
}

static void multiply_plain(const struct product *q)
{
	struct product wide = *q;
	struct matmul *p = &wide.p;
	float *a = NULL, *b = NULL;

	if (p->a16 && p->k)
		p->a = a = widened(p->a16, p->m, p->a_row, p->k, p->a_col);
	if (p->b16 && p->k)
		p->b = b = widened(p->b16, p->k, p->b_row, p->n, p->b_col);
	rows_each(p->m, 4, plain_part, &wide);
	free(a);
	free(b);
}

static void multiply(struct product *q)
{
	if (!q->p.m || !q->p.n)
		return;
	q->tile = in_bf16(q) ? kernel_set()->bf16 : kernel_set()->tile;
	/* Without terms C is only bias and add, which plain C computes. */
	if (!q->tile || !q->p.k)
		multiply_plain(q);
	else if (q->p.m <= FEW_ROWS)
		multiply_columns(q);
	else
		multiply_rows(q);
}

void matmul(const struct matmul *p)
{
	struct product q = { .p = *p };

	multiply(&q);
}

static void multiply_packed(const struct matmul *p,
	const struct packed_matrix *w)
{
	struct product q = { .p = *p };

	if (in_integers(w->compute)) {
		int8_matmul(p, w);
		return;
	}
	q.p.n = w->n;
	q.p.k = w->k;
	q.p.b = w->data;
	q.p.b_row = w->n;
	q.p.b_col = 1;
	q.p.compute = w->compute;
	q.packed = kernel_set()->tile || in_bf16(&q) ? w : NULL;
	multiply(&q);
}

void matmul_packed(const struct matmul *p, const struct packed_matrix *w)
{
	struct matmul part = *p;

	for (; w; w = w->next) {
		multiply_packed(&part, w);
		part.c += w->n;
		if (part.bias)
			part.bias += w->n;
		if (part.add)
			part.add += w->n;
	}
}

void matmul_packed_back(const struct matmul *p, const struct packed_matrix *w)
{
	struct product q = { .p = *p, .back = true };

	q.p.n = w->k;
	for (; w; w = w->next) {
		q.p.k = w->n;
		q.p.b = w->data;	/* of plain C */
		q.p.b_row = 1;
		q.p.b_col = w->n;
		q.packed = kernel_set()->tile ? w : NULL;
		multiply(&q);
		q.p.a += w->n * p->a_col;
		q.p.add = q.p.c;
		q.p.add_row = q.p.c_row;
	}
}

void matmul_nn(float *c, const float *a, const float *b, size_t m, size_t n,
	size_t k, const float *bias, const float *add)
{
	matmul(&(struct matmul){ .m = m, .n = n, .k = k, .a = a, .a_row = k,
		.a_col = 1, .b = b, .b_row = n, .b_col = 1, .c = c,
		.c_row = n, .bias = bias, .add = add, .add_row = n });
}

void matmul_nt(float *c, const float *a, const float *b, size_t m, size_t n,
	size_t k, const float *bias, const float *add)
{
	matmul(&(struct matmul){ .m = m, .n = n, .k = k, .a = a, .a_row = k,
		.a_col = 1, .b = b, .b_row = 1, .b_col = k, .c = c,
		.c_row = n, .bias = bias, .add = add, .add_row = n });
}

void matmul_tn(float *c, const float *a, const float *b, size_t m, size_t n,
	size_t k, const float *add)
{
	matmul(&(struct matmul){ .m = m, .n = n, .k = k, .a = a, .a_row = 1,
		.a_col = m, .b = b, .b_row = n, .b_col = 1, .c = c,
		.c_row = n, .add = add, .add_row = n });
}
