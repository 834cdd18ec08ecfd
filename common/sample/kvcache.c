/* kvcache.c - keys and values of tokens that were read: see kvcache.h */
#include "common/sample/kvcache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define FIRST_CAP 32
#define ALIGN 64

struct kvrun *kvrun_new(const struct model_config *c)
{
	struct kvrun *r = xcalloc(1, sizeof *r);

	r->layers = c->layers;
	r->heads = c->kv_heads;
	r->head_size = c->head_size;
	return r;
}

void kvrun_free(struct kvrun *r)
{
	if (!r)
		return;
	free(r->memory);
	free(r);
}

/* Memory that is never written costs nothing, so it is not cleared. */
static float *aligned_floats(size_t n, void **memory)
{
	char *p = xmalloc(n * sizeof(float) + ALIGN);

	*memory = p;
	return (float *)(p + (ALIGN - (uintptr_t)p % ALIGN));
}

/* The same tokens with another capacity. */
static void copy_tokens(struct kvrun *to, const struct kvrun *from)
{
	size_t layer, head, bytes = from->n * from->head_size * sizeof(float);

	for (layer = 0; layer < from->layers; layer++)
		for (head = 0; head < from->heads; head++) {
			memcpy(kvrun_keys(to, layer, head),
				kvrun_keys(from, layer, head), bytes);
			memcpy(kvrun_values(to, layer, head),
				kvrun_values(from, layer, head), bytes);
		}
}

void kvrun_room(struct kvrun *r, size_t n)
{
	struct kvrun more = *r;

	if (r->n + n <= r->cap)
		return;
	if (!more.cap)
		more.cap = FIRST_CAP;
	while (more.cap < r->n + n)
		more.cap *= 2;
	more.rows = aligned_floats(2 * r->layers * r->heads * more.cap *
		r->head_size, &more.memory);
	if (r->n)
		copy_tokens(&more, r);
	free(r->memory);
	*r = more;
}

void kvrun_put(struct kvrun *r, size_t layer, size_t i, const float *k,
	const float *v)
{
	size_t head, n = r->head_size;

	for (head = 0; head < r->heads; head++) {
		memcpy(kvrun_keys(r, layer, head) + i * n, k + head * n,
			n * sizeof *k);
		memcpy(kvrun_values(r, layer, head) + i * n, v + head * n,
			n * sizeof *v);
	}
}
