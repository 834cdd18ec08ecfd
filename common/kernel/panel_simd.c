/* panel_simd.c - products with panels of typed weights: see panel_set in set.h
 *
 * Up to 4 rows are multiplied with numbers that are converted in registers, at
 * least 4 chains of dependent multiply-adds at once, which hides their latency.
 * With more rows a panel is converted to fp32 in memory once.
 */
#include "common/kernel/panel.h"
#include "common/kernel/simd.h"

#define COLS (2 * W)

/* ---- vectors of other numbers as fp32 ---- */

FORCE_INLINE vi v_load_words(const void *p, int zero)
{
	vi words = v_load_int(p);

	if (zero == 128)
		words ^= v_set_int((int32_t)0x80808080);
	return words;
}

/* The upper halves, or the lower ones, which are bfloat16. */
FORCE_INLINE vf v_bf16_half(vi words, bool lower)
{
	return v_bits(lower ? v_shift_left(words, 16) :
		v_and(words, v_set_int((int32_t)0xffff0000)));
}

#if ISA_WIDTH == 16

/* Byte i of the words, signed if zero is 128. */
FORCE_INLINE vf v_bytes(vi words, int i, int zero)
{
	words = _mm512_slli_epi32(words, (unsigned)(24 - 8 * i));
	return _mm512_cvtepi32_ps(zero == 128 ? _mm512_srai_epi32(words, 24) :
		_mm512_srli_epi32(words, 24));
}

/* The 4 bits from `bit` on of the words, minus zero; a table lookup uses the low
 * four bits of an index. */
