/* kernels - the fast kernels but matrix products compared with the plain ones: see
 * kernels.h */
#include "common/base/rng.h"
#include "common/format/half.h"
#include "t/unit/kernels.h"

/* ---- attention ---- */

struct attention_case {
	size_t batch, time, past, heads, kv_heads, head_size;
	int starts;	/* documents per row */
};

static int32_t *make_starts(const struct attention_case *c)
{
	int32_t *start = xcalloc(c->batch * c->time + 1, sizeof *start);
	size_t b, t;

	for (b = 0; b < c->batch; b++)
		for (t = 1; t < c->time; t++) {
			int32_t *s = start + b * c->time + t;

			*s = rng_below(5, RNG_TEST, (uint32_t)b, t, 20)
				? s[-1] : (int32_t)t;
		}
	return start;
}

static void one_attention(const struct attention_case *c)
{
	size_t width = (c->heads + 2 * c->kv_heads) * c->head_size + 3;
	size_t q_width = c->heads * c->head_size + 1, hd = c->head_size;
	size_t keys = c->batch * (c->past + c->time);
	size_t tokens = c->batch * c->time;
	size_t out_n = tokens * q_width, lse_n = tokens * c->heads;
	float *qkv = numbers(1, keys * width, 1);
	float *d_out = numbers(2, out_n, 1);
	float *want = blank(out_n), *got = copy_of(want, out_n);
	float *lse = blank(lse_n), *got_lse = copy_of(lse, lse_n);
	float *d_want = xcalloc(keys * width, sizeof *d_want);
	float *d_got = xcalloc(keys * width, sizeof *d_got);
	int32_t *start = make_starts(c);
	struct attention s = { c->batch, c->time, c->past, c->heads,
		c->kv_heads, hd, width, width, q_width,
		1 / sqrtf((float)hd), c->starts ? start : NULL,
		DTYPE_F32 };
	size_t k = c->heads * hd, v = k + c->kv_heads * hd;
	char what[100];

	snprintf(what, sizeof what, "attention %zu,%zu+%zu,%zu/%zu,%zu",
		c->batch, c->past, c->time, c->heads, c->kv_heads, hd);
	for (size_t i = 0; i < out_n; i++)
		want[i] = got[i] = 0;
	kernel_use(ISA_C);
	attention_forward(&s, want, lse, qkv, qkv + k, qkv + v);
	kernel_use(isa);
	attention_forward(&s, got, got_lse, qkv, qkv + k, qkv + v);
	compare(what, got, want, out_n, 1e-6);
	compare(what, got_lse, lse, lse_n, 1e-6);
	if (!c->past) {
		kernel_use(ISA_C);
		attention_backward(&s, d_want, d_want + k, d_want + v, d_out,
			want, lse, qkv, qkv + k, qkv + v);
		kernel_use(isa);
		attention_backward(&s, d_got, d_got + k, d_got + v, d_out,
			want, lse, qkv, qkv + k, qkv + v);
		compare(what, d_got, d_want, keys * width, 2e-6);
	}
	free(qkv), free(d_out), free(want), free(got), free(lse);
	free(got_lse), free(d_want), free(d_got), free(start);
}

/* Decoding the last tokens of sequences whose first `prefix` keys are shared
 * gives the same as attention over the whole sequences. */
