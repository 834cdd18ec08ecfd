/* kernelgrad - gradients of the plain kernels compared with finite differences
 *
 * Prints a line per kernel: its name and the relative difference; exit 1 if one
 * is beyond the tolerance.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/kernel/kernel.h"

static int failures;

/* n normal numbers, the same for the same key. */
static float *numbers(uint32_t key, size_t n)
{
	float *x = xcalloc(n, sizeof *x);

	vec_normal(x, n, 1, 1, key, 0);
	return x;
}

/* A kernel as a function of one vector: all of its inputs concatenated. backward
 * adds to or writes d_in, which is 0 before. */
struct gradient_case {
	const char *name;
	size_t in, out;
	void (*forward)(const float *in, float *out);
	void (*backward)(const float *in, const float *d_out, float *d_in);
};

enum { ROWS = 3, N = 10 };

/* in: x (ROWS,N), w (N), b (N) */
static void layernorm_case(const float *in, float *out)
{
	layernorm_forward(to_floats(out), NULL, NULL, in, in + ROWS * N,
		in + ROWS * N + N, ROWS, N, 1e-5f);
}

static void layernorm_case_back(const float *in, const float *d_out,
	float *d_in)
{
	float out[ROWS * N], mean[ROWS], rstd[ROWS];
	const float *w = in + ROWS * N;
	float *d_w = d_in + ROWS * N;

	layernorm_forward(to_floats(out), mean, rstd, in, w, w + N, ROWS, N, 1e-5f);
	layernorm_backward(d_in, d_w, d_w + N, d_out, in, w, mean, rstd, ROWS,
		N);
}

static void rmsnorm_case(const float *in, float *out)
{
	rmsnorm_forward(to_floats(out), NULL, in, in + ROWS * N, ROWS, N, 1e-5f);
}

static void rmsnorm_case_back(const float *in, const float *d_out, float *d_in)
{
	float out[ROWS * N], rstd[ROWS];

	rmsnorm_forward(to_floats(out), rstd, in, in + ROWS * N, ROWS, N, 1e-5f);
	rmsnorm_backward(d_in, d_in + ROWS * N, d_out, in, in + ROWS * N, rstd,
		ROWS, N);
}

/* in: x (ROWS, 2, N), w (N) */
static void headnorm_case(const float *in, float *out)
{
	memcpy(out, in, 2 * ROWS * N * sizeof *out);
	headnorm_forward(out, NULL, NULL, in + 2 * ROWS * N, ROWS, 2 * N, 2, N,
		1e-5f);
}

static void headnorm_case_back(const float *in, const float *d_out,
	float *d_in)
{
	float out[2 * ROWS * N], raw[2 * ROWS * N], rstd[2 * ROWS];
	const float *w = in + 2 * ROWS * N;

	memcpy(out, in, sizeof out);
	headnorm_forward(out, raw, rstd, w, ROWS, 2 * N, 2, N, 1e-5f);
	memcpy(d_in, d_out, sizeof out);
	headnorm_backward(d_in, d_in + 2 * ROWS * N, raw, w, rstd, ROWS, 2 * N,
		2, N);
}

static void gelu_case(const float *in, float *out)
{
	gelu_forward(to_floats(out), in, N);
}

static void gelu_case_back(const float *in, const float *d_out, float *d_in)
{
	gelu_backward(to_floats(d_in), d_out, in, N);
}

static void swiglu_case(const float *in, float *out)
{
	swiglu_forward(to_floats(out), in, ROWS, N);
}

static void swiglu_case_back(const float *in, const float *d_out, float *d_in)
{
	swiglu_backward(to_floats(d_in), d_out, in, ROWS, N);
}

static void make_table(float *table)
{
	float frequency[N / 2];
	int i;

	for (i = 0; i < N / 2; i++)
		frequency[i] = powf(100, -2 * (float)i / N);
	rope_table(table, 0, ROWS, N, frequency);
}

static void rope_case(const float *in, float *out)
{
	float table[ROWS * N];

	make_table(table);
	memcpy(out, in, 2 * ROWS * N * sizeof *out);
	rope_forward(out, ROWS, 2 * N, 2, N, table, NULL, ROWS);
}

static void rope_case_back(const float *in, const float *d_out, float *d_in)
{
	float table[ROWS * N];

	make_table(table);
	memcpy(d_in, d_out, 2 * ROWS * N * sizeof *d_in);
	rope_backward(d_in, ROWS, 2 * N, 2, N, table, NULL, ROWS);
}

