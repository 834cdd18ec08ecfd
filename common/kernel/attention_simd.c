/* attention_simd.c - softmax and its gradient on panels of scores, and the
 * products of decoding, in AVX2 and AVX-512: see attention.c and
 * attention_decode.c
 *
 * A row of a panel is two vectors of 2*W adjacent queries, so each query's
 * largest score and sum stay in one lane, without horizontal reductions.
 */
#include "common/base/size.h"
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

#define COLS (2 * W)

/* ---- keys in blocks ---- */

/* n <= W keys become lanes: out[d * KV_BLOCK + i] = k[i * stride + d]. */
static void pack_lanes(float *out, const float *k, size_t stride, size_t n,
	size_t head_size)
{
	vf r[W];
	size_t d, i;

	for (d = 0; d < head_size; d += W) {
		size_t left = head_size - d;

#pragma GCC unroll 16
		for (i = 0; i < W; i++) {
			r[i] = v_set(0);
			if (i < n)
				r[i] = v_load_most(k + i * stride + d, left);
		}
		v_transpose(r);
		for (i = 0; i < W && i < left; i++)
			v_store(out + (d + i) * KV_BLOCK, r[i]);
	}
}

static void pack_keys(float *out, const float *k, size_t stride, size_t n,
	size_t head_size)
{
	size_t j, lane;

	for (j = 0; j < n; j += KV_BLOCK)
		for (lane = 0; lane < KV_BLOCK; lane += W) {
			size_t left = n > j + lane ? n - j - lane : 0;

			pack_lanes(out + j * head_size + lane,
				k + (j + lane) * stride, stride,
				left < W ? left : W, head_size);
		}
}

/* Keys at a time; two vectors of queries for each are more sums in flight than
 * the adders' latency needs. */
#define KEYS (W == 16 ? 8 : 4)

/* KEYS rows of a panel, from keys that are lanes of a block. */
static void score_rows(float *s, const float *keys, const float *q,
	size_t head_size)
{
	vf x[KEYS][2];
	size_t d, i;

#pragma GCC unroll 8
	for (i = 0; i < KEYS; i++)
		x[i][0] = x[i][1] = v_set(0);
	for (d = 0; d < head_size; d++, keys += KV_BLOCK, q += COLS) {
		vf q0 = v_load(q), q1 = v_load(q + W);

#pragma GCC unroll 8
		for (i = 0; i < KEYS; i++) {
			vf k = v_set(keys[i]);

			x[i][0] = v_fma(k, q0, x[i][0]);
			x[i][1] = v_fma(k, q1, x[i][1]);
		}
	}
#pragma GCC unroll 8
	for (i = 0; i < KEYS; i++) {
		v_store(s + i * COLS, x[i][0]);
		v_store(s + i * COLS + W, x[i][1]);
	}
}

static void score_panel(float *s, const float *keys, const float *q, size_t n,
	size_t head_size)
{
	size_t j, lane;

	for (j = 0; j < n; j += KV_BLOCK)
		for (lane = 0; lane < KV_BLOCK; lane += KEYS)
			score_rows(s + (j + lane) * COLS,
				keys + j * head_size + lane, q, head_size);
}

/* ---- softmax ---- */

/* A sum of weights in the 32-bit lanes of vectors: of all lanes, each of which carries
 * into the one above it, and of the odd ones. */
struct lane_sum {
	vi all, odd;
};

/* Adds the weights e of multiples of 1 / ATTENTION_ONE. */
FORCE_INLINE void add_weights(struct lane_sum *s, vf e)
{
	vi x = v_to_int(e * v_set(ATTENTION_ONE));

	s->all = v_add_64(s->all, x);
	s->odd = v_add_64(s->odd, v_shift_right_64(x, 32));
}

/* sum (W) = those of the lanes. */
FORCE_INLINE void store_sums(uint64_t *sum, struct lane_sum s)
{
	uint64_t all[W / 2], odd[W / 2];
	size_t i;

	v_store_int(all, s.all), v_store_int(odd, s.odd);
	for (i = 0; i < W / 2; i++) {
		sum[2 * i] = all[i] - (odd[i] << 32);
		sum[2 * i + 1] = odd[i];
	}
}

