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

/* Gives r memory of its own for cap tokens, with those that it has. */
static void move(struct kv_segment *r, size_t cap)
{
	struct kv_segment old = *r;

	r->cap = cap;
	r->rows = kernel_alloc_sparse(
		(kv_segment_bytes(r) + sizeof(float) - 1) / sizeof(float));
	if (r->n)
		kv_move(r->type, r->rows, cap, old.rows, old.cap,
			2 * r->layers * r->heads, r->n, r->head_size);
}

void kv_segment_room(struct kv_segment *r, size_t n)
{
	void *old = r->rows;

	if (r->n + n <= r->cap)
		return;
	move(r, r->n + n);
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
	return n ? n * kv_token_bytes(c, type) + 2 * PAGE : 0;
}

struct kv_segment *kv_segment_copy(const struct kv_segment *r, size_t n)
{
	struct kv_segment *copy = xcalloc(1, sizeof *copy);

	*copy = *r;
	move(copy, r->n + n);
	return copy;
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
		dtype_bytes(r->type, first_key(r, layer, 0)), r->cap, i, k, v,
		r->heads, r->head_size);
}
