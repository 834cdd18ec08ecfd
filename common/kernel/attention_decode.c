/* attention_decode.c - attention of single queries over cached keys: see
 * attention_decode in kernel.h
 *
 * A part is one key-value head for several queries: those of a shared prefix are
 * consecutive, so after the first one its keys of that head come from the
 * processor's caches. With few queries, it is one query head, so that threads
 * have about equally many.
 */
#include "common/base/parallel.h"
#include "common/kernel/scratch.h"
#include "common/kernel/set.h"

#include <math.h>
#include <string.h>

/* Queries per part; fewer if there are few, so that every thread has some. */
#define GROUP 16

struct decode {
	const struct attention *s;
	const struct attention_query *query;
	size_t n, heads;	/* queries; query heads per part */
	size_t group, groups;	/* queries per part, parts for all of them */
};

static void one_head(const struct attention *s,
	const struct attention_query *query, size_t h, float *score)
{
	const struct attention_set *set = kernel_set()->attention;
	enum dtype type = s->kv_type;
	size_t hd = s->head_size, kv = h / (s->heads / s->kv_heads) * hd;
	const struct attention_run *r, *end = query->run + ATTENTION_RUNS;
	const float *q = query->q + h * hd;
	float *out = query->out + h * hd;
	float max = -INFINITY, sum;
	size_t i, n = 0;

	for (r = query->run; r < end; n += r++->n)
		if (r->n)
			max = set->scores(type, score + n, q,
				kv_at(type, r->k, kv), s->kv_stride, r->n, hd,
				s->scale, max);
	sum = set->exp_sum(score, n, max);
	memset(out, 0, hd * sizeof *out);
	for (n = 0, r = query->run; r < end; n += r++->n)
		if (r->n)
			set->weighted_sum(type, out, score + n,
				kv_at(type, r->v, kv), s->kv_stride, r->n, hd);
	for (i = 0; i < hd; i++)
		out[i] /= sum;
}

/* Prefetches the keys and values of a run that no earlier query has read: they are
 * as large as the weights, and nothing else hides their latency. */
static void fetch(const struct attention *s, const struct attention_run *r,
	size_t kv)
{
	enum dtype type = s->kv_type;
	const size_t line = type == DTYPE_BF16 ? 32 : 16;
	size_t hd = s->head_size, i, j;

	for (i = 0; i < r->n; i++)
		for (j = 0; j < hd; j += line) {
			size_t at = i * s->kv_stride + kv * hd + j;

			__builtin_prefetch(kv_at(type, r->k, at));
			__builtin_prefetch(kv_at(type, r->v, at));
		}
}

/* The runs of a query that the one before it does not have. */
static void fetch_own(const struct attention *s,
	const struct attention_query *query, size_t kv)
{
	size_t i;

	for (i = 1; i < ATTENTION_RUNS; i++)
		if (query->run[i].k != query[-1].run[i].k)
			fetch(s, &query->run[i], kv);
}

static size_t keys_of(const struct attention_query *query)
{
	size_t i, n = 0;

	for (i = 0; i < ATTENTION_RUNS; i++)
		n += query->run[i].n;
	return n;
}

static void decode_part(void *ctx, size_t part, int thread)
{
	const struct decode *d = ctx;
	size_t first = part / d->groups * d->heads, h;
	size_t kv = first / (d->s->heads / d->s->kv_heads);
	size_t i = part % d->groups * d->group;
	size_t end = i + d->group < d->n ? i + d->group : d->n;

	for (; i < end; i++) {
		const struct attention_query *q = &d->query[i];
		float *score = scratch_thread(thread, keys_of(q));

		if (i + 1 < end)
			fetch_own(d->s, q + 1, kv);
		for (h = first; h < first + d->heads; h++)
			one_head(d->s, q, h, score);
	}
}

void attention_decode(const struct attention *s,
	const struct attention_query *query, size_t n)
{
	size_t all = n * s->kv_heads, parts = 4 * (size_t)parallel_count();
	struct decode d = { s, query, n, s->heads / s->kv_heads,
		all / parts + 1, 0 };

	if (all < parts)
		d.heads = 1;
	if (d.group > GROUP)
		d.group = GROUP;
	d.groups = (n + d.group - 1) / d.group;
	parallel_for(s->heads / d.heads * d.groups, decode_part, &d);
}
