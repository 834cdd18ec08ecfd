/* prefixes.c - keys and values of prompts: see prefixes.h
 *
 * A list; a prompt is compared with all runs, which differ early.
 */
#include "common/sample/prefixes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/kernel.h"

/* Shorter prefixes are computed rather than copied. */
#define SHORTEST 8

#define MOST 1024	/* runs */

struct prefix {
	uint32_t *ids;
	size_t n;
	struct kv_segment *run;	/* holds fewer than n while it is being read */
	struct prefix *base;	/* whose run is the base of run; or NULL */
	size_t children, busy;	/* of which this is the base: they need it; and
				 * those in use */
	bool idle;
	uint64_t used;		/* when: the last one has the largest */
};

struct prefixes {
	struct prefix **v;
	size_t n, cap;
	size_t tokens, limit;	/* of all runs, without those of bases */
	uint64_t clock;
};

struct prefixes *prefixes_new(size_t tokens)
{
	struct prefixes *s = xcalloc(1, sizeof *s);

	s->limit = tokens;
	return s;
}

/* Tokens of its own that it has memory for. */
static size_t own(const struct prefix *p)
{
	return kv_round(p->n - p->run->nbase);
}

/* Whether its memory is needed until samples are done. */
static bool is_pinned(const struct prefix *p)
{
	return !p->idle || p->busy;
}

static bool can_free(const struct prefix *p)
{
	return p->idle && !p->children;
}

static void prefix_free(struct prefix *p)
{
	if (p->base)
		p->base->children--;
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
		s->v[i]->base = NULL;
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
	s->tokens -= own(p);
}

static size_t in_common(const struct prefix *p, const uint32_t *ids, size_t most)
{
	size_t k = 0;

	while (k < most && p->ids[k] == ids[k])
		k++;
	return k;
}

/* The run, other than p, that holds the longest prefix of ids[0..n), whose length
 * is stored in common; NULL if all are too short. pinned: only of such runs. */
static struct prefix *longest(const struct prefixes *s, const struct prefix *p,
	bool pinned, const uint32_t *ids, size_t n, size_t *common)
{
	struct prefix *best = NULL;
	size_t i, k;

	*common = SHORTEST - 1;
	for (i = 0; i < s->n; i++) {
		struct prefix *x = s->v[i];
		size_t most = size_min(n, x->run->n);

		if (x == p || most <= *common || (pinned && !is_pinned(x)))
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

/* Frees idle runs other than `but` and bases, if there are, until there is room for
 * another one of n tokens. */
static void make_room(struct prefixes *s, const struct prefix *but, size_t n)
{
	struct prefix *oldest;
	size_t i;

	while (s->tokens + kv_round(n) > s->limit || s->n >= MOST) {
		oldest = NULL;
		for (i = 0; i < s->n; i++)
			if (can_free(s->v[i]) && s->v[i] != but &&
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
 * prompt of n. Its base is freed only after room has been made: it is still
 * needed. */
static struct kv_segment *take_over(struct prefixes *s, struct prefix *p,
	size_t common, size_t n)
{
	struct kv_segment *run = p->run;

	take_out(s, p);
	run->n = common;
	make_room(s, NULL, n - run->nbase);
	p->run = NULL;
	prefix_free(p);
	return run;
}

/* Whether p itself can become the run of a prompt that has so many of its tokens. */
static bool can_take_over(const struct prefix *p, size_t common)
{
	return can_free(p) && common >= p->run->nbase;
}

struct kv_segment *prefixes_begin(struct prefixes *s, const uint32_t *ids,
	size_t n)
{
	size_t common, left;
	struct prefix *p = longest(s, NULL, false, ids, n - 1, &common);

	if (p && can_take_over(p, common) && is_nearly(common, p->n))
		return take_over(s, p, common, n);
	left = n - (p ? kv_segment_shareable(p->run, common) : 0);
	make_room(s, p, left);
	if (!p)
		return NULL;
	if (can_free(p) && s->tokens + kv_round(left) > s->limit) {
		if (can_take_over(p, common))
			return take_over(s, p, common, n);
		take_out(s, p);
		prefix_free(p);
		return prefixes_begin(s, ids, n);
	}
	p->used = ++s->clock;
	return kv_segment_share(p->run, common, n - common);
}

size_t prefixes_shared(const struct prefixes *s, const uint32_t *ids, size_t n)
{
	size_t common;
	const struct prefix *p = longest(s, NULL, true, ids, n - 1, &common);

	return p ? kv_segment_shareable(p->run, common) : 0;
}

struct prefixes_size prefixes_pinned(const struct prefixes *s)
{
	struct prefixes_size size = { 0, 0 };
	size_t i;

	for (i = 0; i < s->n; i++)
		if (is_pinned(s->v[i])) {
			size.tokens += own(s->v[i]);
			size.runs++;
		}
	return size;
}

/* The prefix whose run is the base of r, or NULL. */
static struct prefix *base_of(const struct prefixes *s, const struct kv_segment *r)
{
	size_t i;

	for (i = 0; r->base && i < s->n; i++)
		if (s->v[i]->run == r->base)
			return s->v[i];
	return NULL;
}

struct prefix *prefixes_add(struct prefixes *s, const uint32_t *ids, size_t n,
	struct kv_segment *run)
{
	struct prefix *p = xcalloc(1, sizeof *p);

	p->ids = xcalloc(n, sizeof *ids);
	memcpy(p->ids, ids, n * sizeof *ids);
	p->n = n;
	p->run = run;
	p->base = base_of(s, run);
	if (p->base) {
		p->base->children++;
		p->base->busy++;
		p->base->used = ++s->clock;
	}
	s->v = grow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n++] = p;
	s->tokens += own(p);
	return p;
}

void prefixes_idle(struct prefixes *s, struct prefix *p)
{
	size_t common;

	p->idle = true;
	p->used = ++s->clock;
	if (p->base)
		p->base->busy--;
	/* A run that no prompt can begin with would only take memory. */
	if (!p->children && (p->n < SHORTEST ||
		(longest(s, p, false, p->ids, p->n, &common) &&
		is_nearly(common, p->n)))) {
		take_out(s, p);
		prefix_free(p);
	}
}
