/* token_rows.c - embeddings of tokens that an adapter has: see lora.h */
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/model/lora.h"

/* ---- embedding ---- */

/* The rows of x whose ids are the adapter's. */
struct picked {
	int32_t *row, *id;	/* id: from the first one on */
	size_t n;
};

static struct picked pick(const struct token_rows *t, const int32_t *ids,
	size_t rows)
{
	struct picked p = { 0 };
	size_t i;

	if (!t->n)
		return p;
	p.row = xcalloc(rows, sizeof *p.row);
	p.id = xcalloc(rows, sizeof *p.id);
	for (i = 0; i < rows; i++)
		if ((size_t)ids[i] >= t->first &&
				(size_t)ids[i] - t->first < t->n) {
			p.row[p.n] = (int32_t)i;
			p.id[p.n++] = ids[i] - (int32_t)t->first;
		}
	return p;
}

/* Their contents, gathered from table by index; the caller frees them. */
static float *gather(const float *table, const int32_t *index, size_t n,
	size_t width)
{
	float *x = kernel_alloc_raw(n * width);

	embedding_forward(x, index, table, n, width, false);
	return x;
}

void token_rows_embed(const struct token_rows *t, float *x, const int32_t *ids,
	size_t rows, size_t width)
{
	struct picked p = pick(t, ids, rows);

	if (p.n) {
		float *own = gather(t->embedding, p.id, p.n, width);

		embedding_scatter(x, p.row, own, p.n, width);
		kernel_free(own);
	}
	free(p.row);
	free(p.id);
}

void token_rows_embed_backward(const struct token_rows *g, const float *d_x,
	const int32_t *ids, size_t rows, size_t width)
{
	struct picked p = pick(g, ids, rows);

	if (p.n) {
		float *d = gather(d_x, p.row, p.n, width);

		embedding_backward(g->embedding, p.id, d, p.n, width);
		kernel_free(d);
	}
	free(p.row);
	free(p.id);
}

/* ---- head ---- */

void token_rows_logits(const struct token_rows *t, float *logits,
	const float *x, size_t rows, size_t stride, size_t width)
{
	if (!t->n)
		return;
	matmul(&(struct matmul){ .m = rows, .n = t->n, .k = width, .a = x,
		.a_row = width, .a_col = 1, .b = t->head, .b_row = 1,
		.b_col = width, .c = logits + t->first, .c_row = stride,
		.add = logits + t->first, .add_row = stride });
}

void token_rows_logits_backward(const struct token_rows *t,
	const struct token_rows *g, float *d_x, const float *d_logits,
	const float *x, size_t rows, size_t stride, size_t width)
{
	if (!t->n)
		return;
	matmul(&(struct matmul){ .m = t->n, .n = width, .k = rows,
		.a = d_logits + t->first, .a_row = 1, .a_col = stride, .b = x,
		.b_row = width, .b_col = 1, .c = g->head, .c_row = width,
		.add = g->head, .add_row = width });
	matmul(&(struct matmul){ .m = rows, .n = width, .k = t->n,
		.a = d_logits + t->first, .a_row = stride, .a_col = 1,
		.b = t->head, .b_row = width, .b_col = 1, .c = d_x,
		.c_row = width, .add = d_x, .add_row = width });
}
