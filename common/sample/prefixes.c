/* prefixes.c - keys and values of prompts: see prefixes.h
 *
 * A list; a prompt is compared with all runs, which differ early.
 */
#include "common/sample/prefixes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/size.h"

/* Shorter prefixes are computed rather than copied. */
#define SHORTEST 8

#define MOST 1024	/* runs */

struct prefix {
	uint32_t *ids;
	size_t n;
	struct kv_segment *run;	/* holds fewer than n while it is being read */
	bool idle;
	uint64_t used;		/* when: the last one has the largest */
};

struct prefixes {
	struct prefix **v;
	size_t n, cap;
	size_t tokens, limit;	/* of all runs */
	uint64_t clock;
};

struct prefixes *prefixes_new(size_t tokens)
{
	struct prefixes *s = xcalloc(1, sizeof *s);

	s->limit = tokens;
	return s;
}

static void prefix_free(struct prefix *p)
{
	kv_segment_free(p->run);
	free(p->ids);
	free(p);
}

void prefixes_free(struct prefixes *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n; i++)
		prefix_free(s->v[i]);
	free(s->v);
	free(s);
}

static void take_out(struct prefixes *s, const struct prefix *p)
{
	size_t i = 0;

	while (s->v[i] != p)
		i++;
	s->v[i] = s->v[--s->n];
	s->tokens -= p->n;
}

static size_t in_common(const struct prefix *p, const uint32_t *ids, size_t most)
{
	size_t k = 0;

	while (k < most && p->ids[k] == ids[k])
		k++;
	return k;
}

/* The run, other than p, that holds the longest prefix of ids[0..n), whose length
 * is stored in common; NULL if all are too short. */
static struct prefix *longest(const struct prefixes *s, const struct prefix *p,
	const uint32_t *ids, size_t n, size_t *common)
{
	struct prefix *best = NULL;
	size_t i, k;

	*common = SHORTEST - 1;
	for (i = 0; i < s->n; i++) {
		struct prefix *x = s->v[i];
		size_t most = size_min(n, x->run->n);

		if (x == p || most <= *common)
			continue;
		k = in_common(x, ids, most);
		if (k > *common) {
			*common = k;
			best = x;
		}
	}
	return best;
}

bool prefixes_soon(const struct prefixes *s, const uint32_t *ids, size_t n)
{
	size_t i, now = 0, soon = 0;

	for (i = 0; i < s->n; i++) {
		const struct prefix *x = s->v[i];
		size_t k = in_common(x, ids, size_min(n - 1, x->n));

		soon = size_max(soon, k);
		now = size_max(now, size_min(k, x->run->n));
	}
	return soon >= now + SHORTEST;
}

/* Whether a run of n tokens has little that one with the first `common` of them
 * lacks. */
static bool is_nearly(size_t common, size_t n)
{
	return n - common <= common / 8;
}

/* Frees idle runs other than `but`, if there are, until there is room for another
 * one of n tokens. */
static void make_room(struct prefixes *s, const struct prefix *but, size_t n)
{
	struct prefix *oldest;
	size_t i;

	while (s->tokens + n > s->limit || s->n >= MOST) {
		oldest = NULL;
		for (i = 0; i < s->n; i++)
			if (s->v[i]->idle && s->v[i] != but &&
				(!oldest || s->v[i]->used < oldest->used))
				oldest = s->v[i];
		if (!oldest)
			return;
		take_out(s, oldest);
		prefix_free(oldest);
	}
}

void prefixes_limit(struct prefixes *s, size_t tokens)
{
	s->limit = tokens;
}

void prefixes_room(struct prefixes *s, size_t n)
{
	make_room(s, NULL, n);
}

/* An idle run itself, without what follows its first `common` tokens, for a
 * prompt of n. */
static struct kv_segment *take_over(struct prefixes *s, struct prefix *p,
	size_t common, size_t n)
{
	struct kv_segment *run = p->run;

	take_out(s, p);
	p->run = NULL;
	prefix_free(p);
	run->n = common;
	make_room(s, NULL, n);
	return run;
}

struct kv_segment *prefixes_begin(struct prefixes *s, const uint32_t *ids,
	size_t n)
{
	size_t common;
	struct prefix *p = longest(s, NULL, ids, n - 1, &common);
	struct kv_segment head;

	if (p && p->idle && is_nearly(common, p->n))
		return take_over(s, p, common, n);
	make_room(s, p, n);
	if (!p)
		return NULL;
	if (p->idle && s->tokens + n > s->limit)
		return take_over(s, p, common, n);
	p->used = ++s->clock;
	head = *p->run;
	head.n = common;
	return kv_segment_copy(&head, n - common);
}

struct prefix *prefixes_add(struct prefixes *s, const uint32_t *ids, size_t n,
	struct kv_segment *run)
{
	struct prefix *p = xcalloc(1, sizeof *p);

	p->ids = xcalloc(n, sizeof *ids);
	memcpy(p->ids, ids, n * sizeof *ids);
	p->n = n;
	p->run = run;
	s->v = grow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n++] = p;
	s->tokens += n;
	return p;
}

void prefixes_idle(struct prefixes *s, struct prefix *p)
{
	size_t common;

	p->idle = true;
	p->used = ++s->clock;
	/* A run that no prompt can begin with would only take memory: its segment
	 * has room for more than its tokens. */
	if (p->n < SHORTEST || (longest(s, p, p->ids, p->n, &common) &&
		is_nearly(common, p->n))) {
		take_out(s, p);
		prefix_free(p);
	}
}