static void softmax_panel(float *s, size_t n, float scale, float *max,
	uint64_t *sum)
{
	vf m0 = v_set(-INFINITY), m1 = m0, by = v_set(scale);
	vi zero = v_set_int(0);
	struct lane_sum sum0 = { zero, zero }, sum1 = sum0;
	size_t j;

	for (j = 0; j < n; j++) {
		m0 = v_max(m0, v_load(s + j * COLS));
		m1 = v_max(m1, v_load(s + j * COLS + W));
	}
	for (j = 0; j < n; j++, s += COLS) {
		vf e0 = v_exp_below((v_load(s) - m0) * by);
		vf e1 = v_exp_below((v_load(s + W) - m1) * by);

		add_weights(&sum0, e0), add_weights(&sum1, e1);
		v_store(s, e0), v_store(s + W, e1);
	}
	v_store(max, m0), v_store(max + W, m1);
	store_sums(sum, sum0), store_sums(sum + W, sum1);
}

static uint64_t softmax(float *score, size_t n, float scale)
{
	vf m = v_set(-INFINITY), by = v_set(scale);
	vi zero = v_set_int(0);
	struct lane_sum s = { zero, zero };
	uint64_t lane[W], sum = 0;
	size_t j;

	for (j = 0; j < n; j += W)
		m = v_max(m, v_load(score + j));
	m = v_set(v_largest(m));
	for (j = 0; j < n; j += W) {
		vf e = v_exp_below((v_load(score + j) - m) * by);

		add_weights(&s, e);
		v_store(score + j, e);
	}
	store_sums(lane, s);
	for (j = 0; j < W; j++)
		sum += lane[j];
	return sum;
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
FORCE_INLINE vf load_most_of(enum dtype type, const void *x, size_t i, size_t n)
{
	return load_most(type == DTYPE_F32 ? floats(x) :
		(struct values){ NULL, x }, i, n);
}

/* Several heads use a vector of keys or values while it is in a register. Vectors of
 * sums of each, so that enough are in flight to hide the adders' latency, and all stay
 * in registers. */
#define HEADS 4
#define VECTORS 4

/* The scores of vecs * W adjacent keys of a block or of several. */
FORCE_INLINE void scores_of(enum dtype type, size_t heads, size_t vecs, float *score,
	size_t stride, const float *q, const void *k, size_t at, size_t head_size)
{
	vf s[HEADS][8];
	size_t d, i, h;

#pragma GCC unroll 4
	for (h = 0; h < heads; h++)
#pragma GCC unroll 8
		for (i = 0; i < vecs; i++)
			s[h][i] = v_set(0);
	for (d = 0; d < head_size; d++, at += KV_BLOCK)
#pragma GCC unroll 8
		for (i = 0; i < vecs; i++) {
			vf x = load(type, k, at + kv_key(i * W, head_size));

			if (heads > 1)
				x = v_keep(x);
#pragma GCC unroll 4
			for (h = 0; h < heads; h++)
				s[h][i] = v_fma(v_set(q[h * head_size + d]), x,
					s[h][i]);
		}
#pragma GCC unroll 4
	for (h = 0; h < heads; h++)
#pragma GCC unroll 8
		for (i = 0; i < vecs; i++)
			v_store(score + h * stride + i * W, s[h][i]);
}

/* Those of n keys in whole blocks, `vecs` vectors at a time, then those of up to three
 * blocks that remain. */
FORCE_INLINE void scores_by(enum dtype type, size_t heads, size_t vecs, float *score,
	size_t stride, const float *q, const void *k, size_t at, size_t n,
	size_t head_size)
{
	const size_t block = KV_BLOCK / W;
	size_t j = 0, i;

	for (; j + vecs * W <= n; j += vecs * W)
		scores_of(type, heads, vecs, score + j, stride, q, k,
			at + j * head_size, head_size);
#pragma GCC unroll 3
	for (i = 3; i > 0; i--)
		if (vecs > i * block && n - j == i * KV_BLOCK)
			scores_of(type, heads, i * block, score + j, stride, q, k,
				at + j * head_size, head_size);
}

FORCE_INLINE void scores_type(enum dtype type, size_t heads, float *score,
	size_t stride, const float *q, const void *k, size_t at, size_t n,
	size_t head_size)
{
	switch (heads) {
	case 1:
		scores_by(type, 1, 64 / W, score, stride, q, k, at, n, head_size);
		break;
	case 2:
		scores_by(type, 2, 4, score, stride, q, k, at, n, head_size);
		break;
	case 3:
		scores_by(type, 3, 2, score, stride, q, k, at, n, head_size);
		break;
	default:
		scores_by(type, 4, 2, score, stride, q, k, at, n, head_size);
	}
}

/* Keys or values that all heads use before the next ones are read: they remain in the
 * level 1 cache. */
#define CACHED 64

static void scores(enum dtype type, float *score, size_t stride, const float *q,
	size_t heads, const void *k, size_t n, size_t head_size)
{
	size_t all = kv_round(n), j, h;

	for (j = 0; j < all; j += CACHED)
		for (h = 0; h < heads; h += HEADS) {
			size_t m = size_min(HEADS, heads - h);
			size_t keys = size_min(CACHED, all - j);
			float *to = score + h * stride + j;
			const float *from = q + h * head_size;

			if (type == DTYPE_BF16)
				scores_type(DTYPE_BF16, m, to, stride, from, k,
					j * head_size, keys, head_size);
			else
				scores_type(DTYPE_F32, m, to, stride, from, k,
					j * head_size, keys, head_size);
		}
	for (h = 0; h < heads; h++)
		for (j = n; j < all; j++)
			score[h * stride + j] = -INFINITY;
}

/* vecs vectors of the outputs of heads, the last one of `part` lanes, += n values;
 * v: from the at-th number on. */
FORCE_INLINE void sums_of(enum dtype type, size_t heads, size_t vecs, size_t part,
	float *out, const float *weight, size_t stride, const void *v, size_t at,
	size_t n, size_t head_size)
{
	vf s[HEADS][VECTORS];
	size_t j, i, h;

#pragma GCC unroll 4
	for (h = 0; h < heads; h++)
#pragma GCC unroll 4
		for (i = 0; i < vecs; i++)
			s[h][i] = v_load_most(out + h * head_size + i * W, part);
	for (j = 0; j < n; j++, at += head_size)
#pragma GCC unroll 4
		for (i = 0; i < vecs; i++) {
			vf x = load_most_of(type, v, at + i * W, part);

			if (heads > 1)
				x = v_keep(x);
#pragma GCC unroll 4
			for (h = 0; h < heads; h++)
				s[h][i] = v_fma(v_set(weight[h * stride + j]), x,
					s[h][i]);
		}
#pragma GCC unroll 4
	for (h = 0; h < heads; h++)
#pragma GCC unroll 4
		for (i = 0; i < vecs; i++)
			v_store_most(out + h * head_size + i * W, s[h][i], part);
}

FORCE_INLINE void sums_by(enum dtype type, size_t heads, float *out,
	const float *weight, size_t stride, const void *v, size_t at, size_t n,
	size_t head_size)
{
	size_t d = 0;

	for (; d + 4 * W <= head_size; d += 4 * W)
		sums_of(type, heads, 4, W, out + d, weight, stride, v, at + d, n,
			head_size);
	if (d + 2 * W <= head_size) {
		sums_of(type, heads, 2, W, out + d, weight, stride, v, at + d, n,
			head_size);
		d += 2 * W;
	}
	if (d + W <= head_size) {
		sums_of(type, heads, 1, W, out + d, weight, stride, v, at + d, n,
			head_size);
		d += W;
	}
	if (d < head_size)
		sums_of(type, heads, 1, head_size - d, out + d, weight, stride, v,
			at + d, n, head_size);
}

FORCE_INLINE void sums_type(enum dtype type, size_t heads, float *out,
	const float *weight, size_t stride, const void *v, size_t at, size_t n,
	size_t head_size)
{
	switch (heads) {
	case 1:
		sums_by(type, 1, out, weight, stride, v, at, n, head_size);
		break;
	case 2:
		sums_by(type, 2, out, weight, stride, v, at, n, head_size);
		break;
#if ISA_WIDTH == 16
	case 3:
		sums_by(type, 3, out, weight, stride, v, at, n, head_size);
		break;
	default:
		sums_by(type, 4, out, weight, stride, v, at, n, head_size);
#endif
	}
}

static void weighted_sum(enum dtype type, float *out, const float *weight,
	size_t stride, size_t heads, const void *v, size_t n, size_t head_size)
{
	size_t most = W == 16 ? 4 : 2, j, h;

	for (j = 0; j < n; j += CACHED)
		for (h = 0; h < heads; h += most) {
			size_t m = size_min(most, heads - h);
			size_t values = size_min(CACHED, n - j);
			float *to = out + h * head_size;
			const float *w = weight + h * stride + j;

			if (type == DTYPE_BF16)
				sums_type(DTYPE_BF16, m, to, w, stride, v,
					j * head_size, values, head_size);
			else
				sums_type(DTYPE_F32, m, to, w, stride, v,
					j * head_size, values, head_size);
		}
}

const struct attention_set ISA_TABLE(attention) = {
	pack_keys,
	score_panel,
	softmax_panel,
	grad_panel,
	rows_of_panel,
	scores,
	softmax,
	weighted_sum,
};
