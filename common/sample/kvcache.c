/* kvcache.c - KV cache: see kvcache.h */
#include "common/sample/kvcache.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

#define FIRST_CAP 32

struct kv_segment *kv_segment_new(const struct model_config *c)
{
	struct kv_segment *r = xcalloc(1, sizeof *r);

	r->layers = c->layers;
	r->heads = c->kv_heads;
	r->head_size = c->head_size;
	return r;
}

void kv_segment_free(struct kv_segment *r)
{
	if (!r)
		return;
	kernel_free_sparse(r->rows);
	free(r);
}

void kv_segment_room(struct kv_segment *r, size_t n)
{
	struct kv_segment more = *r;

	if (r->n + n <= r->cap)
		return;
	if (!more.cap)
		more.cap = FIRST_CAP;
	while (more.cap < r->n + n)
		more.cap *= 2;
	more.rows = kernel_alloc_sparse(kv_segment_floats(&more));
	if (r->n)
		kv_move(more.rows, more.cap, r->rows, r->cap,
			2 * r->layers * r->heads, r->n, r->head_size);
	kernel_free_sparse(r->rows);
	*r = more;
}

size_t kv_segment_floats(const struct kv_segment *r)
{
	return 2 * r->layers * r->heads * r->cap * r->head_size;
}

struct kv_segment *kv_segment_copy(const struct kv_segment *r)
{
	struct kv_segment *copy = xcalloc(1, sizeof *copy);

	*copy = *r;
	copy->cap = r->n;
	copy->rows = kernel_alloc_sparse(kv_segment_floats(copy));
	if (r->n)
		kv_move(copy->rows, copy->cap, r->rows, r->cap,
			2 * r->layers * r->heads, r->n, r->head_size);
	return copy;
}

void kv_segment_put(struct kv_segment *r, size_t layer, size_t i, const float *k,
	const float *v)
{
	kv_put(kv_segment_keys(r, layer, 0), r->cap, i, k, v, r->heads,
		r->head_size);
}
