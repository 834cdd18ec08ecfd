/* kernels - the fast kernels but matrix products and attention compared with the plain
 * ones: see kernels.h */
#include "common/base/rng.h"
#include "common/kernel/numbers.h"
#include "t/unit/kernels.h"

/* ---- norms ---- */

static void one_norm(size_t rows, size_t n)
{
	float *x = numbers(1, rows * n, 2), *w = numbers(2, n, 1);
	float *b = numbers(3, n, 1), *d_out = numbers(4, rows * n, 1);
	float *out[2], *d_x[2], *mean[2], *rstd[2], *d_w[2], *d_b[2];
	int i;

	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		out[i] = blank(rows * n);
		mean[i] = blank(rows), rstd[i] = blank(rows);
		d_x[i] = numbers(5, rows * n, 1);
		d_w[i] = numbers(6, n, 1), d_b[i] = numbers(7, n, 1);
		layernorm_forward(to_floats(out[i]), mean[i], rstd[i], x, w, b, rows, n,
			1e-5f);
		layernorm_backward(d_x[i], d_w[i], d_b[i], d_out, x, w,
			mean[0], rstd[0], rows, n);
	}
	compare("layernorm", out[1], out[0], rows * n, 1e-6);
	/* The sum's error is relative to the numbers, not to their mean. */
	for (size_t r = 0; r < rows; r++)
		mean[0][r] += 1, mean[1][r] += 1;
	compare("layernorm mean", mean[1], mean[0], rows, 1e-6);
	compare("layernorm rstd", rstd[1], rstd[0], rows, 1e-6);
	compare("layernorm d_x", d_x[1], d_x[0], rows * n, 1e-6);
	compare("layernorm d_w", d_w[1], d_w[0], n, 1e-6);
	compare("layernorm d_b", d_b[1], d_b[0], n, 1e-6);
	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		rmsnorm_forward(to_floats(out[i]), rstd[i], x, w, rows, n, 1e-5f);
		rmsnorm_backward(d_x[i], d_w[i], d_out, x, w, rstd[0], rows,
			n);
	}
	compare("rmsnorm", out[1], out[0], rows * n, 1e-6);
	compare("rmsnorm rstd", rstd[1], rstd[0], rows, 1e-6);
	compare("rmsnorm d_x", d_x[1], d_x[0], rows * n, 1e-6);
	compare("rmsnorm d_w", d_w[1], d_w[0], n, 1e-6);
	for (i = 0; i < 2; i++) {
		free(out[i]), free(d_x[i]), free(mean[i]);
		free(rstd[i]), free(d_w[i]), free(d_b[i]);
	}
	free(x), free(w), free(b), free(d_out);
}

/* Heads in wider rows, compared with the same heads as separate rows. */
static void one_headnorm(size_t rows, size_t heads, size_t hd)
{
	size_t n = heads * hd, stride = n + 5, r;
	float *x = numbers(1, rows * n, 1), *w = numbers(2, hd, 1);
	float *d_out = numbers(3, rows * n, 1), *wide = blank(rows * stride);
	float *want = blank(rows * n), *rstd = blank(rows * heads);
	float *raw = blank(rows * n), *got = blank(rows * n);
	float *d_x = xcalloc(rows * n, sizeof *d_x);
	float *d_w = numbers(4, hd, 1), *d_w_got = numbers(4, hd, 1);

	kernel_use(isa);
	rmsnorm_forward(to_floats(want), rstd, x, w, rows * heads, hd, 1e-5f);
	rmsnorm_backward(d_x, d_w, d_out, x, w, rstd, rows * heads, hd);
	for (r = 0; r < rows; r++)
		memcpy(wide + r * stride, x + r * n, n * sizeof *x);
	headnorm_forward(wide, raw, rstd, w, rows, stride, heads, hd, 1e-5f);
	for (r = 0; r < rows; r++) {
		memcpy(got + r * n, wide + r * stride, n * sizeof *x);
		memcpy(wide + r * stride, d_out + r * n, n * sizeof *x);
	}
	compare("headnorm", got, want, rows * n, 0);
	compare("headnorm raw", raw, x, rows * n, 0);
	headnorm_backward(wide, d_w_got, raw, w, rstd, rows, stride, heads,
		hd);
	for (r = 0; r < rows; r++)
		memcpy(got + r * n, wide + r * stride, n * sizeof *x);
	compare("headnorm d_x", got, d_x, rows * n, 0);
	compare("headnorm d_w", d_w_got, d_w, hd, 1e-6);
	free(x), free(w), free(d_out), free(wide), free(want), free(rstd);
	free(raw), free(got), free(d_x), free(d_w), free(d_w_got);
}

