/* attention - attention in the sets of instructions, and wherever its keys are: see
 * kernels.h
 *
 *	attention attention	compared with plain C
 *	attention order		the same bits in training, for prompts and in decoding
 *	attention rounded	backward in bf16, compared with plain C; with a third
 *				argument on AMX, emulated (emulated.h)
 */
#include "common/base/rng.h"
#include "common/format/half.h"
#include "t/unit/emulated.h"
#include "t/unit/kernels.h"

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

/* A case's numbers, and its results in plain C. */
struct gradient_case {
	struct attention s;
	size_t k, v, width, tokens, out_n;
	int32_t *start;
	float *qkv, *d_out, *out, *lse;
};

static struct gradient_case begin(const struct attention_case *c)
{
	size_t hd = c->head_size, q_width = c->heads * hd + 1;
	struct gradient_case x = {
		.width = (c->heads + 2 * c->kv_heads) * hd + 3,
		.tokens = c->batch * (c->past + c->time),
		.k = c->heads * hd, .v = (c->heads + c->kv_heads) * hd,
		.out_n = c->batch * c->time * q_width, .start = make_starts(c)
	};

	x.s = (struct attention){ c->batch, c->time, c->past, c->heads, c->kv_heads,
		hd, x.width, x.width, q_width, 1 / sqrtf((float)hd),
		c->starts ? x.start : NULL, false, DTYPE_F32, COMPUTE_FP32 };
	x.qkv = numbers(1, x.tokens * x.width, 1);
	x.d_out = numbers(2, x.out_n, 1);
	x.out = xcalloc(x.out_n, sizeof *x.out);
	x.lse = blank(c->batch * c->time * c->heads);
	kernel_use(ISA_C);
	attention_forward(&x.s, x.out, x.lse, x.qkv, x.qkv + x.k, x.qkv + x.v);
	return x;
}

static void finish(struct gradient_case *x)
{
	free(x->start), free(x->qkv), free(x->d_out), free(x->out), free(x->lse);
}

/* The gradient in a set of instructions; the caller frees it. */
static float *backward(const struct gradient_case *x, enum compute compute,
	enum isa in)
{
	float *d = xcalloc(x->tokens * x->width, sizeof *d);
	struct attention s = x->s;

	s.compute = compute;
	kernel_use(in);
	attention_backward(&s, d, d + x->k, d + x->v, x->d_out, x->out, x->lse,
		x->qkv, x->qkv + x->k, x->qkv + x->v);
	return d;
}

static void one_attention(const struct attention_case *c)
{
	struct gradient_case x = begin(c);
	size_t lse_n = c->batch * c->time * c->heads;
	float *got = xcalloc(x.out_n, sizeof *got), *lse = copy_of(x.lse, lse_n);
	char what[100];

	snprintf(what, sizeof what, "attention %zu,%zu+%zu,%zu/%zu,%zu",
		c->batch, c->past, c->time, c->heads, c->kv_heads, c->head_size);
	kernel_use(isa);
	attention_forward(&x.s, got, lse, x.qkv, x.qkv + x.k, x.qkv + x.v);
	compare(what, got, x.out, x.out_n, 1e-6);
	compare(what, lse, x.lse, lse_n, 1e-6);
	if (!c->past) {
		float *want = backward(&x, COMPUTE_FP32, ISA_C);
		float *d = backward(&x, COMPUTE_FP32, isa);

		compare(what, d, want, x.tokens * x.width, 2e-6);
		free(want), free(d);
	}
	free(got), free(lse);
	finish(&x);
}

/* The backward pass in bf16. */
static void one_rounded(const struct attention_case *c)
{
	struct gradient_case x = begin(c);
	float *fp32 = backward(&x, COMPUTE_FP32, ISA_C);
	float *want = backward(&x, COMPUTE_BF16, ISA_C);
	float *got = backward(&x, COMPUTE_BF16, isa);
	size_t n = x.tokens * x.width;

	/* Each of two factors is rounded by 2^-9 at most. */
	compare("attention in bf16 beside fp32", want, fp32, n, 8e-3);
	/* Where the order of sums differs, a factor may be rounded to its other
	 * neighbour. */
	compare("attention in bf16", got, want, n, 1e-4);
	free(fp32), free(want), free(got);
	finish(&x);
}

/* ---- caches ---- */

