/* kvcache.c - KV cache: see kvcache.h */
#include "common/sample/kvcache.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

#define PAGE 4096

struct kv_segment *kv_segment_new(const struct model_config *c,
	enum dtype type)
{
	struct kv_segment *r = xcalloc(1, sizeof *r);

	r->layers = c->layers;
	r->heads = c->kv_heads;
	r->head_size = c->head_size;
	r->type = type;
	return r;
}

void kv_segment_free(struct kv_segment *r)
{
	if (!r)
		return;
	kernel_free_sparse(r->rows);
	free(r);
}

/* Appends the tokens of `from` from the first-th on, up to n, to rows that have
 * cap: `to` is where the first of them goes. */
static void append(const struct kv_segment *r, void *to, const struct kv_segment *from,
	size_t first, size_t n)
{
	size_t at = (first - from->nbase) * r->head_size;

	if (first < n)
		kv_move(r->type, to, r->cap, kv_at(r->type, from->rows, at),
			from->cap, 2 * r->layers * r->heads, n - first,
			r->head_size);
}

/* Gives r memory of its own for cap tokens, with those that it has. */
static void move(struct kv_segment *r, size_t cap)
{
	struct kv_segment old = *r;

	r->cap = kv_round(cap);
	r->rows = kernel_alloc_sparse(
		(kv_segment_bytes(r) + sizeof(float) - 1) / sizeof(float));
	append(r, r->rows, &old, r->nbase, r->n);
}

void kv_segment_room(struct kv_segment *r, size_t n)
{
	void *old = r->rows;

	if (r->n - r->nbase + n <= r->cap)
		return;
	move(r, r->n - r->nbase + n);
	kernel_free_sparse(old);
}

size_t kv_segment_bytes(const struct kv_segment *r)
{
	return dtype_bytes(r->type,
		2 * r->layers * r->heads * r->cap * r->head_size);
}

size_t kv_token_bytes(const struct model_config *c, enum dtype type)
{
	return dtype_bytes(type, 2 * c->layers * c->kv_heads * c->head_size);
}

size_t kv_segment_memory(const struct model_config *c, enum dtype type, size_t n)
{
	return n ? kv_segments_memory(c, type, 1, kv_round(n)) : 0;
}

size_t kv_segments_memory(const struct model_config *c, enum dtype type,
	size_t segments, size_t n)
{
	return n * kv_token_bytes(c, type) + segments * 2 * PAGE;
}

size_t kv_segment_shareable(const struct kv_segment *r, size_t n)
{
	if (r->base && n > r->nbase)
		n = r->nbase;
	return n / KV_BLOCK * KV_BLOCK;
}

/* A segment with the first n tokens of r, of which its base has nbase. */
static struct kv_segment *take(const struct kv_segment *r, size_t n, size_t nbase,
	size_t room)
{
	struct kv_segment *x = xcalloc(1, sizeof *x);
	const struct kv_segment *first = r->base ? r->base : r;
	size_t mid = r->base && r->nbase < n ? r->nbase : n;

	*x = *r;
	x->n = n;
	x->nbase = nbase;
	x->base = nbase ? first : NULL;
	x->cap = kv_round(n - nbase + room);
	x->rows = kernel_alloc_sparse(
		(kv_segment_bytes(x) + sizeof(float) - 1) / sizeof(float));
	append(x, x->rows, first, nbase, mid);
	append(x, (char *)x->rows + dtype_bytes(x->type, (mid - nbase) *
		x->head_size), r, mid, n);
	return x;
}

struct kv_segment *kv_segment_copy(const struct kv_segment *r, size_t n)
{
	return take(r, r->n, 0, n);
}

struct kv_segment *kv_segment_share(const struct kv_segment *r, size_t n,
	size_t room)
{
	return take(r, n, kv_segment_shareable(r, n), room);
}

/* The number of the first one of a head's keys. */
static size_t first_key(const struct kv_segment *r, size_t layer, size_t head)
{
	return (layer * r->heads + head) * 2 * r->cap * r->head_size;
}

const void *kv_segment_keys(const struct kv_segment *r, size_t layer,
	size_t head)
{
	return kv_at(r->type, r->rows, first_key(r, layer, head));
}

const void *kv_segment_values(const struct kv_segment *r, size_t layer,
	size_t head)
{
	return kv_at(r->type, r->rows, first_key(r, layer, head) +
		r->cap * r->head_size);
}

void kv_segment_put(struct kv_segment *r, size_t layer, size_t i, const float *k,
	const float *v)
{
	kv_put(r->type, (char *)r->rows +
		dtype_bytes(r->type, first_key(r, layer, 0)), r->cap,
		i - r->nbase, k, v, r->heads, r->head_size);
}

/* Copies n keys or values of a head to the place of the at-th of `to`. */
static void copy_tokens(const struct kv_segment *r, void *to, size_t at,
	const void *from, size_t n)
{
	if (n)
		kv_move(r->type, (char *)to + dtype_bytes(r->type, at *
			r->head_size), 0, from, 0, 1, n, r->head_size);
}

void kv_segment_gather(const struct kv_segment *r, size_t layer, size_t head,
	size_t first, size_t n, void *k, void *v)
{
	size_t nbase = r->nbase;

	if (first < nbase) {
		copy_tokens(r, k, 0, kv_segment_keys(r->base, layer, head), nbase);
		copy_tokens(r, v, 0, kv_segment_values(r->base, layer, head), nbase);
	}
	copy_tokens(r, k, nbase, kv_segment_keys(r, layer, head), n - nbase);
	copy_tokens(r, v, nbase, kv_segment_values(r, layer, head), n - nbase);
}
