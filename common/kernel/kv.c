/* kv.c - cached keys and values: see kernel.h */
#include "common/kernel/kernel.h"

#include <string.h>

void kv_put(float *layer, size_t cap, size_t i, const float *k, const float *v,
	size_t heads, size_t head_size)
{
	size_t h, bytes = head_size * sizeof *layer;

	for (h = 0; h < heads; h++) {
		float *keys = layer + h * 2 * cap * head_size;

		memcpy(keys + i * head_size, k + h * head_size, bytes);
		memcpy(keys + (cap + i) * head_size, v + h * head_size, bytes);
	}
}

void kv_move(float *to, size_t to_cap, const float *from, size_t from_cap,
	size_t runs, size_t n, size_t head_size)
{
	size_t r;

	for (r = 0; r < runs; r++)
		memcpy(to + r * to_cap * head_size,
			from + r * from_cap * head_size,
			n * head_size * sizeof *to);
}