static void test_norm(void)
{
	static const size_t shape[][2] = { { 1, 1 }, { 1, 5 }, { 3, 16 },
		{ 200, 33 }, { 70, 384 }, { 1000, 77 }, { 5, 1000 } };
	size_t i;

	for (i = 0; i < LENGTH(shape); i++)
		one_norm(shape[i][0], shape[i][1]);
	one_headnorm(1, 1, 2);
	one_headnorm(9, 3, 20);
	one_headnorm(200, 2, 64);
}

/* ---- activations and rotary positions ---- */

static void one_activation(size_t rows, size_t n)
{
	float *x = numbers(1, 2 * rows * n, 2), *d = numbers(2, rows * n, 1);
	float *out[2], *d_x[2];
	int i;

	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		out[i] = blank(rows * n);
		d_x[i] = copy_of(d, rows * n);
		gelu_forward(to_floats(out[i]), x, rows * n);
		gelu_backward(to_floats(d_x[i]), d_x[i], x, rows * n);	/* in place */
	}
	compare("gelu", out[1], out[0], rows * n, 1e-6);
	compare("gelu d_x", d_x[1], d_x[0], rows * n, 1e-6);
	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		free(d_x[i]);
		d_x[i] = copy_of(x, 2 * rows * n);
		swiglu_forward(to_floats(out[i]), x, rows, n);
		swiglu_backward(to_floats(d_x[i]), d, d_x[i], rows, n);	/* in place */
	}
	compare("swiglu", out[1], out[0], rows * n, 3e-7);
	compare("swiglu d", d_x[1], d_x[0], 2 * rows * n, 3e-7);
	free(x), free(d), free(out[0]), free(out[1]);
	free(d_x[0]), free(d_x[1]);
}

static void one_rope(size_t time, size_t heads, size_t hd)
{
	size_t stride = heads * hd + 3, n = 2 * time * stride;
	float *x = numbers(1, n, 1), *got = copy_of(x, n);
	float *want = copy_of(x, n);
	float *table = blank(time * hd), *frequency = blank(hd / 2);
	int32_t *pos = xcalloc(2 * time, sizeof *pos);
	size_t i;

	for (i = 0; i < 2 * time; i++)
		pos[i] = (int32_t)(i % time);
	for (i = 0; i < hd / 2; i++)
		frequency[i] = powf(10000, -(float)(2 * i) / (float)hd);
	rope_table(table, 0, time / 2, hd, frequency);
	rope_table(table, time / 2, time, hd, frequency);
	kernel_use(ISA_C);
	rope_forward(want, 2 * time, stride, heads, hd, table, NULL, time);
	kernel_use(isa);
	rope_forward(got, 2 * time, stride, heads, hd, table, pos, 0);
	compare("rope", got, want, n, 2e-7);
	rope_backward(got, 2 * time, stride, heads, hd, table, NULL, time);
	compare("rope back", got, x, n, 2e-7);
	free(x), free(got), free(want), free(table), free(pos);
	free(frequency);
}

static void test_activation(void)
{
	one_activation(1, 1);
	one_activation(3, 37);
	one_activation(60, 1000);
	one_rope(1, 1, 2);
	one_rope(9, 3, 20);
	one_rope(200, 2, 64);
}

/* ---- embedding and column sums ---- */

static void one_embedding(size_t rows, size_t n, size_t vocab)
{
	float *table = numbers(1, vocab * n, 1), *d = numbers(2, rows * n, 1);
	float *out[2], *d_table[2], *d_bias[2];
	int32_t *ids = xcalloc(rows, sizeof *ids);
	size_t r;
	int i;

	for (r = 0; r < rows; r++)
		ids[r] = (int32_t)rng_below(3, RNG_TEST, 0, r, vocab);
	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		out[i] = blank(rows * n);
		d_table[i] = numbers(4, vocab * n, 1);
		d_bias[i] = numbers(5, n, 1);
		embedding_forward(out[i], ids, table, rows, n, false);
		embedding_forward(out[i], ids, table, rows, n, true);
		embedding_backward(d_table[i], ids, d, rows, n);
		bias_backward(d_bias[i], floats(d), rows, n, n);
	}
	compare("embedding", out[1], out[0], rows * n, 0);
	compare("embedding d", d_table[1], d_table[0], vocab * n, 0);
	compare("bias d", d_bias[1], d_bias[0], n, 1e-6);
	for (r = 0; r < rows; r++) {	/* twice the row, exactly */
		float two = 2 * table[(size_t)ids[r] * n + n - 1];

		if (out[0][r * n + n - 1] != two)
			failures++;
	}
	for (i = 0; i < 2; i++)
		free(out[i]), free(d_table[i]), free(d_bias[i]);
	free(table), free(d), free(ids);
}

static void test_embedding(void)
{
	one_embedding(1, 1, 1);
	one_embedding(100, 33, 10);
	one_embedding(500, 384, 60);
}

