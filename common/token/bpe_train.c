/* bpe_train.c - learns a byte-level BPE vocabulary: see bpe_train.h
 *
 * All words are stored once in one array of symbols linked to their neighbours.
 * A pair knows its count and the positions it had when it first appeared, so a
 * merge costs only as much as it changes. Counts of pairs never increase, so
 * counts in the heap of pairs may be too high; they are corrected when they
 * reach the top.
 */
#include "common/token/bpe_train.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/hash.h"
#include "common/base/heap.h"
#include "common/base/mem.h"
#include "common/base/progress.h"
#include "common/token/vocab_parts.h"

#define NONE UINT32_MAX

struct symbol {
	uint32_t id;		/* NONE: merged into the previous symbol */
	uint32_t word;
	uint32_t prev, next;	/* NONE: end of the word */
};

struct pair {
	uint64_t count;
	uint32_t left, right;
	uint32_t *places;	/* of left symbols, ascending; some stale */
	uint32_t nplace, cap;
	uint32_t touched;	/* the last round that added to it */
};

struct candidate {
	uint64_t count;
	uint32_t left, right;
	uint32_t pair;
};

struct trainer {
	struct symbol *symbols;
	uint64_t *counts;	/* of words */
	size_t nsymbol, nword;
	struct pair *pairs;
	size_t npair, pairs_cap;
	uint32_t *index;	/* hash table of pairs + 1 */
	size_t index_mask;
	struct candidate *heap;
	size_t nheap, heap_cap;
	uint32_t *fresh;	/* pairs added to in this round */
	size_t nfresh, fresh_cap;
	uint32_t round;
	struct vocab *v;
};

/* ---- pairs ---- */

static size_t pair_place(const struct trainer *t, uint32_t left,
	uint32_t right)
{
	size_t i = hash_mix((uint64_t)left << 32 | right) & t->index_mask;

	for (; t->index[i]; i = (i + 1) & t->index_mask) {
		const struct pair *p = &t->pairs[t->index[i] - 1];

		if (p->left == left && p->right == right)
			break;
	}
	return i;
}

static void enlarge_index(struct trainer *t)
{
	size_t i, size = t->index ? 2 * (t->index_mask + 1) : 1 << 16;

	free(t->index);
	t->index = xcalloc(size, sizeof *t->index);
	t->index_mask = size - 1;
	for (i = 0; i < t->npair; i++)
		t->index[pair_place(t, t->pairs[i].left, t->pairs[i].right)] =
			(uint32_t)i + 1;
}

/* The pair, created with count 0 if it is new. */
static uint32_t find_pair(struct trainer *t, uint32_t left, uint32_t right)
{
	size_t i;

	if (!t->index || 2 * t->npair > t->index_mask)
		enlarge_index(t);
	i = pair_place(t, left, right);
	if (!t->index[i]) {
		if (t->npair == NONE - 1)
			die("too many different token pairs to train on");
		t->pairs = grow(t->pairs, t->npair, &t->pairs_cap,
			sizeof *t->pairs);
		t->pairs[t->npair++] = (struct pair){ .left = left,
			.right = right };
		t->index[i] = (uint32_t)t->npair;
	}
	return t->index[i] - 1;
}

static void add_place(struct pair *p, uint32_t place)
{
	if (p->nplace == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 4;
		p->places = xrealloc(p->places, p->cap, sizeof *p->places);
	}
	p->places[p->nplace++] = place;
}

static void add_pair(struct trainer *t, uint32_t left, uint32_t right,
	uint32_t place)
{
	uint32_t i = find_pair(t, left, right);
	struct pair *p = &t->pairs[i];

	p->count += t->counts[t->symbols[place].word];
	add_place(p, place);
	if (p->touched == t->round)
		return;
	p->touched = t->round;
	t->fresh = grow(t->fresh, t->nfresh, &t->fresh_cap, sizeof *t->fresh);
	t->fresh[t->nfresh++] = i;
}

static void take_pair(struct trainer *t, uint32_t left, uint32_t right,
	uint64_t count)
{
	t->pairs[find_pair(t, left, right)].count -= count;
}

/* ---- the heap ---- */

static bool goes_before(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->count != b->count)
		return a->count > b->count;
	return a->left != b->left ? a->left < b->left : a->right < b->right;
}

static void push(struct trainer *t, struct candidate c)
{
	t->heap = grow(t->heap, t->nheap, &t->heap_cap, sizeof *t->heap);
	t->heap[t->nheap++] = c;
	heap_up(t->heap, sizeof *t->heap, t->nheap - 1, goes_before);
}

/* Replaces the top by c. */
static void replace(struct trainer *t, struct candidate c)
{
	t->heap[0] = c;
	heap_down(t->heap, t->nheap, sizeof *t->heap, 0, goes_before);
}

static void pop(struct trainer *t)
{
	heap_pop(t->heap, t->nheap--, sizeof *t->heap, goes_before);
}

static void push_fresh(struct trainer *t)
{
	size_t i;

	for (i = 0; i < t->nfresh; i++) {
		const struct pair *p = &t->pairs[t->fresh[i]];

		if (p->count)
			push(t, (struct candidate){ p->count, p->left,
				p->right, t->fresh[i] });
	}
	t->nfresh = 0;
	t->round++;
}

/* Removes the next pair to merge from the heap; NULL when none has min_count. */
static struct pair *best_pair(struct trainer *t, uint64_t min_count)
{
	while (t->nheap) {
		struct candidate top = t->heap[0];
		struct pair *p = &t->pairs[top.pair];

		if (top.count == p->count) {
			if (p->count < min_count)
				return NULL;
			pop(t);
			return p;
		}
		top.count = p->count;
		if (top.count)
			replace(t, top);
		else
			pop(t);
	}
	return NULL;
}

