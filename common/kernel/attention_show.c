/* attention_show.c - the probabilities of attention: see attention_probabilities
 * in kernel.h
 *
 * Training never has them in memory; these are computed again for tools that look
 * at them, a query at a time.
 */
#include <math.h>
#include <string.h>

#include "common/kernel/rows.h"
#include "common/kernel/set.h"

struct show {
	const struct attention *s;
	float *prob;
	const float *q, *k;
};

/* Row r is query r % time of head r / time % heads of a sequence. */
static void one_query(const struct show *w, size_t r)
{
	const struct attention *s = w->s;
	const struct attention_set *set = kernel_set()->attention;
	size_t t = r % s->time, h = r / s->time % s->heads;
	size_t batch = r / s->time / s->heads, keys = s->past + s->time;
	size_t kv = h / (s->heads / s->kv_heads), hd = s->head_size, j;
	size_t first = s->start ? (size_t)s->start[batch * s->time + t] : 0;
	size_t n = s->past + t + 1 - first;
	float *p = w->prob + r * keys, sum;
	const float *q = w->q + (batch * s->time + t) * s->q_stride + h * hd;
	const float *k = w->k + (batch * keys + first) * s->kv_stride + kv * hd;

	memset(p, 0, keys * sizeof *p);
	p += first;
	sum = set->exp_sum(p, n, set->scores(DTYPE_F32, p, q, k, s->kv_stride,
		n, hd, s->scale, -INFINITY));
	for (j = 0; j < n; j++)
		p[j] /= sum;
}

static void show_part(void *ctx, size_t begin, size_t end, size_t part)
{
	size_t r;

	for (r = begin; r < end; r++)
		one_query(ctx, r);
}

void attention_probabilities(const struct attention *s, float *prob,
	const float *q, const float *k)
{
	struct show w = { s, prob, q, k };

	rows_each(s->batch * s->heads * s->time,
		rows_step((s->past + s->time) * s->head_size), show_part, &w);
}