/* ---- numbers in bf16 ---- */

/* The same rounded, and nothing beyond it. */
static void compare_rounded(const char *what, const uint16_t *got, const float *x,
	size_t n)
{
	uint16_t *want = xcalloc(n + 1, sizeof *want);

	bf16_round_loop(want, x, n);
	want[n] = 7;
	if (memcmp(got, want, (n + 1) * sizeof *want)) {
		warn("%s, %s: not the numbers in fp32, rounded", what,
			cpu_isa_name(isa));
		failures++;
	}
	free(want);
}

static void one_rounded(size_t rows, size_t n)
{
	size_t all = 2 * rows * n;
	float *x = numbers(1, all, 2), *w = numbers(2, n, 1), *b = numbers(3, n, 1);
	float *d = numbers(4, rows * n, 1), *out = blank(all), *wide = blank(rows * n);
	float *sum[2] = { numbers(5, n, 1), numbers(5, n, 1) };
	uint16_t *half = xcalloc(all + 1, sizeof *half);
	const struct values_out to = { NULL, half };
	size_t i;

	kernel_use(isa);
	x[0] = 1e4f, x[1 % all] = -1e-39f;
	half[rows * n] = 7;
	layernorm_forward(to_floats(out), NULL, NULL, x, w, b, rows, n, 1e-5f);
	layernorm_forward(to, NULL, NULL, x, w, b, rows, n, 1e-5f);
	compare_rounded("layernorm to bf16", half, out, rows * n);
	rmsnorm_forward(to_floats(out), NULL, x, w, rows, n, 1e-5f);
	rmsnorm_forward(to, NULL, x, w, rows, n, 1e-5f);
	compare_rounded("rmsnorm to bf16", half, out, rows * n);
	gelu_forward(to_floats(out), x, rows * n);
	gelu_forward(to, x, rows * n);
	compare_rounded("gelu to bf16", half, out, rows * n);
	gelu_backward(to_floats(out), d, x, rows * n);
	gelu_backward(to, d, x, rows * n);
	compare_rounded("gelu d_x to bf16", half, out, rows * n);
	for (i = 0; i < rows * n; i++)
		wide[i] = number(written(to), i);
	bias_backward(sum[0], floats(wide), rows, n, n);
	bias_backward(sum[1], written(to), rows, n, n);
	compare("bias d of bf16", sum[1], sum[0], n, 0);
	swiglu_forward(to_floats(out), x, rows, n);
	swiglu_forward(to, x, rows, n);
	compare_rounded("swiglu to bf16", half, out, rows * n);
	half[all] = 7;
	swiglu_backward(to_floats(out), d, x, rows, n);
	swiglu_backward(to, d, x, rows, n);
	compare_rounded("swiglu d to bf16", half, out, all);
	free(x), free(w), free(b), free(d), free(out), free(wide), free(half);
	free(sum[0]), free(sum[1]);
}

static void test_halves(void)
{
	one_rounded(1, 1);
	one_rounded(3, 5);
	one_rounded(7, 33);
	one_rounded(70, 384);
	one_rounded(2, 20000);
}

/* ---- loss ---- */

/* As a sampler computes it. */
static float sampled_logprob(const float *x, size_t n, int32_t id)
{
	double *sum = xcalloc(n / LOGITS_BLOCK + 1, sizeof *sum), norm;
	float max = logits_largest(x, n);

	norm = logits_norm(max, logits_weigh_all(sum, x, n, max, 1));
	free(sum);
	return logits_logprob(x[id], norm);
}

static void one_loss(size_t rows, size_t vocab, size_t stride, double scale)
{
	float *x = numbers(1, rows * stride, scale), *got[2], *p[2], *h[2];
	float *weight = numbers(2, rows, 1), *alone = blank(rows);
	int32_t *target = xcalloc(rows, sizeof *target);
	size_t r, j;
	int i;

	for (r = 0; r < rows; r++)
		target[r] = (int32_t)rng_below(3, RNG_TEST, 0, r, vocab + 1) -
			1;
	if (vocab > 3)
		x[1] = -INFINITY;	/* as a mask of logits would */
	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		got[i] = copy_of(x, rows * stride);
		p[i] = blank(rows), h[i] = blank(rows);
		cross_entropy(got[i], stride, rows, vocab, target, weight,
			p[i], h[i]);
		for (r = 0; r < rows; r++)
			for (j = vocab; j < stride; j++)
				failures += got[i][r * stride + j] != 0;
	}
	compare("cross-entropy d", got[1], got[0], rows * stride, 1e-6);
	compare("logprob", p[1], p[0], rows, 1e-6);
	compare("entropy", h[1], h[0], rows, 1e-5);
	cross_entropy(x, stride, rows, vocab, target, NULL, alone, NULL);
	compare("logprob alone", alone, p[1], rows, 0);
	for (r = 0; r < rows; r++)
		p[0][r] = target[r] < 0 ? 0 :
			sampled_logprob(x + r * stride, vocab, target[r]);
	compare("logprob of a sampler", p[0], p[1], rows, 0);
	for (i = 0; i < 2; i++) {
		memcpy(got[i], x, rows * stride * sizeof *x);
		kernel_use(i ? isa : ISA_C);
		log_softmax(got[i], stride, rows, vocab);
	}
	compare("log-softmax", got[1], got[0], rows * stride, 1e-6);
	for (i = 0; i < 2; i++)
		free(got[i]), free(p[i]), free(h[i]);
	free(x), free(weight), free(alone), free(target);
}

