/* kv.c - cached keys and values: see kernel.h */
#include "common/kernel/kernel.h"

#include <string.h>

#include "common/format/half.h"

/* x (n), fp32, becomes numbers of the type from the i-th of to on. */
static void put(enum dtype type, void *to, size_t i, const float *x, size_t n)
{
	void *at = (char *)to + dtype_bytes(type, i);

	if (type == DTYPE_BF16)
		half_store_bf16(at, x, n);
	else
		memcpy(at, x, n * sizeof *x);
}

void kv_put(enum dtype type, void *layer, size_t cap, size_t i, const float *k,
	const float *v, size_t heads, size_t head_size)
{
	size_t h;

	for (h = 0; h < heads; h++) {
		size_t keys = h * 2 * cap;

		put(type, layer, (keys + i) * head_size, k + h * head_size,
			head_size);
		put(type, layer, (keys + cap + i) * head_size,
			v + h * head_size, head_size);
	}
}

void kv_move(enum dtype type, void *to, size_t to_cap, const void *from,
	size_t from_cap, size_t runs, size_t n, size_t head_size)
{
	size_t r, token = dtype_bytes(type, head_size);

	for (r = 0; r < runs; r++)
		memcpy((char *)to + r * to_cap * token,
			(const char *)from + r * from_cap * token, n * token);
}
