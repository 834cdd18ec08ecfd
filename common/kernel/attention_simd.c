/* attention_simd.c - softmax and its gradient on panels of scores, and the
 * products of decoding, in AVX2 and AVX-512: see attention.c and
 * attention_decode.c
 *
 * A row of a panel is two vectors of 2*W adjacent queries, so each query's
 * largest score and sum stay in one lane, without horizontal reductions.
 */
#include "common/kernel/set.h"
#include "common/kernel/simd.h"

#define COLS (2 * W)

/* Keys summed before they join the total, which bounds the rounding error. */
#define SUM_RUN 64

static void softmax_panel(float *s, size_t n, float scale, float *max,
	float *sum)
{
	vf m0 = v_set(-INFINITY), m1 = m0, by = v_set(scale);
	vf total0 = v_set(0), total1 = total0;
	size_t j, end;

	for (j = 0; j < n; j++) {
		m0 = v_max(m0, v_load(s + j * COLS));
		m1 = v_max(m1, v_load(s + j * COLS + W));
	}
	m0 = m0 * by, m1 = m1 * by;
	v_store(max, m0), v_store(max + W, m1);
	for (j = 0; j < n;) {
		vf sum0 = v_set(0), sum1 = sum0;

		end = n - j < SUM_RUN ? n : j + SUM_RUN;
		for (; j < end; j++) {
			float *row = s + j * COLS;
			vf e0 = v_exp(v_fma(v_load(row), by, -m0));
			vf e1 = v_exp(v_fma(v_load(row + W), by, -m1));

			sum0 = sum0 + e0, sum1 = sum1 + e1;
			v_store(row, e0), v_store(row + W, e1);
		}
		total0 = total0 + sum0, total1 = total1 + sum1;
	}
	v_store(sum, total0), v_store(sum + W, total1);
}

static void grad_panel(float *s, float *dp, size_t n, float scale,
	const float *lse, const float *delta)
{
	vf by = v_set(scale);
	size_t j, half;

	for (half = 0; half < COLS; half += W) {
		vf l = v_load(lse + half), d = v_load(delta + half);

		for (j = 0; j < n; j++) {
			size_t at = j * COLS + half;
			vf p = v_exp(v_fma(v_load(s + at), by, -l));

			v_store(s + at, p);
			v_store(dp + at, by * p * (v_load(dp + at) - d));
		}
	}
}

/* For n <= W queries. */
static void rows_of_half(float *out, size_t stride, const float *x,
	const float *by, size_t n, size_t head_size)
{
	vf f = v_load(by), r[W];
	size_t d, i;

	for (d = 0; d < head_size; d += W) {
		size_t left = head_size - d;

#pragma GCC unroll 16
		for (i = 0; i < W; i++) {
			r[i] = v_set(0);
			if (i < left)
				r[i] = v_load(x + (d + i) * COLS) * f;
		}
		v_transpose(r);
		for (i = 0; i < n; i++)
			v_store_most(out + i * stride + d, r[i], left);
	}
}

static void rows_of_panel(float *out, size_t stride, const float *x,
	const float *by, size_t n, size_t head_size)
{
	rows_of_half(out, stride, x, by, n < W ? n : W, head_size);
	if (n > W)
		rows_of_half(out + W * stride, stride, x + W, by + W, n - W,
			head_size);
}

/* ---- decoding ---- */

/* Functions that read a cache are inlined into copies in which type is a
 * constant: numbers in bf16 become fp32 as they are loaded. */

/* W numbers from the i-th on. */
FORCE_INLINE vf load(enum dtype type, const void *x, size_t i)
{
	return type == DTYPE_F32 ? v_load((const float *)x + i) :
		v_load_bf16((const uint16_t *)x + i);
}

/* n of them, at most W; the other lanes are 0. */
FORCE_INLINE vf load_most(enum dtype type, const void *x, size_t i, size_t n)
{
	uint16_t part[W] = { 0 };

	if (type == DTYPE_F32)
		return v_load_most((const float *)x + i, n);
	if (n >= W)
		return load(type, x, i);
	memcpy(part, (const uint16_t *)x + i, n * sizeof *part);
	return v_load_bf16(part);
}

static void widen(float *out, const void *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += W)
		v_store_most(out + i, load_most(DTYPE_BF16, x, i, n - i),
			n - i);
}

/* The products, not summed, with the n numbers of y from the at-th on. */
FORCE_INLINE vf dot(enum dtype type, const float *x, const void *y, size_t at,
	size_t n)
{
	vf s = v_set(0);
	size_t i;

	for (i = 0; i + W <= n; i += W)
		s = v_fma(v_load(x + i), load(type, y, at + i), s);
	if (i < n)
		s = v_fma(v_load_part(x + i, n - i),
			load_most(type, y, at + i, n - i), s);
	return s;
}

/* The scores of W keys at a time: their products stay vectors until the lanes
 * of all are summed together. Missing keys have score 0. */
