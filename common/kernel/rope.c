/* rope.c - rotary position embedding (Su et al. 2021): see kernel.h */
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

#include <math.h>

struct angles {
	float *table;
	size_t first, head_size;
	const float *frequency;
};

/* Hugging Face computes the angles in fp32. At position 500 the last bit of a
 * frequency changes an angle by 3e-5, so equal logits require the same
 * rounding. */
static void angles_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct angles *a = ctx;
	size_t half = a->head_size / 2, t, j;

	for (t = a->first + begin; t < a->first + end; t++) {
		float *row = a->table + t * a->head_size;

		for (j = 0; j < half; j++) {
			float angle = (float)t * a->frequency[j];

			row[j] = (float)cos(angle);
			row[half + j] = (float)sin(angle);
		}
	}
}

void rope_table(float *table, size_t first, size_t end, size_t head_size,
	const float *frequency)
{
	struct angles a = { table, first, head_size, frequency };

	rows_each(end - first, 64, angles_part, &a);
}

struct rope {
	float *x;
	size_t stride, heads, head_size, time;
	const float *table;
	const int32_t *pos;
	float sign;
};

static void rope_part(void *ctx, size_t begin, size_t end, size_t part)
{
	const struct rope *p = ctx;
	size_t r;

	for (r = begin; r < end; r++) {
		size_t pos = p->pos ? (size_t)p->pos[r] : r % p->time;

		kernel_set()->activation->rope(p->x + r * p->stride, p->heads,
			p->head_size, p->table + pos * p->head_size, p->sign);
	}
}

void rope_forward(float *x, size_t rows, size_t stride, size_t heads,
	size_t head_size, const float *table, const int32_t *pos, size_t time)
{
	struct rope p = { x, stride, heads, head_size, time, table, pos, 1 };

	rows_each(rows, rows_step(heads * head_size), rope_part, &p);
}

void rope_backward(float *d_x, size_t rows, size_t stride, size_t heads,
	size_t head_size, const float *table, const int32_t *pos, size_t time)
{
	struct rope p = { d_x, stride, heads, head_size, time, table, pos, -1 };

	rows_each(rows, rows_step(heads * head_size), rope_part, &p);
}
