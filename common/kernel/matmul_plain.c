/* matmul_plain.c - the definition of a matrix product: see matmul in kernel.h
 *
 * The terms of an element are added one at a time from p = 0 on; the order of
 * the loops only helps the caches.
 */
#include "common/kernel/set.h"

static float epilogue(const struct matmul *p, size_t i, size_t j)
{
	float x = p->bias ? p->bias[j] : 0;

	return p->add ? x + p->add[i * p->add_row + j] : x;
}

/* Computes row i of C by adding multiples of B's rows. */
static void row_by_rows(const struct matmul *p, size_t i)
{
	float *c = p->c + i * p->c_row;
	size_t j, l;

	for (j = 0; j < p->n; j++)
		c[j] = epilogue(p, i, j);
	for (l = 0; l < p->k; l++) {
		float a = p->a[i * p->a_row + l * p->a_col];
		const float *b = p->b + l * p->b_row;

		for (j = 0; j < p->n; j++)
			c[j] += a * b[j * p->b_col];
	}
}

/* Computes row i of C by dot products with B's columns, which are
 * contiguous. */
static void row_by_columns(const struct matmul *p, size_t i)
{
	size_t j, l;

	for (j = 0; j < p->n; j++) {
		const float *a = p->a + i * p->a_row;
		const float *b = p->b + j * p->b_col;
		float x = epilogue(p, i, j);

		for (l = 0; l < p->k; l++)
			x += a[l * p->a_col] * b[l * p->b_row];
		p->c[i * p->c_row + j] = x;
	}
}

void matmul_plain(const struct matmul *p)
{
	size_t i;

	for (i = 0; i < p->m; i++)
		if (p->b_col == 1)
			row_by_rows(p, i);
		else
			row_by_columns(p, i);
}