FORCE_INLINE float scores_of(enum dtype type, float *score, const float *q,
	const void *k, size_t stride, size_t n, size_t head_size, float scale,
	float most)
{
	vf by = v_set(scale), m = v_set(most), r[W], sum;
	size_t j, i;

	for (j = 0; j + W <= n; j += W) {
#pragma GCC unroll 16
		for (i = 0; i < W; i++)
			r[i] = dot(type, q, k, (j + i) * stride, head_size);
		sum = v_sum_each(r) * by;
		m = v_max(m, sum);
		v_store(score + j, sum);
	}
	if (j == n)
		return v_largest(m);
	for (i = 0; i < W; i++)
		r[i] = v_set(0);
	for (i = 0; i < n - j; i++)
		r[i] = dot(type, q, k, (j + i) * stride, head_size);
	sum = v_sum_each(r) * by;
	v_store_part(score + j, sum, n - j);
	return v_largest(v_max(m, v_first(n - j, sum, m)));
}

static float scores(enum dtype type, float *score, const float *q,
	const void *k, size_t stride, size_t n, size_t head_size, float scale,
	float most)
{
	return type == DTYPE_BF16 ?
		scores_of(DTYPE_BF16, score, q, k, stride, n, head_size, scale,
			most) :
		scores_of(DTYPE_F32, score, q, k, stride, n, head_size, scale,
			most);
}

static float exp_sum(float *score, size_t n, float max)
{
	vf m = v_set(max), sum = v_set(0);
	size_t i;

	for (i = 0; i < n; i += W) {
		vf e = v_exp(v_load_most(score + i, n - i) - m);

		if (n - i < W)
			e = v_first(n - i, e, v_set(0));
		sum = sum + e;
		v_store_most(score + i, e, n - i);
	}
	return v_sum(sum);
}

/* Two vectors of out and n keys: two keys at a time keep as many sums in flight as
 * with four. v: from the at-th number on. */
FORCE_INLINE void half_sum(enum dtype type, float *out, const float *p,
	const void *v, size_t at, size_t stride, size_t n)
{
	vf a = v_load(out), b = v_load(out + W);
	vf c = v_set(0), e = v_set(0);
	size_t j;

	for (j = 0; j + 2 <= n; j += 2, at += 2 * stride) {
		vf w = v_set(p[j]), x = v_set(p[j + 1]);

		a = v_fma(w, load(type, v, at), a);
		b = v_fma(w, load(type, v, at + W), b);
		c = v_fma(x, load(type, v, at + stride), c);
		e = v_fma(x, load(type, v, at + stride + W), e);
	}
	if (j < n) {
		a = v_fma(v_set(p[j]), load(type, v, at), a);
		b = v_fma(v_set(p[j]), load(type, v, at + W), b);
	}
	v_store(out, a + c), v_store(out + W, b + e);
}

/* Four vectors of out, a typical head, stay in registers. */
FORCE_INLINE void weighted_sum_of(enum dtype type, float *out, const float *p,
	const void *v, size_t stride, size_t n, size_t head_size)
{
	size_t d, j;

	for (d = 0; d + 4 * W <= head_size; d += 4 * W) {
		vf a = v_load(out + d), b = v_load(out + d + W);
		vf c = v_load(out + d + 2 * W), e = v_load(out + d + 3 * W);

		for (j = 0; j < n; j++) {
			size_t at = j * stride + d;
			vf w = v_set(p[j]);

			a = v_fma(w, load(type, v, at), a);
			b = v_fma(w, load(type, v, at + W), b);
			c = v_fma(w, load(type, v, at + 2 * W), c);
			e = v_fma(w, load(type, v, at + 3 * W), e);
		}
		v_store(out + d, a), v_store(out + d + W, b);
		v_store(out + d + 2 * W, c), v_store(out + d + 3 * W, e);
	}
	for (; d + 2 * W <= head_size; d += 2 * W)
		for (j = 0; j < n; j += ATTENTION_BLOCK)
			half_sum(type, out + d, p + j, v, j * stride + d, stride,
				n - j < ATTENTION_BLOCK ? n - j : ATTENTION_BLOCK);
	for (; d < head_size; d += W) {
		size_t left = head_size - d;
		vf a = v_load_most(out + d, left);

		for (j = 0; j < n; j++)
			a = v_fma(v_set(p[j]),
				load_most(type, v, j * stride + d, left), a);
		v_store_most(out + d, a, left);
	}
}

static void weighted_sum(enum dtype type, float *out, const float *p,
	const void *v, size_t stride, size_t n, size_t head_size)
{
	if (type == DTYPE_BF16)
		weighted_sum_of(DTYPE_BF16, out, p, v, stride, n, head_size);
	else
		weighted_sum_of(DTYPE_F32, out, p, v, stride, n, head_size);
}

const struct attention_set ISA_TABLE(attention) = {
	softmax_panel,
	grad_panel,
	rows_of_panel,
	widen,
	scores,
	exp_sum,
	weighted_sum,
};
