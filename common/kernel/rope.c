/* rope.c - rotary position embedding (Su et al. 2021): see kernel.h */
#include "common/kernel/rows.h"
#include "common/kernel/set.h"

#include <math.h>

/* Hugging Face computes theta^(2j/head_size), its inverse and the angles in
 * fp32. At position 500 the last bit of a frequency changes an angle by 3e-5,
 * so equal logits require the same rounding. */
void rope_table(float *table, size_t time, size_t head_size, double theta,
	const float *inv_freq)
{
	size_t t, j, half = head_size / 2;

	for (j = 0; j < half; j++) {
		float e = (float)(2 * j) / (float)head_size;
		float f = inv_freq ? inv_freq[j]
				   : 1.0f / (float)pow((float)theta, e);

		for (t = 0; t < time; t++) {
			float angle = (float)t * f;

			table[t * head_size + j] = (float)cos(angle);
			table[t * head_size + half + j] = (float)sin(angle);
		}
	}
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
