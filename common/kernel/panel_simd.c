/* panel_simd.c - products with panels of typed weights: see panel_set in set.h
 *
 * One row by up to 2 panels: each vector of 16 columns is a chain of dependent
 * multiply-adds, whose latency 4 chains hide. With more rows a panel is
 * converted once and multiplied as fp32.
 */
#include "common/kernel/panel.h"
#include "common/kernel/simd.h"

#define COLS (2 * W)

/* ---- numbers of a panel as fp32 ---- */

#if ISA_WIDTH == 16

FORCE_INLINE vf v_load_f16(const uint16_t *p)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256((const void *)p));
}

FORCE_INLINE vf v_load_bf16(const uint16_t *p)
{
	return v_bits(_mm512_slli_epi32(_mm512_cvtepu16_epi32(
		_mm256_loadu_si256((const void *)p)), 16));
}

#else

FORCE_INLINE vf v_load_f16(const uint16_t *p)
{
	return _mm256_cvtph_ps(_mm_loadu_si128((const void *)p));
}

FORCE_INLINE vf v_load_bf16(const uint16_t *p)
{
	return v_bits(_mm256_slli_epi32(_mm256_cvtepu16_epi32(
		_mm_loadu_si128((const void *)p)), 16));
}

#endif

/* Term l of W columns, the half h of the panel. type is a constant in every
 * copy of this function. */
FORCE_INLINE vf numbers(enum dtype type, const void *panel, size_t l, int h)
{
	const uint16_t *p = (const uint16_t *)panel + l * COLS + h * W;

	return type == DTYPE_F16 ? v_load_f16(p) : v_load_bf16(p);
}

/* ---- to fp32 panels ---- */

FORCE_INLINE void expand_of(enum dtype type, float *out, const void *panel,
	size_t k)
{
	size_t l;

	for (l = 0; l < k; l++, out += COLS) {
		v_store(out, numbers(type, panel, l, 0));
		v_store(out + W, numbers(type, panel, l, 1));
	}
}

static void expand(enum dtype type, float *out, const void *panel, size_t k)
{
	if (type == DTYPE_F16)
		expand_of(DTYPE_F16, out, panel, k);
	else
		expand_of(DTYPE_BF16, out, panel, k);
}

/* ---- one row ---- */

FORCE_INLINE void multiply(vf *x, enum dtype type, int panels, size_t k,
	const float *a, const char *b, size_t stride)
{
	size_t l;
	int i;

#pragma GCC unroll 4
	for (i = 0; i < 2 * panels; i++)
		x[i] = v_set(0);
	for (l = 0; l < k; l++) {
		vf q = v_set(a[l]);

#pragma GCC unroll 2
		for (i = 0; i < panels; i++) {
			const char *p = b + (size_t)i * stride;

			x[2 * i] = v_fma(q, numbers(type, p, l, 0), x[2 * i]);
			x[2 * i + 1] = v_fma(q, numbers(type, p, l, 1),
				x[2 * i + 1]);
		}
	}
}

/* c (n) = x [+ bias] [+ add]. */
FORCE_INLINE void finish(const vf *x, size_t n, float *c, const float *bias,
	const float *add)
{
	size_t j;

	for (j = 0; j < n; j += W, x++) {
		size_t part = n - j < W ? n - j : W;
		vf y = *x;

		if (bias)
			y = y + v_load_most(bias + j, part);
		if (add)
			y = y + v_load_most(add + j, part);
		v_store_most(c + j, y, part);
	}
}

FORCE_INLINE void row_of(enum dtype type, size_t n, size_t k, const float *a,
	const void *b, size_t stride, float *c, const float *bias,
	const float *add)
{
	vf x[4];

	if (n > COLS)
		multiply(x, type, 2, k, a, b, stride);
	else
		multiply(x, type, 1, k, a, b, stride);
	finish(x, n, c, bias, add);
}

static void row(enum dtype type, size_t n, size_t k, const float *a,
	const void *b, size_t stride, float *c, const float *bias,
	const float *add)
{
	if (type == DTYPE_F16)
		row_of(DTYPE_F16, n, k, a, b, stride, c, bias, add);
	else
		row_of(DTYPE_BF16, n, k, a, b, stride, c, bias, add);
}

const struct panel_set ISA_TABLE(panel) = { expand, row };
