/* wire.c - numbers on their way from one process to another: see wire.h */
#include "common/kernel/wire.h"

#include <stdint.h>
#include <string.h>

#include "common/base/size.h"
#include "common/format/half.h"
#include "common/kernel/set.h"

void wire_pack(void *out, enum dtype type, const float *x, size_t n)
{
	if (type == DTYPE_BF16)
		half_store_bf16(out, x, n);
	else
		memcpy(out, x, n * sizeof *x);
}

enum { PIECE = 1024 };		/* that stays in the level 1 cache */

void wire_add(float *sum, enum dtype type, const void *x, size_t n)
{
	const struct vec_set *set = kernel_set()->vec;
	float wide[PIECE];
	size_t i, k;

	if (type != DTYPE_BF16) {
		set->add(sum, sum, x, n);
		return;
	}
	for (i = 0; i < n; i += k) {
		k = size_min(n - i, PIECE);
		set->widen(wide, (const uint16_t *)x + i, k);
		set->add(sum + i, sum + i, wide, k);
	}
}