static void test_loss(void)
{
	one_loss(1, 1, 1, 1);
	one_loss(9, 17, 20, 5);
	one_loss(40, 1000, 1024, 3);
	one_loss(7, 5003, 5003, 20);
	one_loss(3, 33, 64, 1e4);
}

/* ---- vectors ---- */

/* exp on a range from a to b. */
static void one_exp(double a, double b)
{
	size_t n = 200001, i;
	float *x = xmalloc(n * sizeof *x), *got = blank(n);
	double most = 0;

	for (i = 0; i < n; i++)
		x[i] = (float)(a + (b - a) * (double)i / (double)n);
	kernel_use(isa);
	for (i = 0; i < n; i += LOGITS_BLOCK)
		logits_weigh(got + i, x + i, n - i < LOGITS_BLOCK ? n - i :
			LOGITS_BLOCK, 0, 1);
	digest = hash64_seed(got, n * sizeof *got, digest);
	for (i = 0; i < n; i++) {
		double y = exp(x[i]);
		double d = fabs(got[i] - y) / y;

		if (!(d <= most))
			most = d;
	}
	if (most > worst)
		worst = most;
	if (!(most <= 2e-7)) {
		warn("exp, %s: off by %g", cpu_isa_name(isa), most);
		failures++;
	}
	free(x), free(got);
}

/* Non-finite results. */
static void special_values(void)
{
	float x[5] = { INFINITY, -INFINITY, NAN, 0, 100 }, y[5];

	kernel_use(isa);
	logits_weigh(y, x, 5, 0, 1);
	failures += !(y[0] == INFINITY && y[1] == 0 && isnan(y[2]) &&
		y[3] == 1 && y[4] == INFINITY);
	failures += vec_finite(x, 1) || vec_finite(x + 1, 1) ||
		vec_finite(x, 5) || !vec_finite(x + 3, 2);
	if (failures)
		warn("special values, %s", cpu_isa_name(isa));
}

static void one_vec(size_t n)
{
	struct adamw o = { 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3, 0.7f };
	float *x = numbers(1, n, 1), *y = numbers(2, n, 1);
	float *got[2][4];
	double sum[2], rows[2];
	int i, j;

	for (i = 0; i < 2; i++) {
		for (j = 0; j < 4; j++)
			got[i][j] = numbers(10 + (uint64_t)j, n, 1);
		for (j = 0; j < (int)n; j++)
			got[i][3][j] *= got[i][3][j];
		kernel_use(i ? isa : ISA_C);
		sum[i] = vec_sum_squares(x, n);
		vec_row_sum_squares(&rows[i], x, 1, n);
		vec_scale(got[i][0], 0.3f, n);
		vec_axpby(got[i][0], 2, y, -0.5f, n);
		adamw_step(&o, got[i][1], got[i][2], got[i][3], y, n);
	}
	for (j = 0; j < 4; j++)
		compare("vectors", got[1][j], got[0][j], n, 3e-7);
	if (fabs(sum[1] - sum[0]) > 1e-7 * sum[0] ||
		fabs(rows[1] - rows[0]) > 1e-7 * sum[0]) {
		warn("sum of squares %g, not %g", sum[1], sum[0]);
		failures++;
	}
	digest = hash64_seed(&sum[1], sizeof sum[1], digest);
	for (i = 0; i < 2; i++)
		for (j = 0; j < 4; j++)
			free(got[i][j]);
	free(x), free(y);
}

static void test_vec(void)
{
	one_exp(-87.3, 88.7);
	one_exp(-1, 1);
	special_values();
	one_vec(1);
	one_vec(37);
	one_vec(100003);
}

int main(int argc, char **argv)
{
	static const struct topic topics[] = {
		{ "norm", test_norm },
		{ "activation", test_activation },
		{ "embedding", test_embedding },
		{ "halves", test_halves },
		{ "loss", test_loss },
		{ "vec", test_vec },
	};

	err_init(argv[0]);
	return run_topic(argc, argv, topics, LENGTH(topics));
}
