/* activation_simd.c - GELU, SwiGLU and rotary positions in AVX2 and AVX-512:
 * see activation_plain.c
 */
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

#define SQRT_8_OVER_PI 1.5957691216057308f	/* 2 sqrt(2/pi) */
#define CUBIC 0.044715f

FORCE_INLINE vf sigmoid(vf x)
{
	return v_set(1) / (v_set(1) + v_exp(-x));
}

/* (1 + tanh u) / 2 = sigmoid(2u), which has no cancellation for u < 0. */
FORCE_INLINE vf gelu_gate(vf x)
{
	vf inner = v_fma(v_set(CUBIC) * x * x, x, x);

	return sigmoid(v_set(SQRT_8_OVER_PI) * inner);
}

static void gelu_loop(struct values_out out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i += W) {
		vf v = v_load_most(x + i, n - i);

		store_most(out, i, v * gelu_gate(v), n - i);
	}
}

/* With s = sigmoid(y), y = SQRT_8_OVER_PI (x + CUBIC x^3):
 * d(x s)/dx = s + x s (1 - s) dy/dx. */
static void gelu_backward_loop(struct values_out d_x, const float *d_out,
	const float *x, size_t n)
{
	vf one = v_set(1);
	size_t i;

	for (i = 0; i < n; i += W) {
		vf v = v_load_most(x + i, n - i), s = gelu_gate(v);
		vf dy = v_set(SQRT_8_OVER_PI) *
			v_fma(v_set(3 * CUBIC) * v, v, one);
		vf slope = v_fma(v * s * (one - s), dy, s);

		store_most(d_x, i, v_load_most(d_out + i, n - i) * slope, n - i);
	}
}

static void swiglu_loop(struct values_out out, const float *gate, const float *up,
	size_t n)
{
	size_t i;

	for (i = 0; i < n; i += W) {
		vf g = v_load_most(gate + i, n - i);

		store_most(out, i,
			g * sigmoid(g) * v_load_most(up + i, n - i), n - i);
	}
}

static void swiglu_backward_loop(struct values_out d_gate, struct values_out d_up,
	const float *d_out, const float *gate, const float *up, size_t n)
{
	vf one = v_set(1);
	size_t i;

	for (i = 0; i < n; i += W) {
		vf g = v_load_most(gate + i, n - i), s = sigmoid(g);
		vf u = v_load_most(up + i, n - i);
		vf d = v_load_most(d_out + i, n - i);
		vf slope = s * v_fma(g, one - s, one);

		store_most(d_up, i, d * g * s, n - i);
		store_most(d_gate, i, d * u * slope, n - i);
	}
}

static void rope_loop(float *x, size_t heads, size_t head_size,
	const float *table, float sign)
{
	size_t h, j, half = head_size / 2;

	for (h = 0; h < heads; h++, x += head_size)
		for (j = 0; j < half; j += W) {
			vf c = v_load_most(table + j, half - j);
			vf s = v_set(sign) *
				v_load_most(table + half + j, half - j);
			vf a = v_load_most(x + j, half - j);
			vf b = v_load_most(x + half + j, half - j);

			v_store_most(x + j, v_fnma(b, s, a * c), half - j);
			v_store_most(x + half + j, v_fma(a, s, b * c),
				half - j);
		}
}

const struct activation_set ISA_TABLE(activation) = {
	gelu_loop,
	gelu_backward_loop,
	swiglu_loop,
	swiglu_backward_loop,
	rope_loop,
};
