/* int8.c - products of quantized weights in integers, on all threads: see
 * int8.h
 *
 * Threads take panels, which pass through the caches once for each ROWS rows.
 */
#include "common/kernel/int8.h"

#include <string.h>

#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/tile.h"

#define ROWS 128	/* rows of A at once: 600 KiB of 1,536 terms */
#define SMALL 32768	/* multiplications not worth a second thread */

struct product {
	const struct matmul *p;
	const struct packed_matrix *w;
	struct int8_rows a;
	const struct int8_set *set;
	size_t cols;		/* of a panel */
	size_t parts;		/* of the columns */
	size_t step;		/* columns of a part */
};

/* Stores the largest number of each block as its scale, which round replaces.
 * Returns the largest number of a block that is not large. */
static float weigh_row(const struct product *q, struct int8_part *out,
	const float *a)
{
	size_t k = q->w->k, l;
	float sum = 0;

	for (l = 0; l < q->a.blocks; l++) {
		size_t at = l * PANEL_BLOCK;

		out[l].scale = q->set->largest(a + at,
			size_min(PANEL_BLOCK, k - at));
		sum += out[l].scale;
	}
	return sum / (float)q->a.blocks * INT8_LARGE;
}

static void round_rows(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct product *q = ctx;
	const struct panel_format f = panel_format(q->w->type);
	size_t k = q->w->k, i, l;

	for (i = begin; i < end; i++) {
		const float *a = q->p->a + i * q->p->a_row;
		struct int8_part *out = q->a.part + 2 * i * q->a.blocks;
		struct int8_part *rest = out + q->a.blocks;
		float large = weigh_row(q, out, a);

		for (l = 0; l < q->a.blocks; l++) {
			size_t at = l * PANEL_BLOCK;
			struct int8_part *second = NULL;

			if (!q->a.fine && out[l].scale > large) {
				second = rest++;
				second->block = (uint32_t)l;
			}
			out[l].block = (uint32_t)l;
			q->set->round(&out[l], second, a + at,
				size_min(PANEL_BLOCK, k - at), out[l].scale, f,
				q->a.fine);
		}
		q->a.more[i] = (uint32_t)(rest - out - q->a.blocks);
	}
}

/* The columns of one panel from j on, rows begin..end-1. */
static void multiply_panel(const struct product *q, size_t begin, size_t end,
	size_t j)
{
	const struct matmul *p = q->p;
	size_t n = size_min(q->cols, q->w->n - j), i;
	const void *panel = packed_panel(q->w, 0, j, q->cols);

	for (i = begin; i < end; i += q->set->rows)
		q->set->tile(q->w->type, size_min(q->set->rows, end - i), n,
			&q->a, i, panel,
			p->c + i * p->c_row + j, p->c_row, p->bias ? p->bias + j : NULL,
			p->add ? p->add + i * p->add_row + j : NULL,
			p->add_row);
}

static void multiply_part(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	size_t i = part / q->parts * ROWS, j = part % q->parts * q->step;
	size_t end = size_min(j + q->step, q->w->n);

	if (q->set->begin)
		q->set->begin();
	for (; j < end; j += q->cols)
		multiply_panel(q, i, size_min(i + ROWS, q->p->m), j);
	if (q->set->end)
		q->set->end();
}

static const struct int8_set *set_for(size_t m)
{
	const struct int8_set *set = kernel_set()->int8;

	return m < set->least ? set->few : set;
}

/* Room for whole groups of rows; those that are missing are zeros. */
static void new_rows(struct product *q)
{
	size_t m = q->p->m, group = q->set->group;
	size_t all = (m + group - 1) / group * group, row = 2 * q->a.blocks;
	size_t bytes = all * row * sizeof *q->a.part + m * sizeof *q->a.more;

	q->a.part = (struct int8_part *)scratch_shared(bytes / sizeof(float));
	q->a.more = (uint32_t *)(q->a.part + all * row);
	memset(q->a.part + m * row, 0, (all - m) * row * sizeof *q->a.part);
}

void int8_matmul(const struct matmul *p, const struct packed_matrix *w)
{
	struct product q = { p, w, .set = set_for(p->m),
		.cols = panel_columns(),
		.a = { .fine = w->compute == COMPUTE_INT16, .blocks = packed_blocks(w) } };

	new_rows(&q);
	rows_each(p->m, rows_step(w->k), round_rows, &q);
	q.step = 2 * q.cols;
	if (p->m * w->n * w->k <= SMALL)
		q.step = w->columns;
	q.parts = (w->n + q.step - 1) / q.step;
	parallel_for((p->m + ROWS - 1) / ROWS * q.parts, multiply_part, &q);
}
