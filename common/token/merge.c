/* merge.c - byte-pair merging: see merge.h
 *
 * For short words, each step scans all pairs for the lowest rank; long words
 * keep pairs in a heap over a linked list.
 */
#include "common/token/merge.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"

/* Up to this length, scanning all pairs is faster than the heap. */
#define SHORT 64

/* ---- the table ---- */

static size_t slot_of(const struct merge_table *t, uint32_t left,
	uint32_t right)
{
	uint64_t h = ((uint64_t)left << 32 | right) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h >> 32) & t->mask;

	while (t->slots[i].rank != NO_RANK && (t->slots[i].left != left ||
			t->slots[i].right != right))
		i = (i + 1) & t->mask;
	return i;
}

static void enlarge(struct merge_table *t)
{
	struct merge *old = t->slots;
	size_t i, nold = old ? t->mask + 1 : 0;
	size_t size = old ? 2 * nold : 1024;

	t->slots = xaligned(size * sizeof *t->slots);
	t->mask = size - 1;
	for (i = 0; i < size; i++)
		t->slots[i].rank = NO_RANK;
	for (i = 0; i < nold; i++)
		if (old[i].rank != NO_RANK)
			t->slots[slot_of(t, old[i].left, old[i].right)] =
				old[i];
	free(old);
}

void merge_add(struct merge_table *t, struct merge m)
{
	size_t i;

	if (!t->slots || 2 * t->n > t->mask)
		enlarge(t);
	i = slot_of(t, m.left, m.right);
	if (t->slots[i].rank != NO_RANK)
		return;
	t->slots[i] = m;
	t->n++;
}

void merge_table_free(struct merge_table *t)
{
	free(t->slots);
	*t = (struct merge_table){ 0 };
}

static inline uint32_t rank_of(const struct merge_table *t, uint32_t left,
	uint32_t right, uint32_t *id)
{
	const struct merge *m = &t->slots[slot_of(t, left, right)];

	*id = m->id;
	return m->rank;
}

bool merge_find(const struct merge_table *t, uint32_t left, uint32_t right)
{
	return t->slots && t->slots[slot_of(t, left, right)].rank != NO_RANK;
}

/* ---- short words ---- */

/* rank[i] and join[i] belong to the pair (ids[i], ids[i + 1]). */
static size_t merge_short(const struct merge_table *t, uint32_t *ids, size_t n)
{
	uint32_t rank[SHORT], join[SHORT];
	size_t i, best;

	for (i = 0; i + 1 < n; i++)
		rank[i] = rank_of(t, ids[i], ids[i + 1], &join[i]);
	while (n > 1) {
		for (best = 0, i = 1; i + 1 < n; i++)
			if (rank[i] < rank[best])
				best = i;
		if (rank[best] == NO_RANK)
			break;
		ids[best] = join[best];
		n--;
		for (i = best + 1; i < n; i++) {
			ids[i] = ids[i + 1];
			rank[i - 1] = rank[i];
			join[i - 1] = join[i];
		}
		if (best + 1 < n)
			rank[best] = rank_of(t, ids[best], ids[best + 1],
				&join[best]);
		if (best)
			rank[best - 1] = rank_of(t, ids[best - 1], ids[best],
				&join[best - 1]);
	}
	return n;
}

/* ---- long words ---- */

struct node {
	uint32_t id, rank, join;	/* rank, join: with the next node */
	uint32_t prev, next;		/* UINT32_MAX: none */
};

#define NONE UINT32_MAX

/* Entries are rank << 32 | position, so the smallest has the lowest rank and is
 * leftmost. An entry is stale when the rank of its node has changed since. */
struct heap {
	uint64_t *v;
	size_t n;
};

static void sift_down(struct heap *h, size_t i)
{
	uint64_t x = h->v[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && h->v[child + 1] < h->v[child])
			child++;
		if (h->v[child] >= x)
			break;
		h->v[i] = h->v[child];
		i = child;
	}
	h->v[i] = x;
}

