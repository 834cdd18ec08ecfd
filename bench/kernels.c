/* kernels - microseconds per token of each kernel of a small llama's layer
 * (width 384, 6 heads, T = 512, 8 sequences), beside the time its matrix
 * products take. usage: kernels [THREADS]
 */
#include "bench/peak.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"

enum { B = 8, T = 512, C = 384, H = 6, HD = 64, F = 1024, V = 8192, R = B * T };

static const struct attention shape = { B, T, 0, H, H, HD, 3 * C, 3 * C, C,
	0.125f, NULL, false, DTYPE_F32, COMPUTE_FP32 };

static float *x, *y, *qkv, *d_qkv, *wide, *d_wide, *w, *d_w, *lse, *rstd;
static float *table, *logits, *big, *m, *v;
static int32_t target[R];

static void attention_fwd(void)
{
	attention_forward(&shape, x, lse, qkv, qkv + C, qkv + 2 * C);
}

static void attention_bwd(void)
{
	attention_backward(&shape, d_qkv, d_qkv + C, d_qkv + 2 * C, y, x, lse,
		qkv, qkv + C, qkv + 2 * C);
}

static void rmsnorm_fwd(void)
{
	rmsnorm_forward(to_floats(y), rstd, x, w, R, C, 1e-5f);
}

static void rmsnorm_bwd(void)
{
	rmsnorm_backward(y, d_w, x, x, w, rstd, R, C);
}

static void layernorm_fwd(void)
{
	layernorm_forward(to_floats(y), rstd, rstd, x, w, w, R, C, 1e-5f);
}

static void layernorm_bwd(void)
{
	layernorm_backward(y, d_w, d_w, x, x, w, rstd, rstd, R, C);
}

static void rope(void)
{
	rope_forward(d_qkv, R, 3 * C, 2 * H, HD, table, NULL, T);
}

static void swiglu_fwd(void)
{
	swiglu_forward(to_floats(d_wide), wide, R, F);
}

static void swiglu_bwd(void)
{
	swiglu_backward(to_floats(d_wide), big, wide, R, F);
}

static void gelu_fwd(void)
{
	gelu_forward(to_floats(d_wide), wide, R * 4 * C);
}

static void gelu_bwd(void)
{
	gelu_backward(to_floats(d_wide), big, wide, R * 4 * C);
}

static void bias(void)
{
	bias_backward(d_w, floats(wide), R, 2 * F, 2 * F);
}

static void loss(void)
{
	static float weight[R], logprob[R];

	cross_entropy(logits, V, R, V, target, weight, logprob, NULL);
}

static void gather(void)
{
	embedding_forward(y, target, logits, R, C, false);
}

static void scatter(void)
{
	embedding_backward(big, target, x, R, C);
}

static void adamw(void)
{
	struct adamw o = { 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3, 1 };

	adamw_step(&o, logits, m, v, big, R * 2 * F);
}

static void norm(void)
{
	vec_sum_squares(big, R * 2 * F);
}

/* The matrix products of one layer, forward. */
static void products(void)
{
	matmul_nt(d_qkv, x, logits, R, 3 * C, C, NULL, NULL);
	matmul_nt(y, x, logits, R, C, C, NULL, NULL);
	matmul_nt(d_wide, x, logits, R, 2 * F, C, NULL, NULL);
	matmul_nt(y, wide, logits, R, C, F, NULL, NULL);
}

static double seconds(void (*fn)(void))
{
	double best = 1e9;
	int run;

	fn();
	for (run = 0; run < 7; run++) {
		double t = clock_seconds();

		fn();
		t = clock_seconds() - t;
		best = t < best ? t : best;
	}
	return best;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(void);
		double flop;	/* per token; 0 unless matrix products dominate */
	} kernels[] = {
		{ "matmuls of a layer", products,
			2.0 * C * (4 * C + 3 * F) },
		{ "attention forward", attention_fwd, 2.0 * T * C },
		{ "attention backward", attention_bwd, 5.0 * T * C },
		{ "rmsnorm forward", rmsnorm_fwd, 0 },
		{ "rmsnorm backward", rmsnorm_bwd, 0 },
		{ "layernorm forward", layernorm_fwd, 0 },
		{ "layernorm backward", layernorm_bwd, 0 },
		{ "rope", rope, 0 },
		{ "swiglu forward", swiglu_fwd, 0 },
		{ "swiglu backward", swiglu_bwd, 0 },
		{ "gelu forward", gelu_fwd, 0 },
		{ "gelu backward", gelu_bwd, 0 },
		{ "bias gradient", bias, 0 },
		{ "cross-entropy", loss, 0 },
		{ "embedding forward", gather, 0 },
		{ "embedding backward", scatter, 0 },
		{ "adamw, 8.4M parameters", adamw, 0 },
		{ "norm, 8.4M parameters", norm, 0 },
	};
	double peak;
	size_t i;

	err_init(argv[0]);
	if (argc > 1)
		parallel_threads(atoi(argv[1]));
	peak = bench_peak(parallel_count());
	x = numbers(R * C), y = numbers(R * C), big = numbers((size_t)R * V);
	qkv = numbers(R * 3 * C), d_qkv = numbers(R * 3 * C);
	wide = numbers(R * 2 * F), d_wide = numbers(R * 2 * F);
	w = numbers(2 * F), d_w = numbers(2 * F), lse = numbers(R * H);
	rstd = numbers(R), table = numbers(T * HD);
	logits = numbers((size_t)R * V);
	m = numbers(R * 2 * F), v = numbers(R * 2 * F);
	for (i = 0; i < R * 2 * F; i++)
		v[i] = fabsf(v[i]);
	for (i = 0; i < R; i++)
		target[i] = (int32_t)(i * 2654435761u % V);
	printf("# %s, %d threads, FMA peak %.1f GFLOP/s\n",
		cpu_isa_name(cpu_isa()), parallel_count(), peak / 1e9);
	printf("kernel\tus/token\tof peak\n");
	for (i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		double t = seconds(kernels[i].fn) / R;

		printf("%-24s\t%.3f", kernels[i].name, 1e6 * t);
		if (kernels[i].flop > 0)
			printf("\t%.0f%%", 100 * kernels[i].flop / t / peak);
		putchar('\n');
	}
	return 0;
}