FORCE_INLINE vf v_nibbles(vi words, int bit, int zero)
{
	const vf table = v_set((float)-zero) + _mm512_setr_ps(0, 1, 2, 3, 4, 5,
		6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

	return _mm512_permutexvar_ps(_mm512_srli_epi32(words, (unsigned)bit),
		table);
}

#else

FORCE_INLINE vf v_bytes(vi words, int i, int zero)
{
	words = _mm256_slli_epi32(words, 24 - 8 * i);
	return _mm256_cvtepi32_ps(zero == 128 ? _mm256_srai_epi32(words, 24) :
		_mm256_srli_epi32(words, 24));
}

FORCE_INLINE vf v_nibbles(vi words, int bit, int zero)
{
	vi q = _mm256_and_si256(_mm256_srli_epi32(words, bit),
		_mm256_set1_epi32(15));

	return _mm256_cvtepi32_ps(
		_mm256_sub_epi32(q, _mm256_set1_epi32(zero)));
}

#endif

/* ---- a block of W columns ---- */

/* All functions here are inlined into copies in which type is a constant. */

struct column_block {
	const char *numbers;
	vf scale[2], minimum;

	/* Of a group of 8 terms: */
	vf by;			/* their scale */
	vi words[2];		/* of 4 bits: words[0] */
};

/* The columns of half h of a panel, whose block is at b. */
FORCE_INLINE void open_block(struct column_block *x, enum dtype type,
	const char *b, int h)
{
	const struct panel_format f = panel_format(type);
	const char *scales = b + f.scale * h * W;

	x->numbers = b + panel_scales(f, COLS) +
		(type == DTYPE_F16 ? 2 : 4) * h * W;
	if (f.scales)
		x->scale[0] = v_load_scales(f.scale, scales, 0);
	if (f.scales == 2)
		x->scale[1] = v_load_scales(f.scale, scales, 1);
	if (f.minimum)
		x->minimum = v_load_scales(f.scale, scales, f.scales);
}

/* The group of 8 terms from t on. */
FORCE_INLINE void open_group(struct column_block *x, enum dtype type, size_t t)
{
	const struct panel_format f = panel_format(type);

	if (f.scales)
		x->by = f.scales == 2 && t >= PANEL_BLOCK / 2 ? x->scale[1] :
			x->scale[0];
	if (f.bits == 16)
		return;
	x->words[0] = v_load_words(x->numbers + t * (size_t)f.bits / 8 * COLS,
		f.zero);
	if (f.bits == 8)
		x->words[1] = v_load_words(x->numbers + (t + 4) * COLS, f.zero);
}

/* Term t + i, where t begins a group. */
FORCE_INLINE vf number(const struct column_block *x, enum dtype type, size_t t,
	int i)
{
	const struct panel_format f = panel_format(type);
	size_t l = t + (size_t)i;
	vf q;

	if (type == DTYPE_F16)
		return v_load_f16(x->numbers + l * 2 * COLS);
	if (type == DTYPE_BF16)
		return v_bf16_half(v_load_int(x->numbers + l / 2 * 4 * COLS),
			l % 2);
	q = f.bits == 4 ?
		v_nibbles(x->words[0], i % 4 * 8 + i / 4 * 4, f.zero) :
		v_bytes(x->words[i / 4], i % 4, f.zero);
	if (f.minimum)
		return v_fma(q, x->by, x->minimum);
	return q * x->by;
}

/* ---- to fp32 panels ---- */

/* n terms of two vectors of columns. */
FORCE_INLINE void expand_block(enum dtype type, float *out, const char *b,
	size_t n)
{
	struct column_block x[2];
	size_t t;
	int i, h;

#pragma GCC unroll 2
	for (h = 0; h < 2; h++)
		open_block(&x[h], type, b, h);
	for (t = 0; t + 8 <= n; t += 8) {
		open_group(&x[0], type, t);
		open_group(&x[1], type, t);
#pragma GCC unroll 8
		for (i = 0; i < 8; i++, out += COLS) {
			v_store(out, number(&x[0], type, t, i));
			v_store(out + W, number(&x[1], type, t, i));
		}
	}
	for (; t < n; t++, out += COLS) {	/* not of integers */
		v_store(out, number(&x[0], type, t, 0));
		v_store(out + W, number(&x[1], type, t, 0));
	}
}

FORCE_INLINE void expand_of(enum dtype type, float *out, const char *panel,
	size_t k)
{
	size_t block = panel_terms(panel_format(type), COLS, PANEL_BLOCK);

	for (; k >= PANEL_BLOCK; k -= PANEL_BLOCK, panel += block) {
		expand_block(type, out, panel, PANEL_BLOCK);
		out += PANEL_BLOCK * COLS;
	}
	if (panel_format(type).bits == 16)
		expand_block(type, out, panel, k);
}

/* ---- few rows ---- */

/* sum (m, panels, 2 vectors) += the products of n terms; those of row r are at
 * a[r], a[r + step] ... */
FORCE_INLINE void multiply_block(vf *sum, enum dtype type, size_t m,
	size_t panels, size_t n, const float *a, size_t step, const char *b,
	size_t stride)
{
	const size_t term = COLS * (size_t)panel_format(type).bits / 8;
	struct column_block x[4];
	size_t t, r, j, all = 2 * panels;
	int i;

#pragma GCC unroll 4
	for (j = 0; j < all; j++)
		open_block(&x[j], type, b + j / 2 * stride, (int)(j % 2));
	for (t = 0; t + 8 <= n; t += 8) {
#pragma GCC unroll 4
		for (j = 0; j < all; j++) {
			if (j % 2 == 0)
				v_fetch(x[j].numbers + t * term, 8 * term);
			open_group(&x[j], type, t);
		}
#pragma GCC unroll 8
		for (i = 0; i < 8; i++, a += step)
#pragma GCC unroll 4
			for (j = 0; j < all; j++) {
				vf w = number(&x[j], type, t, i);

#pragma GCC unroll 4
				for (r = 0; r < m; r++)
					sum[r * all + j] = v_fma(v_set(a[r]), w,
						sum[r * all + j]);
			}
	}
	for (; t < n; t++, a += step)	/* not of integers */
#pragma GCC unroll 4
		for (j = 0; j < all; j++)
#pragma GCC unroll 4
			for (r = 0; r < m; r++)
				sum[r * all + j] = v_fma(v_set(a[r]),
					number(&x[j], type, t, 0),
					sum[r * all + j]);
}

FORCE_INLINE void multiply(vf *sum, enum dtype type, size_t m, size_t panels,
	size_t k, const float *a, size_t step, const char *b, size_t stride)
{
	size_t block = panel_terms(panel_format(type), COLS, PANEL_BLOCK), i;

#pragma GCC unroll 8
	for (i = 0; i < m * panels * 2; i++)
		sum[i] = v_set(0);
	for (; k >= PANEL_BLOCK; k -= PANEL_BLOCK) {
		multiply_block(sum, type, m, panels, PANEL_BLOCK, a, step, b,
			stride);
		a += PANEL_BLOCK * step;
		b += block;
	}
	if (panel_format(type).bits == 16)
		multiply_block(sum, type, m, panels, k, a, step, b, stride);
}

/* A product in terms of the arguments of rows in panel_set. */
struct few_rows {
	size_t m, n, k;
	const float *a;
	const char *b;
	size_t stride;
	float *c;
	size_t c_row;
	const float *bias, *add;
	size_t add_row;
};

/* m rows from row i on, n columns of `panels` panels from column j on. */
FORCE_INLINE void rows_of(const struct few_rows *p, enum dtype type, size_t i,
	size_t m, size_t j, size_t n, size_t panels, size_t stride)
{
	vf sum[8];
	size_t r;

	multiply(sum, type, m, panels, p->k, p->a + i, p->m,
		p->b + j / COLS * p->stride, stride);
	for (r = 0; r < m; r++)
		v_finish(sum + r * panels * 2, n, p->c + (i + r) * p->c_row + j,
			p->bias ? p->bias + j : NULL,
			p->add ? p->add + (i + r) * p->add_row + j : NULL);
}

/* Four rows, pairs of rows, and one row, which needs two panels for four chains:
 * where there is only one, it serves as both. */
FORCE_INLINE void rows_of_type(const struct few_rows *p, enum dtype type)
{
	size_t i = p->m / 2 * 2, j;

	for (j = 0; p->m > 1 && j < p->n; j += COLS) {
		size_t n = p->n - j < COLS ? p->n - j : COLS;

		if (p->m == PANEL_ROWS)
			rows_of(p, type, 0, PANEL_ROWS, j, n, 1, p->stride);
		else
			rows_of(p, type, 0, 2, j, n, 1, p->stride);
	}
	if (i < p->m)
		rows_of(p, type, i, 1, 0, p->n, 2,
			p->n > COLS ? p->stride : 0);
}

/* ---- a copy for each type ---- */

#define EACH_TYPE(X)                                                           \
	X(F16) X(BF16) X(Q8_0) X(Q4_0) X(Q4_1) X(Q5_0) X(Q5_1) X(Q4_K)         \
	X(Q5_K) X(Q6_K)

#define EXPAND(name)                                                           \
	case DTYPE_##name:                                                     \
		expand_of(DTYPE_##name, out, panel, k);                        \
		break;

static void expand(enum dtype type, float *out, const void *panel, size_t k)
{
	switch (type) {
		EACH_TYPE(EXPAND)
	default:
		break;
	}
}

#define ROWS(name)                                                             \
	case DTYPE_##name:                                                     \
		rows_of_type(&p, DTYPE_##name);                                \
		break;

static void rows(enum dtype type, size_t m, size_t n, size_t k, const float *a,
	const void *b, size_t stride, float *c, size_t c_row,
	const float *bias, const float *add, size_t add_row)
{
	const struct few_rows p = { m, n, k, a, b, stride, c, c_row, bias, add,
		add_row };

	switch (type) {
		EACH_TYPE(ROWS)
	default:
		break;
	}
}

const struct panel_set ISA_TABLE(panel) = { expand, rows };