/* ---- words ---- */

static void add_symbols(struct trainer *t, const struct word_count *w)
{
	const uint32_t *byte_id = t->v->table.byte_id;
	size_t i, first = t->nsymbol;

	for (i = 0; i < w->len; i++)
		t->symbols[t->nsymbol++] = (struct symbol){
			byte_id[(unsigned char)w->p[i]], (uint32_t)t->nword,
			i ? (uint32_t)(first + i - 1) : NONE,
			i + 1 < w->len ? (uint32_t)(first + i + 1) : NONE
		};
	t->counts[t->nword++] = w->count;
}

static void load_words(struct trainer *t, const struct wordcount *words)
{
	size_t state = 0, n = 0, i;
	struct word_count w;

	while (wordcount_next(words, &state, &w))
		n += w.len > 1 ? w.len : 0;
	if (n >= NONE)
		die("too many words to train on: %zu bytes", n);
	t->symbols = xmalloc((n + 1) * sizeof *t->symbols);
	t->counts = xmalloc((wordcount_size(words) + 1) * sizeof *t->counts);
	for (state = 0; wordcount_next(words, &state, &w);)
		if (w.len > 1)
			add_symbols(t, &w);
	for (i = 0; i < t->nsymbol; i++) {
		const struct symbol *s = &t->symbols[i];

		if (s->next != NONE)
			add_pair(t, s->id, t->symbols[s->next].id, (uint32_t)i);
	}
	push_fresh(t);
}

/* ---- merging ---- */

static void join_at(struct trainer *t, uint32_t place, uint32_t left,
	uint32_t right, uint32_t join)
{
	struct symbol *s = &t->symbols[place], *gone;
	uint64_t count;

	if (s->id != left || s->next == NONE ||
		t->symbols[s->next].id != right)
		return;
	gone = &t->symbols[s->next];
	count = t->counts[s->word];
	if (s->prev != NONE) {
		uint32_t before = t->symbols[s->prev].id;

		take_pair(t, before, left, count);
		add_pair(t, before, join, s->prev);
	}
	if (gone->next != NONE) {
		uint32_t after = t->symbols[gone->next].id;

		take_pair(t, right, after, count);
		add_pair(t, join, after, place);
		t->symbols[gone->next].prev = place;
	}
	s->id = join;
	s->next = gone->next;
	gone->id = NONE;
}

static void join_all(struct trainer *t, struct pair *p, uint32_t join)
{
	uint32_t left = p->left, right = p->right, n = p->nplace, i;
	uint32_t *places = p->places;

	/* Adding pairs may move p. */
	p->count = 0;
	p->places = NULL;
	p->nplace = p->cap = 0;
	for (i = 0; i < n; i++)
		join_at(t, places[i], left, right, join);
	t->pairs[find_pair(t, left, right)].count = 0;
	free(places);
	push_fresh(t);
}

/* The id of the merged token. Two pairs may have the same bytes when merged;
 * then they are one token with two merges. */
static uint32_t make_token(struct vocab *v, const struct pair *p)
{
	struct buf join = { 0 };
	size_t n;
	const char *bytes = vocab_bytes(v, p->left, &n);
	int64_t id;

	buf_add(&join, bytes, n);
	bytes = vocab_bytes(v, p->right, &n);
	buf_add(&join, bytes, n);
	id = vocab_find(v, join.p, join.n);
	if (id < 0) {
		id = vocab_size(v);
		if (!vocab_put(v, (uint32_t)id, join.p, join.n))
			die("a vocabulary can have at most %d tokens", VOCAB_MAX);
	}
	vocab_put_merge(v, p->left, p->right);
	buf_free(&join);
	return (uint32_t)id;
}

static void put_bytes(struct vocab *v, bool hf_order)
{
	uint32_t id = 0, c, i;

	/* The characters that represent bytes are all below U+0144. */
	for (c = 0; hf_order && c < 0x144; c++)
		for (i = 0; i < 256; i++)
			if (vocab_byte_char((unsigned char)i) == c) {
				unsigned char byte = (unsigned char)i;

				vocab_put(v, id++, &byte, 1);
			}
	for (i = 0; !hf_order && i < 256; i++) {
		unsigned char byte = (unsigned char)i;

		vocab_put(v, i, &byte, 1);
	}
}

static void free_trainer(struct trainer *t)
{
	size_t i;

	for (i = 0; i < t->npair; i++)
		free(t->pairs[i].places);
	free(t->symbols);
	free(t->counts);
	free(t->pairs);
	free(t->index);
	free(t->heap);
	free(t->fresh);
}

struct vocab *bpe_train(const struct wordcount *words, const char *pattern,
	const struct bpe_options *o)
{
	struct trainer t = { .v = vocab_new(pattern, "--pattern"),
		.round = 1 };
	struct pair *p;
	int missing;

	put_bytes(t.v, o->hf_ties);
	load_words(&t, words);
	while (vocab_size(t.v) < o->size &&
		(p = best_pair(&t, o->min_count)) != NULL) {
		join_all(&t, p, make_token(t.v, p));
		if (progress_due())
			progress_print("tokens=%u of=%u",
				(unsigned)vocab_size(t.v), (unsigned)o->size);
	}
	vocab_finish(t.v, &missing);
	free_trainer(&t);
	return t.v;
}
