/* kv.c - cached keys and values: see kernel.h */
#include "common/kernel/kernel.h"

#include <string.h>

#include "common/format/half.h"

/* Numbers that are converted at once. */
#define PART 64

/* x (n), fp32, becomes numbers of the type from the i-th of `to` on, at steps of
 * `step`. */
static void put(enum dtype type, void *to, size_t i, size_t step, const float *x,
	size_t n)
{
	uint16_t half[PART];
	size_t d, m, j;

	if (type == DTYPE_F32) {
		for (d = 0; d < n; d++)
			((float *)to)[i + d * step] = x[d];
		return;
	}
	for (d = 0; d < n; d += m) {
		m = n - d < PART ? n - d : PART;
		half_store_bf16(half, x + d, m);
		for (j = 0; j < m; j++)
			((uint16_t *)to)[i + (d + j) * step] = half[j];
	}
}

void kv_put(enum dtype type, void *layer, size_t cap, size_t i, const float *k,
	const float *v, size_t heads, size_t head_size)
{
	size_t h, block = KV_BLOCK * head_size;

	for (h = 0; h < heads; h++, k += head_size, v += head_size) {
		char *keys = (char *)layer +
			dtype_bytes(type, h * 2 * cap * head_size);
		char *values = keys + dtype_bytes(type, cap * head_size);

		if (i % KV_BLOCK == 0) {
			size_t at = dtype_bytes(type, i * head_size);

			memset(keys + at, 0, dtype_bytes(type, block));
			memset(values + at, 0, dtype_bytes(type, block));
		}
		put(type, keys, kv_key(i, head_size), KV_BLOCK, k, head_size);
		put(type, values, i * head_size, 1, v, head_size);
	}
}

void kv_move(enum dtype type, void *to, size_t to_cap, const void *from,
	size_t from_cap, size_t runs, size_t n, size_t head_size)
{
	size_t r, token = dtype_bytes(type, head_size);

	for (r = 0; r < runs; r++)
		memcpy((char *)to + r * to_cap * token,
			(const char *)from + r * from_cap * token,
			kv_round(n) * token);
}