/* The cache of a key-value head of n tokens with k and v (n, hd), filled by
 * kv_put. */
static void *cached(enum dtype type, const float *k, const float *v, size_t n,
	size_t hd)
{
	size_t cap = kv_round(n), i;
	void *cache = xmalloc(2 * cap * hd * sizeof(float));

	memset(cache, 0xff, 2 * cap * hd * sizeof(float));	/* NaN */
	for (i = 0; i < n; i++)
		kv_put(type, cache, cap, i, k + i * hd, v + i * hd, 1, hd);
	return cache;
}

static struct attention_run run_of(enum dtype type, const void *cache, size_t n,
	size_t hd)
{
	return (struct attention_run){ cache, kv_at(type, cache, kv_round(n) *
		hd), n };
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

static struct attention of_cache(size_t n, size_t time, size_t heads, size_t hd,
	enum dtype type)
{
	return (struct attention){ .batch = 1, .time = time, .past = n - time,
		.heads = heads, .kv_heads = 1, .head_size = hd,
		.q_stride = heads * hd, .kv_stride = hd, .out_stride = heads * hd,
		.scale = .3f, .cached = true, .kv_type = type };
}

/* ---- one order of sums ---- */

/* A sequence of n tokens, and its attention as training computes it, alone in its
 * row. */
struct sequence {
	size_t n, heads, hd;
	float *q, *k, *v;	/* (n, heads, hd), (n, hd), (n, hd) */
	float *want;		/* (n, heads, hd) */
};

static void same(const char *what, const struct sequence *x, size_t t,
	const float *got, size_t n)
{
	size_t row = x->heads * x->hd;
	char name[120];

	snprintf(name, sizeof name, "%s, %zu tokens, %zu heads of %zu", what, x->n,
		x->heads, x->hd);
	compare(name, got, x->want + t * row, n * row, 0);
}

/* In a row after `lead` tokens of another document. */
static void in_packed_row(const struct sequence *x, size_t lead)
{
	size_t row = x->heads * x->hd, all = lead + x->n, i;
	float *q = numbers(7, all * row, 1), *k = numbers(8, all * x->hd, 1);
	float *v = numbers(9, all * x->hd, 1), *out = blank(all * row);
	int32_t *start = xcalloc(all, sizeof *start);
	struct attention s = of_cache(all, all, x->heads, x->hd, DTYPE_F32);

	s.cached = false;
	s.start = start;
	memcpy(q + lead * row, x->q, x->n * row * sizeof *q);
	memcpy(k + lead * x->hd, x->k, x->n * x->hd * sizeof *k);
	memcpy(v + lead * x->hd, x->v, x->n * x->hd * sizeof *v);
	for (i = lead; i < all; i++)
		start[i] = (int32_t)lead;
	attention_forward(&s, out, NULL, q, k, v);
	same("in a packed row", x, 0, out + lead * row, x->n);
	free(q), free(k), free(v), free(out), free(start);
}

/* The last `time` tokens of a prompt. */
static void in_prompt(const struct sequence *x, size_t time)
{
	size_t row = x->heads * x->hd, past = x->n - time;
	void *cache = cached(DTYPE_F32, x->k, x->v, x->n, x->hd);
	struct attention s = of_cache(x->n, time, x->heads, x->hd, DTYPE_F32);
	float *out = blank(time * row);

	attention_forward(&s, out, NULL, x->q + past * row, cache,
		run_of(DTYPE_F32, cache, x->n, x->hd).v);
	same("a part of a prompt", x, past, out, time);
	free(cache), free(out);
}

/* Token n - 1 with the first `a` keys in a run, the next ones up to b in another, as
 * one of some queries. */
static void in_decoding(const struct sequence *x, size_t n, size_t a, size_t b)
{
	size_t row = x->heads * x->hd, hd = x->hd, i;
	const size_t from[ATTENTION_RUNS] = { 0, a, b }, to[] = { a, b, n };
	struct attention s = of_cache(n, 1, x->heads, hd, DTYPE_F32);
	struct attention_query query[5] = { 0 };
	void *cache[ATTENTION_RUNS];
	float *out = blank(5 * row);

	for (i = 0; i < 5; i++) {
		query[i].q = x->q + (n - 1) * row;
		query[i].out = out + i * row;
	}
	for (i = 0; i < ATTENTION_RUNS; i++) {
		cache[i] = cached(DTYPE_F32, x->k + from[i] * hd,
			x->v + from[i] * hd, to[i] - from[i], hd);
		query[0].run[i] = run_of(DTYPE_F32, cache[i], to[i] - from[i],
			hd);
	}
	for (i = 1; i < 5; i++)
		memcpy(query[i].run, query[0].run, sizeof query[0].run);
	attention_decode(&s, query, 5);
	for (i = 0; i < 5; i++)
		same("in decoding", x, n - 1, out + i * row, 1);
	if (b < n) {
		kv_put(DTYPE_F32, cache[2], kv_round(n - b), n - b - 1, x->v, x->k,
			1, hd);
		query[0].k = x->k + (n - 1) * hd;
		query[0].v = x->v + (n - 1) * hd;
	}
	attention_decode(&s, query, 1);
	same("alone in decoding", x, n - 1, out, 1);
	for (i = 0; i < ATTENTION_RUNS; i++)
		free(cache[i]);
	free(out);
}

static void one_order(size_t n, size_t heads, size_t hd)
{
	struct attention s = of_cache(n, n, heads, hd, DTYPE_F32);
	struct sequence x = { n, heads, hd, numbers(1, n * heads * hd, 1),
		numbers(2, n * hd, 1), numbers(3, n * hd, 1),
		blank(n * heads * hd) };

	s.cached = false;
	kernel_use(isa);
	attention_forward(&s, x.want, NULL, x.q, x.k, x.v);
	in_packed_row(&x, 1);
	in_packed_row(&x, 77);
	in_prompt(&x, n);
	in_prompt(&x, 1);
	in_prompt(&x, (n + 1) / 2);
	in_decoding(&x, n, 0, 0);
	in_decoding(&x, n, n / 3, n / 2);
	in_decoding(&x, (n + 1) / 2, 0, n / 3);
	in_decoding(&x, n, n / KV_BLOCK * KV_BLOCK, n);
	free(x.q), free(x.k), free(x.v), free(x.want);
}

/* Many equal weights, whose sum would drift in fp32: the mean of values that are all
 * 1, and the log of their number. */
static void long_sum(size_t n)
{
	float *q = numbers(1, n * 4, 0), *k = numbers(2, n * 4, 1);
	float *v = blank(n * 4), *out = blank(n * 4), *lse = blank(n);
	struct attention s = of_cache(n, n, 1, 4, DTYPE_F32);
	size_t i;

	s.cached = false;
	for (i = 0; i < n * 4; i++) {
		k[i] = i / 4 ? 1 : 2;	/* e is exp(-.3 * .333 * 4) but once */
		q[i] = .333f;
		v[i] = 1;
	}
	kernel_use(isa);
	attention_forward(&s, out, lse, q, k, v);
	for (i = 0; i < n; i += 97) {
		double e = exp(-4. * .3 * (double).333f);
		double want = 8. * .3 * (double).333f + log(1 + (double)i * e);

		if (fabs(lse[i] - want) > 1e-6 * want) {
			warn("%s: the log-sum-exp of %zu keys is off by %g",
				cpu_isa_name(isa), i + 1, lse[i] - want);
			failures++;
			break;
		}
	}
	free(q), free(k), free(v), free(out), free(lse);
}

/* Attention over a cache in bf16 has the bits of that over a cache in fp32 of the
 * same numbers, for the last `time` of n tokens in one pass, and for the last in
 * two runs, the first of them of n/3. */
static void one_bf16(size_t n, size_t time, size_t heads, size_t hd)
{
	float *k = numbers(1, n * hd, 1), *v = numbers(2, n * hd, 1);
	float *rk = rounded(k, n * hd), *rv = rounded(v, n * hd);
	float *q = numbers(3, time * heads * hd, 1);
	float *out[2][2];
	size_t i, a = n / 3;

	kernel_use(isa);
	for (i = 0; i < 2; i++) {
		enum dtype type = i ? DTYPE_BF16 : DTYPE_F32;
		struct attention s = of_cache(n, time, heads, hd, type);
		const float *fk = i ? k : rk, *fv = i ? v : rv;
		void *x = cached(type, fk, fv, n, hd);
		void *y = cached(type, fk, fv, a, hd);
		void *z = cached(type, fk + a * hd, fv + a * hd, n - a, hd);
		struct attention_query one = { .q = q, .run = {
			run_of(type, y, a, hd), run_of(type, z, n - a, hd) } };

		out[0][i] = blank(time * heads * hd);
		out[1][i] = one.out = blank(heads * hd);
		attention_forward(&s, out[0][i], NULL, q, x,
			run_of(type, x, n, hd).v);
		attention_decode(&s, &one, 1);
		free(x), free(y), free(z);
	}
	compare("attention to bf16", out[0][1], out[0][0], time * heads * hd, 0);
	compare("decode of bf16", out[1][1], out[1][0], heads * hd, 0);
	for (i = 0; i < 2; i++)
		free(out[i][0]), free(out[i][1]);
	free(k), free(v), free(rk), free(rv), free(q);
}

static void test_order(void)
{
	static const size_t sizes[] = { 1, 7, 16, 17, 20, 32, 48, 64, 80, 128 };
	size_t i;

	for (i = 0; i < LENGTH(sizes); i++) {
		one_order(45 + i, 1 + i % 5, sizes[i]);
		one_order(200, 1 + (i + 2) % 5, sizes[i]);
	}
	one_order(1, 1, 4);
	one_order(16, 9, 8);
	one_order(500, 3, 64);
	one_order(900, 1, 32);
	long_sum(3000);
	one_bf16(1, 1, 1, 4);
	one_bf16(40, 13, 3, 64);
	one_bf16(77, 77, 2, 20);
	one_bf16(50, 1, 1, 80);
	one_bf16(33, 5, 4, 32);
	one_bf16(70, 20, 2, 17);
}

/* Probabilities are what the outputs are sums by. */
static void one_show(const struct attention_case *c)
{
	size_t all = c->past + c->time, hd = c->head_size, width = c->heads * hd;
	size_t kv_width = c->kv_heads * hd, rows = c->batch * c->heads * c->time;
	float *q = numbers(1, c->batch * c->time * width, 1);
	float *k = numbers(2, c->batch * all * kv_width, 1);
	float *prob = blank(rows * all), *want = copy_of(prob, rows * all);
	int32_t *start = make_starts(c);
	struct attention s = { c->batch, c->time, c->past, c->heads, c->kv_heads,
		hd, width, kv_width, width, .2f, c->starts ? start : NULL, false,
		DTYPE_F32, COMPUTE_FP32 };
	size_t r, j;

	kernel_use(ISA_C);
	attention_probabilities(&s, want, q, k);
	kernel_use(isa);
	attention_probabilities(&s, prob, q, k);
	compare("probabilities", prob, want, rows * all, 1e-6);
	for (r = 0; r < rows; r++) {
		double sum = 0;

		for (j = 0; j < all; j++)
			sum += prob[r * all + j];
		failures += fabs(sum - 1) > 1e-5;
	}
	free(q), free(k), free(prob), free(want), free(start);
}

static const struct attention_case cases[] = {
	{ 1, 1, 0, 1, 1, 4, 0 }, { 2, 7, 0, 2, 1, 8, 0 },
	{ 1, 33, 0, 3, 3, 16, 0 }, { 2, 100, 0, 4, 2, 64, 0 },
	{ 1, 200, 0, 2, 2, 32, 1 }, { 1, 129, 0, 6, 2, 24, 1 },
	{ 1, 300, 0, 1, 1, 80, 0 }, { 3, 64, 0, 2, 1, 48, 1 },
	{ 1, 5, 40, 2, 2, 64, 0 }, { 2, 40, 13, 4, 1, 20, 0 },
	{ 1, 1, 50, 2, 1, 128, 0 },
};

static void test_attention(void)
{
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		one_attention(&cases[i]);
		one_show(&cases[i]);
	}
}

static void test_rounded(void)
{
	size_t i;

	for (i = 0; i < LENGTH(cases); i++)
		if (!cases[i].past)
			one_rounded(&cases[i]);
}

int main(int argc, char **argv)
{
	static const struct topic topics[] = {
		{ "attention", test_attention },
		{ "order", test_order },
		{ "rounded", test_rounded },
	};

	err_init(argv[0]);
	if (argc > 3)
		only = emulated_use();
	return run_topic(argc, argv, topics, LENGTH(topics)) || emulated_in_use();
}
