/* attention_decode.c - attention of single queries over cached keys: see
 * attention_decode in kernel.h
 *
 * A part is several queries: those of a shared prefix are consecutive, so after the
 * first one its keys come from the processor's caches. All heads of a query are
 * multiplied by a key while it is in registers; if there are fewer queries than
 * threads, a part has only some of the heads.
 */
#include "common/base/parallel.h"
#include "common/base/size.h"
#include "common/kernel/scratch.h"
#include "common/kernel/set.h"

#include <string.h>

/* Queries per part; fewer if there are few, so that every thread has some. */
#define GROUP 16

struct decode {
	const struct attention *s;
	const struct attention_query *query;
	size_t n, heads;	/* queries; heads per part */
	size_t group, groups;	/* queries per part, parts for all of them */
};

/* Keys with room for whole blocks of each run. */
static size_t keys_of(const struct attention_query *query)
{
	size_t i, n = 0;

	for (i = 0; i < ATTENTION_RUNS; i++)
		n += kv_round(query->run[i].n);
	return n;
}

/* n heads of a query, from h on; by (n) and score (n, keys): working memory. */
static void some_heads(const struct attention *s,
	const struct attention_query *query, size_t h, size_t n, float *by,
	float *score)
{
	const struct attention_set *set = kernel_set()->attention;
	const struct attention_run *r, *end = query->run + ATTENTION_RUNS;
	size_t hd = s->head_size, keys = keys_of(query), at = 0, i, d;
	float *out = query->out + h * hd;

	for (r = query->run; r < end; at += kv_round(r++->n))
		set->scores(s->kv_type, score + at, keys, query->q + h * hd, n,
			r->k, r->n, hd);
	for (i = 0; i < n; i++)
		by[i] = 1 / attention_total(set->softmax(score + i * keys, keys,
			s->scale));
	memset(out, 0, n * hd * sizeof *out);
	for (at = 0, r = query->run; r < end; at += kv_round(r++->n))
		set->weighted_sum(s->kv_type, out, score + at, keys, n, r->v, r->n,
			hd);
	for (i = 0; i < n; i++)
		for (d = 0; d < hd; d++)
			out[i * hd + d] *= by[i];
}

/* Prefetches the keys and values of a run that no earlier query has read: they are
 * as large as the weights, and nothing else hides their latency. */
static void fetch(const struct attention *s, const struct attention_run *r)
{
	const size_t line = s->kv_type == DTYPE_BF16 ? 32 : 16;
	size_t i;

	for (i = 0; i < r->n * s->head_size; i += line) {
		__builtin_prefetch(kv_at(s->kv_type, r->k, i));
		__builtin_prefetch(kv_at(s->kv_type, r->v, i));
	}
}

/* The runs of a query that the one before it does not have. */
static void fetch_own(const struct attention *s,
	const struct attention_query *query)
{
	size_t i;

	for (i = 1; i < ATTENTION_RUNS; i++)
		if (query->run[i].k != query[-1].run[i].k)
			fetch(s, &query->run[i]);
}

static void decode_part(void *ctx, size_t part, int thread)
{
	const struct decode *d = ctx;
	size_t h = part / d->groups * d->heads;
	size_t heads = size_min(d->heads, d->s->heads - h);
	size_t i = part % d->groups * d->group;
	size_t end = size_min(i + d->group, d->n);

	for (; i < end; i++) {
		const struct attention_query *q = &d->query[i];
		float *by = scratch_thread(thread,
			heads * (1 + keys_of(q)));

		if (i + 1 < end)
			fetch_own(d->s, q + 1);
		some_heads(d->s, q, h, heads, by, by + heads);
	}
}

void attention_decode(const struct attention *s,
	const struct attention_query *query, size_t n)
{
	size_t threads = (size_t)parallel_count(), split = 1;
	struct decode d = { s, query, n, s->heads,
		size_min(n / (4 * threads) + 1, GROUP), 0 };

	if (n < threads)
		split = size_min((threads + n - 1) / n, s->heads);
	d.heads = (s->heads + split - 1) / split;
	d.groups = (n + d.group - 1) / d.group;
	parallel_for((s->heads + d.heads - 1) / d.heads * d.groups, decode_part,
		&d);
}