static void one_decode(size_t n, size_t prefix, size_t own, size_t heads,
	size_t kv_heads, size_t hd)
{
	size_t width = kv_heads * hd, q_width = heads * hd, i;
	size_t keys = prefix + own;
	float *k = numbers(1, n * keys * width, 1);
	float *v = numbers(2, n * keys * width, 1);
	float *q = numbers(3, n * q_width, 1);
	float *want = blank(n * q_width), *got = blank(n * q_width);
	struct attention s = { n, 1, keys - 1, heads, kv_heads, hd, q_width,
		width, q_width, 0.3f, NULL, DTYPE_F32 };
	struct attention_query *query = xcalloc(n, sizeof *query);

	for (i = 0; i < n; i++) {
		size_t at = i * keys * width;

		memcpy(k + at, k, prefix * width * sizeof *k);
		memcpy(v + at, v, prefix * width * sizeof *v);
		query[i] = (struct attention_query){ q + i * q_width,
			got + i * q_width, { { k, v, prefix },
				{ k + at + prefix * width,
					v + at + prefix * width, own } } };
	}
	kernel_use(ISA_C);
	attention_forward(&s, want, NULL, q, k, v);
	kernel_use(isa);
	attention_decode(&s, query, n);
	compare("decode", got, want, n * q_width, 2e-6);
	free(k), free(v), free(q), free(want), free(got), free(query);
}

/* A cache of n tokens that kv_put filled with k and v (n, heads, hd). */
static void *cached(enum dtype type, const float *k, const float *v, size_t n,
	size_t heads, size_t hd)
{
	void *cache = xcalloc(2 * n * heads * hd, sizeof(float));
	size_t i;

	for (i = 0; i < n; i++)
		kv_put(type, cache, n, i, k + i * heads * hd,
			v + i * heads * hd, heads, hd);
	return cache;
}

/* x (n) as a cache in bf16 has it. */
static float *rounded(const float *x, size_t n)
{
	float *y = xcalloc(n, sizeof *y);
	unsigned char half[2];
	size_t i;

	for (i = 0; i < n; i++) {
		half_store_bf16(half, x + i, 1);
		half_load_bf16(y + i, half, 1);
	}
	return y;
}

/* Attention over a cache in bf16 has the bits of that over a cache in fp32 of the
 * same numbers, for the last `time` of n tokens in one pass, and for the last in
 * two runs, the first of them of n/3. */
static void one_bf16(size_t n, size_t time, size_t heads, size_t hd)
{
	float *k = numbers(1, n * hd, 1), *v = numbers(2, n * hd, 1);
	float *q = numbers(3, time * heads * hd, 1);
	float *out[2] = { blank(time * heads * hd), blank(heads * hd) };
	float *half[2] = { blank(time * heads * hd), blank(heads * hd) };
	int i;

	kernel_use(isa);
	for (i = 0; i < 2; i++) {
		enum dtype type = i ? DTYPE_BF16 : DTYPE_F32;
		float *rk = rounded(k, n * hd), *rv = rounded(v, n * hd);
		void *x = cached(type, i ? k : rk, i ? v : rv, n, 1, hd);
		struct attention s = { 1, time, n - time, heads, 1, hd,
			heads * hd, hd, heads * hd, 0.3f, NULL, type };
		struct attention_query one = { q, (i ? half : out)[1],
			{ { x, kv_at(type, x, n * hd), n / 3 },
				{ kv_at(type, x, n / 3 * hd),
					kv_at(type, x, (n + n / 3) * hd),
					n - n / 3 } } };

		attention_forward(&s, (i ? half : out)[0], NULL, q, x,
			kv_at(type, x, n * hd));
		attention_decode(&s, &one, 1);
		free(x), free(rk), free(rv);
	}
	compare("attention to bf16", half[0], out[0], time * heads * hd, 0);
	compare("decode of bf16", half[1], out[1], heads * hd, 0);
	for (i = 0; i < 2; i++)
		free(out[i]), free(half[i]);
	free(k), free(v), free(q);
}

/* A run that is divided after whole blocks gives the same bits. */
static void one_divided(enum dtype type, size_t n, size_t blocks, size_t hd)
{
	float *k = numbers(1, n * hd, 1), *v = numbers(2, n * hd, 1);
	float *q = numbers(3, hd, 1), *out[2] = { blank(hd), blank(hd) };
	char *x = cached(type, k, v, n, 1, hd);
	const char *y = kv_at(type, x, n * hd);
	struct attention s = { .heads = 1, .kv_heads = 1, .head_size = hd,
		.kv_stride = hd, .scale = .3f, .kv_type = type };
	size_t i, first = blocks * ATTENTION_BLOCK;
	size_t at = dtype_bytes(type, first * hd);

	kernel_use(isa);
	for (i = 0; i < 2; i++) {
		struct attention_query one = { q, out[i], { { x, y, n } } };

		if (i) {
			one.run[0].n = first;
			one.run[1] = (struct attention_run){ x + at, y + at,
				n - first };
		}
		attention_decode(&s, &one, 1);
	}
	compare("decode of a divided run", out[1], out[0], hd, 0);
	free(k), free(v), free(q), free(out[0]), free(out[1]), free(x);
}

