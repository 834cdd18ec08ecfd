/* embedding.c - rows of a table, and the gradients of tables and biases, which
 * are sums over rows: see kernel.h
 */
#include "common/kernel/numbers.h"
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

#include <string.h>

/* Columns per part where a sum over all rows is divided by columns: eight cache
 * lines, so that the hardware prefetcher still sees sequential reads. */
#define COLUMNS 128

/* Rows summed before they are added to the total: bounds the rounding error. */
#define SUM_ROWS 64

struct embedding {
	float *out;
	const int32_t *ids;
	const float *in;
	size_t rows, n, stride;
	bool add;
};

static void forward_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct embedding *p = ctx;
	size_t r, n = p->n;

	for (r = begin; r < end; r++) {
		const float *row = p->in + (size_t)p->ids[r] * n;
		float *out = p->out + r * n;

		if (p->add)
			kernel_set()->vec->add(out, out, row, n);
		else
			memcpy(out, row, n * sizeof *out);
	}
}

void embedding_forward(float *out, const int32_t *ids, const float *table,
	size_t rows, size_t n, bool add)
{
	struct embedding p = { .out = out, .ids = ids, .in = table, .n = n,
		.add = add };

	rows_each(rows, rows_step(n), forward_part, &p);
}

static void scatter_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct embedding *p = ctx;
	size_t r;

	for (r = begin; r < end; r++)
		memcpy(p->out + (size_t)p->ids[r] * p->n, p->in + r * p->n,
			p->n * sizeof *p->out);
}

void embedding_scatter(float *table, const int32_t *ids, const float *x,
	size_t rows, size_t n)
{
	struct embedding p = { .out = table, .ids = ids, .in = x, .n = n };

	rows_each(rows, rows_step(n), scatter_part, &p);
}

static void backward_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct embedding *p = ctx;
	size_t r;

	for (r = 0; r < p->rows; r++) {
		float *sum = p->out + (size_t)p->ids[r] * p->n + begin;

		kernel_set()->vec->add(sum, sum, p->in + r * p->n + begin,
			end - begin);
	}
}

void embedding_backward(float *d_table, const int32_t *ids,
	const float *d_out, size_t rows, size_t n)
{
	struct embedding p = { .out = d_table, .ids = ids, .in = d_out,
		.rows = rows, .n = n };

	rows_each(n, COLUMNS, backward_part, &p);
}

struct bias {
	float *sum;
	struct values x;
	size_t rows, stride;
};

static void bias_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct bias *p = ctx;
	size_t r, rows;

	for (r = 0; r < p->rows; r += rows) {
		rows = p->rows - r < SUM_ROWS ? p->rows - r : SUM_ROWS;
		kernel_set()->vec->column_sums(p->sum + begin,
			values_at(p->x, r * p->stride + begin), rows,
			end - begin, p->stride);
	}
}

void bias_backward(float *d_bias, struct values d_out, size_t rows, size_t n,
	size_t stride)
{
	struct bias p = { d_bias, d_out, rows, stride };

	rows_each(n, COLUMNS, bias_part, &p);
}
