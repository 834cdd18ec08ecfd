/* activation_plain.c - the definition of GELU, SwiGLU and rotary positions:
 * see activation.c and rope.c
 */
#include "common/kernel/numbers.h"
#include "common/kernel/set.h"

#include <math.h>

#define SQRT_2_OVER_PI 0.7978845608028654f
#define CUBIC 0.044715f

static void gelu_loop(struct values_out out, const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float u = SQRT_2_OVER_PI * (x[i] + CUBIC * x[i] * x[i] * x[i]);

		put_number(out, i, 0.5f * x[i] * (1 + tanhf(u)));
	}
}

static void gelu_backward_loop(struct values_out d_x, const float *d_out,
	const float *x, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float u = SQRT_2_OVER_PI * (x[i] + CUBIC * x[i] * x[i] * x[i]);
		float t = tanhf(u);
		float du = SQRT_2_OVER_PI * (1 + 3 * CUBIC * x[i] * x[i]);

		put_number(d_x, i, d_out[i] *
			(0.5f * (1 + t) + 0.5f * x[i] * (1 - t * t) * du));
	}
}

static float sigmoid(float x)
{
	return 1 / (1 + expf(-x));
}

static void swiglu_loop(struct values_out out, const float *gate, const float *up,
	size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put_number(out, i, gate[i] * sigmoid(gate[i]) * up[i]);
}

static void swiglu_backward_loop(struct values_out d_gate, struct values_out d_up,
	const float *d_out, const float *gate, const float *up, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float g = gate[i], s = sigmoid(g);
		float by_gate = up[i] * s * (1 + g * (1 - s));

		put_number(d_up, i, d_out[i] * g * s);
		put_number(d_gate, i, d_out[i] * by_gate);
	}
}

static void rope_loop(float *x, size_t heads, size_t head_size, const float *table,
	float sign)
{
	size_t h, j, half = head_size / 2;

	for (h = 0; h < heads; h++, x += head_size)
		for (j = 0; j < half; j++) {
			float c = table[j], s = sign * table[half + j];
			float a = x[j], b = x[half + j];

			x[j] = a * c - b * s;
			x[half + j] = b * c + a * s;
		}
}

const struct activation_set activation_c = {
	gelu_loop,
	gelu_backward_loop,
	swiglu_loop,
	swiglu_backward_loop,
	rope_loop,
};
