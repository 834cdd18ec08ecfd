/* kvcache.c - keys and values of tokens that were read: see kvcache.h */
#include "common/sample/kvcache.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define FIRST_CAP 32

struct kvrun *kvrun_new(const struct model_config *c)
{
	struct kvrun *r = xcalloc(1, sizeof *r);

	r->layers = c->layers;
	r->width = 2 * c->kv_heads * c->head_size;
	return r;
}

void kvrun_free(struct kvrun *r)
{
	if (!r)
		return;
	free(r->rows);
	free(r);
}

void kvrun_room(struct kvrun *r, size_t n)
{
	size_t cap = r->cap ? r->cap : FIRST_CAP, layer;
	float *rows;

	if (r->n + n <= r->cap)
		return;
	while (cap < r->n + n)
		cap *= 2;
	rows = xaligned(r->layers * cap * r->width * sizeof *rows);
	for (layer = 0; r->n && layer < r->layers; layer++)
		memcpy(rows + layer * cap * r->width, kvrun_row(r, layer, 0),
			r->n * r->width * sizeof *rows);
	free(r->rows);
	r->rows = rows;
	r->cap = cap;
}