static void test_divided(void)
{
	static const size_t sizes[] = { 7, 16, 20, 32, 48, 64, 80, 128 };
	size_t i;

	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		one_divided(DTYPE_F32, 200, 1, sizes[i]);
		one_divided(DTYPE_F32, 331, 3, sizes[i]);
		one_divided(DTYPE_BF16, 331, 2, sizes[i]);
	}
}

static void test_attention(void)
{
	static const struct attention_case cases[] = {
		{ 1, 1, 0, 1, 1, 4, 0 }, { 2, 7, 0, 2, 1, 8, 0 },
		{ 1, 33, 0, 3, 3, 16, 0 }, { 2, 100, 0, 4, 2, 64, 0 },
		{ 1, 200, 0, 2, 2, 32, 1 }, { 1, 129, 0, 6, 2, 24, 1 },
		{ 1, 300, 0, 1, 1, 80, 0 }, { 3, 64, 0, 2, 1, 48, 1 },
		{ 1, 5, 40, 2, 2, 64, 0 }, { 2, 40, 13, 4, 1, 20, 0 },
		{ 1, 1, 50, 2, 1, 128, 0 },
	};
	size_t i;

	for (i = 0; i < LENGTH(cases); i++)
		one_attention(&cases[i]);
	one_decode(1, 0, 1, 1, 1, 4);
	one_decode(3, 17, 5, 4, 2, 24);
	one_decode(20, 40, 33, 6, 2, 64);
	one_decode(5, 100, 0, 2, 2, 80);
	one_decode(2, 0, 70, 3, 1, 128);
	one_bf16(1, 1, 1, 4);
	one_bf16(40, 13, 3, 64);
	one_bf16(77, 77, 2, 20);
	one_bf16(50, 1, 1, 80);
	one_bf16(33, 5, 4, 32);
	one_bf16(70, 20, 2, 17);
	test_divided();
}

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
		layernorm_forward(out[i], mean[i], rstd[i], x, w, b, rows, n,
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
		rmsnorm_forward(out[i], rstd[i], x, w, rows, n, 1e-5f);
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
	rmsnorm_forward(want, rstd, x, w, rows * heads, hd, 1e-5f);
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
		gelu_forward(out[i], x, rows * n);
		gelu_backward(d_x[i], d_x[i], x, rows * n);	/* in place */
	}
	compare("gelu", out[1], out[0], rows * n, 1e-6);
	compare("gelu d_x", d_x[1], d_x[0], rows * n, 1e-6);
	for (i = 0; i < 2; i++) {
		kernel_use(i ? isa : ISA_C);
		free(d_x[i]);
		d_x[i] = copy_of(x, 2 * rows * n);
		swiglu_forward(out[i], x, rows, n);
		swiglu_backward(d_x[i], d, d_x[i], rows, n);	/* in place */
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
		bias_backward(d_bias[i], d, rows, n, n);
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

/* ---- loss ---- */

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
	compare("logprob alone", alone, p[0], rows, 1e-6);
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
	vec_exp(got, x, n);
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
	vec_exp(y, x, 5);
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
		{ "attention", test_attention },
		{ "norm", test_norm },
		{ "activation", test_activation },
		{ "embedding", test_embedding },
		{ "loss", test_loss },
		{ "vec", test_vec },
	};

	err_init(argv[0]);
	return run_topic(argc, argv, topics, LENGTH(topics));
}
