/* panel.c - panels of packed weights, filled and read by column: see panel.h */
#include "common/kernel/panel.h"

#include <stdint.h>
#include <string.h>

#define LINE 64

size_t panel_bytes(enum dtype type, size_t cols, size_t k)
{
	return (dtype_bytes(type, cols * k) + LINE - 1) / LINE * LINE;
}

/* The bits of the exponent, all of which are set in NaN and infinity. */
static unsigned exponent_bits(enum dtype type)
{
	return type == DTYPE_F16 ? 0x7c00 : 0x7f80;
}

/* out[i*stride] = number i of `from`; false if one is not finite. */
static bool put_halves(uint16_t *out, size_t stride, const void *from, size_t n,
	unsigned exponent)
{
	const char *p = from;
	bool finite = true;
	size_t i;

	for (i = 0; i < n; i++) {
		uint16_t x;

		memcpy(&x, p + i * sizeof x, sizeof x);
		out[i * stride] = x;
		finite &= (x & exponent) != exponent;
	}
	return finite;
}

bool panel_put_column(enum dtype type, void *panel, size_t cols, size_t j,
	size_t l, size_t n, const void *from)
{
	return put_halves((uint16_t *)panel + l * cols + j, cols, from, n,
		exponent_bits(type));
}

bool panel_put_term(enum dtype type, void *panel, size_t cols, size_t n,
	size_t l, const void *from)
{
	return put_halves((uint16_t *)panel + l * cols, 1, from, n,
		exponent_bits(type));
}

void panel_column(float *out, enum dtype type, const void *panel, size_t cols,
	size_t j, size_t k)
{
	const uint16_t *x = (const uint16_t *)panel + j;
	size_t l;

	for (l = 0; l < k; l++)
		dtype_row(type)->to_float(out + l, x + l * cols, 1);
}
