/* pack.c - packs sequences into rows: see pack.h */
#include "common/train/pack.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

void pack_init(struct pack *p, size_t rows, size_t time)
{
	memset(p, 0, sizeof *p);
	rows_init(&p->rows, rows, time);
	p->rows.batch.pos = p->rows.pos;
	p->rows.batch.start = p->rows.start;
	p->used = xcalloc(rows, sizeof *p->used);
}

void pack_free(struct pack *p)
{
	rows_free(&p->rows);
	free(p->used);
}

void pack_reset(struct pack *p)
{
	memset(p->used, 0, p->rows.max_rows * sizeof *p->used);
	p->sequences = p->tokens = 0;
}

/* The fullest row with room for n positions, or -1. The first empty row is the
 * last one tried, so rows are opened in order. */
static long best_row(const struct pack *p, size_t n)
{
	size_t time = p->rows.batch.time, i;
	long best = -1;

	for (i = 0; i < p->rows.max_rows; i++) {
		if (p->used[i] + n <= time && (best < 0 ||
				p->used[i] > p->used[best]))
			best = (long)i;
		if (!p->used[i])
			break;
	}
	return best;
}

bool pack_add(struct pack *p, const int32_t *ids, const unsigned char *mask,
	size_t n, size_t *place)
{
	struct rows *r = &p->rows;
	long row = best_row(p, n - 1);
	size_t at, i;

	if (row < 0)
		return false;
	at = (size_t)row * r->batch.time + p->used[row];
	for (i = 0; i + 1 < n; i++) {
		r->ids[at + i] = ids[i];
		r->target[at + i] = mask[i + 1] ? ids[i + 1] : -1;
		r->pos[at + i] = (int32_t)i;
		r->start[at + i] = (int32_t)p->used[row];
		p->tokens += mask[i + 1] != 0;
	}
	p->used[row] += n - 1;
	p->sequences++;
	*place = at;
	return true;
}

void pack_end(struct pack *p)
{
	struct rows *r = &p->rows;
	size_t time = r->batch.time, row, t;

	for (row = 0; row < r->max_rows && p->used[row]; row++) {
		for (t = p->used[row]; t < time; t++) {
			r->ids[row * time + t] = 0;
			r->target[row * time + t] = -1;
			r->pos[row * time + t] = (int32_t)(t - p->used[row]);
			r->start[row * time + t] = (int32_t)p->used[row];
		}
	}
	r->batch.rows = row;
}