static const int32_t loss_target[ROWS] = { 3, 0, 7 };

static void loss_case(const float *in, float *out)
{
	float x[ROWS * N];

	memcpy(x, in, sizeof x);
	cross_entropy(x, N, ROWS, N, loss_target, NULL, out, NULL);
}

/* Weight w is the gradient of -w logprob. */
static void loss_case_back(const float *in, const float *d_out, float *d_in)
{
	float logprob[ROWS], weight[ROWS];
	int r;

	for (r = 0; r < ROWS; r++)
		weight[r] = -d_out[r];
	memcpy(d_in, in, ROWS * N * sizeof *d_in);
	cross_entropy(d_in, N, ROWS, N, loss_target, weight, logprob, NULL);
}

/* Two sequences of 6 tokens, 4 query heads on 2, documents from token 3 on. */
enum { T = 6, HD = 4, QKV = 8 * HD };

static const int32_t case_start[2 * T] = { 0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 5 };
static const struct attention case_shape = { 2, T, 0, 4, 2, HD, QKV, QKV,
	4 * HD, 0.5f, case_start, false, DTYPE_F32, COMPUTE_FP32 };

static void attention_case_forward(const float *in, float *out)
{
	attention_forward(&case_shape, out, NULL, in, in + 4 * HD,
		in + 6 * HD);
}

static void attention_case_back(const float *in, const float *d_out,
	float *d_in)
{
	float out[2 * T * 4 * HD], lse[2 * T * 4];

	attention_forward(&case_shape, out, lse, in, in + 4 * HD, in + 6 * HD);
	attention_backward(&case_shape, d_in, d_in + 4 * HD, d_in + 6 * HD,
		d_out, out, lse, in, in + 4 * HD, in + 6 * HD);
}

/* sum of out times d_out, in double, with in[i] shifted by h */
static double moved(const struct gradient_case *c, float *in, size_t i,
	double h, const float *d_out, float *out)
{
	float was = in[i];
	double sum = 0;
	size_t j;

	in[i] = (float)(was + h);
	c->forward(in, out);
	in[i] = was;
	for (j = 0; j < c->out; j++)
		sum += (double)out[j] * d_out[j];
	return sum;
}

/* Five-point differences: their error is 1e-7/h + h^4. */
static void one_gradient(const struct gradient_case *c)
{
	float *in = numbers(1, c->in), *d_out = numbers(2, c->out);
	float *out = xcalloc(c->out, sizeof *out);
	float *d_in = xcalloc(c->in, sizeof *d_in);
	float *want = xcalloc(c->in, sizeof *want);
	const double h = 1.0 / 64;
	double differs;
	size_t i;

	c->backward(in, d_out, d_in);
	for (i = 0; i < c->in; i++)
		want[i] = (float)((8 * (moved(c, in, i, h, d_out, out) -
				moved(c, in, i, -h, d_out, out)) -
			(moved(c, in, i, 2 * h, d_out, out) -
				moved(c, in, i, -2 * h, d_out, out))) /
			(12 * h));
	differs = vec_compare(want, d_in, c->in).relative;
	printf("%s %.1e\n", c->name, differs);
	if (!(differs <= 1e-4))
		failures++;
	free(in), free(d_out), free(out), free(d_in), free(want);
}

int main(void)
{
	static const struct gradient_case cases[] = {
		{ "layernorm", ROWS * N + 2 * N, ROWS * N, layernorm_case,
			layernorm_case_back },
		{ "rmsnorm", ROWS * N + N, ROWS * N, rmsnorm_case,
			rmsnorm_case_back },
		{ "headnorm", 2 * ROWS * N + N, 2 * ROWS * N, headnorm_case,
			headnorm_case_back },
		{ "gelu", N, N, gelu_case, gelu_case_back },
		{ "swiglu", 2 * ROWS * N, ROWS * N, swiglu_case,
			swiglu_case_back },
		{ "rope", 2 * ROWS * N, 2 * ROWS * N, rope_case,
			rope_case_back },
		{ "loss", ROWS * N, ROWS, loss_case, loss_case_back },
		{ "attention", 2 * T * QKV, 2 * T * 4 * HD, attention_case_forward,
			attention_case_back },
	};
	size_t i;

	kernel_use(ISA_C);
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		one_gradient(&cases[i]);
	return failures > 0;
}
