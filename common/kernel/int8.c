/* int8.c - products of quantized weights in integers, on all threads: see
 * int8.h
 *
 * Threads take panels, which pass through the caches once for each ROWS rows.
 */
#include "common/kernel/int8.h"

#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/rows.h"
#include "common/kernel/scratch.h"
#include "common/kernel/tile.h"

#define ROWS 128	/* rows of A at once: 490 KiB of 1,536 terms */
#define SMALL 32768	/* multiplications not worth a second thread */

struct product {
	const struct matmul *p;
	const struct packed_matrix *w;
	struct int8_block *a;
	const struct int8_set *set;
	size_t cols;		/* of a panel */
	size_t blocks;		/* of a row */
	size_t parts;		/* of the columns */
	size_t step;		/* columns of a part */
};

static void round_rows(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct product *q = ctx;
	const struct panel_format f = panel_format(q->w->type);
	size_t k = q->w->k, i, l;

	for (i = begin; i < end; i++) {
		const float *a = q->p->a + i * q->p->a_row;
		struct int8_block *out = q->a + i * q->blocks;

		for (l = 0; l < k; l += PANEL_BLOCK)
			q->set->round(out++, a + l,
				size_min(PANEL_BLOCK, k - l), f);
	}
}

/* The columns of one panel from j on, rows begin..end-1. */
static void multiply_panel(const struct product *q, size_t begin, size_t end,
	size_t j)
{
	const struct matmul *p = q->p;
	size_t n = size_min(q->cols, q->w->n - j), i;
	const void *panel = packed_panel(q->w, 0, j, q->cols);

	for (i = begin; i < end; i += INT8_ROWS)
		q->set->tile(q->w->type, size_min(INT8_ROWS, end - i), n,
			q->blocks, q->a + i * q->blocks, panel,
			p->c + i * p->c_row + j, p->c_row, p->bias ? p->bias + j : NULL,
			p->add ? p->add + i * p->add_row + j : NULL,
			p->add_row);
}

static void multiply_part(void *ctx, size_t part, int thread)
{
	const struct product *q = ctx;
	size_t i = part / q->parts * ROWS, j = part % q->parts * q->step;
	size_t end = size_min(j + q->step, q->w->n);

	for (; j < end; j += q->cols)
		multiply_panel(q, i, size_min(i + ROWS, q->p->m), j);
}

void int8_matmul(const struct matmul *p, const struct packed_matrix *w)
{
	struct product q = { p, w, .set = kernel_set()->int8,
		.cols = panel_columns(), .blocks = packed_blocks(w) };

	q.a = (struct int8_block *)scratch_shared(p->m * q.blocks *
		sizeof *q.a / sizeof(float));
	rows_each(p->m, rows_step(w->k), round_rows, &q);
	q.step = 2 * q.cols;
	if (p->m * w->n * w->k <= SMALL)
		q.step = w->columns;
	q.parts = (w->n + q.step - 1) / q.step;
	parallel_for((p->m + ROWS - 1) / ROWS * q.parts, multiply_part, &q);
}