static void heap_push(struct heap *h, uint64_t x)
{
	size_t i = h->n++;

	while (i && h->v[(i - 1) / 2] > x) {
		h->v[i] = h->v[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->v[i] = x;
}

static uint64_t heap_pop(struct heap *h)
{
	uint64_t top = h->v[0];

	h->v[0] = h->v[--h->n];
	if (h->n)
		sift_down(h, 0);
	return top;
}

/* Looks up the pair that starts at node i. */
static void rank_node(const struct merge_table *t, struct node *v, uint32_t i)
{
	v[i].rank = v[i].next == NONE ? NO_RANK :
		rank_of(t, v[i].id, v[v[i].next].id, &v[i].join);
}

static void make_nodes(const struct merge_table *t, struct node *v,
	const uint32_t *ids, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		v[i].id = ids[i];
		v[i].prev = i ? i - 1 : NONE;
		v[i].next = i + 1 < n ? i + 1 : NONE;
	}
	for (i = 0; i < n; i++)
		rank_node(t, v, i);
}

/* Merges node i with the next one and pushes the two new pairs. */
static void join_node(const struct merge_table *t, struct node *v, uint32_t i,
	struct heap *h)
{
	uint32_t next = v[i].next;

	v[i].id = v[i].join;
	v[next].rank = NO_RANK;
	v[i].next = v[next].next;
	if (v[i].next != NONE)
		v[v[i].next].prev = i;
	rank_node(t, v, i);
	if (v[i].rank != NO_RANK)
		heap_push(h, (uint64_t)v[i].rank << 32 | i);
	i = v[i].prev;
	if (i == NONE)
		return;
	rank_node(t, v, i);
	if (v[i].rank != NO_RANK)
		heap_push(h, (uint64_t)v[i].rank << 32 | i);
}

static size_t merge_long(const struct merge_table *t, struct merge_scratch *s,
	uint32_t *ids, uint32_t n)
{
	struct node *v = s->nodes;
	struct heap h = { s->heap, 0 };
	size_t i, count = 0;

	make_nodes(t, v, ids, n);
	for (i = 0; i < n; i++)
		if (v[i].rank != NO_RANK)
			h.v[h.n++] = (uint64_t)v[i].rank << 32 | i;
	for (i = h.n / 2; i-- > 0;)
		sift_down(&h, i);
	while (h.n) {
		uint64_t top = heap_pop(&h);

		if (v[(uint32_t)top].rank == top >> 32)
			join_node(t, v, (uint32_t)top, &h);
	}
	for (i = 0; i != NONE; i = v[i].next)
		ids[count++] = v[i].id;
	return count;
}

void merge_scratch_free(struct merge_scratch *s)
{
	free(s->nodes);
	free(s->heap);
	*s = (struct merge_scratch){ 0 };
}

size_t merge_ids(const struct merge_table *t, struct merge_scratch *s,
	uint32_t *ids, size_t n)
{
	if (!t->slots)
		return n;
	if (n <= SHORT)
		return merge_short(t, ids, n);
	if (n >= NONE / 4)
		die("a word of %zu bytes is too long to encode", n);
	if (s->cap < n) {
		merge_scratch_free(s);
		s->cap = n;
		s->nodes = xmalloc(n * sizeof(struct node));
		/* Each merge removes one entry and pushes at most two. */
		s->heap = xmalloc(2 * n * sizeof(uint64_t));
	}
	return merge_long(t, s, ids, (uint32_t)n);
}

size_t merge_word(const struct merge_table *t, struct merge_scratch *s,
	const char *word, size_t len, uint32_t *ids)
{
	size_t i;

	for (i = 0; i < len; i++)
		ids[i] = t->byte_id[(unsigned char)word[i]];
	return merge_ids(t, s, ids, len);
}
