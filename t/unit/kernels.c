/* kernels - the fast kernels against the plain ones: kernels TOPIC [THREADS]
 *
 * Runs every kernel of TOPIC on shapes with all kinds of remainders, in every
 * instruction set up to the best (or PIPELM_ISA), and compares with plain C.
 * Prints a line per set: topic, set, largest relative difference, and a hash
 * of all bits computed, which must not depend on THREADS. Exit 1 and a line
 * on standard error for every difference over the tolerance.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static int failures;
static double worst;
static uint64_t digest;
static enum isa isa;		/* the set under test */

/* What got[0..n) is, against want: the norm of the difference relative to
 * that of want. NaN is a failure. */
static void compare(const char *what, const float *got, const float *want,
	size_t n, double tolerance)
{
	double d2 = 0, w2 = 0, rel;
	size_t i;

	digest = hash64_seed(got, n * sizeof *got, digest);
	for (i = 0; i < n; i++) {
		double d = (double)got[i] - want[i];

		if (got[i] == want[i])
			d = 0;	/* infinities */
		d2 += d * d;
		w2 += isfinite(want[i]) ? (double)want[i] * want[i] : 0;
	}
	rel = d2 == 0 ? 0 : sqrt(d2 / w2);
	if (rel > worst)
		worst = rel;
	if (!(rel <= tolerance)) {
		warn("%s, %s: differs by %g of %g", what, cpu_isa_name(isa),
			rel, tolerance);
		failures++;
	}
}

/* n numbers, about normal with deviation scale, the same for a key. */
static float *numbers(uint64_t key, size_t n, double scale)
{
	float *x = xmalloc(n * sizeof *x);
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = (float)(scale * rng_normal(key, RNG_TEST, 0, i));
	return x;
}

static float *copy_of(const float *x, size_t n)
{
	return memcpy(xmalloc(n * sizeof *x), x, n * sizeof *x);
}

static float *blank(size_t n)
{
	size_t i;
	float *x = xmalloc(n * sizeof *x);

	for (i = 0; i < n; i++)
		x[i] = NAN;
	return x;
}

/* ---- matmul ---- */

enum { NN, NT, TN, STRIDES, FORMS };

static void set_operands(struct matmul *p, int form, const float *a,
	const float *b)
{
	size_t m = p->m, n = p->n, k = p->k;

	p->a = a, p->b = b;
	p->a_row = form == TN ? 1 : k;
	p->a_col = form == TN ? m : 1;
	p->b_row = form == NT ? 1 : n;
	p->b_col = form == NT ? k : 1;
	if (form == STRIDES) {
		p->a_row = 3 * k + 1, p->a_col = 3;
		p->b_row = 2 * n + 5, p->b_col = 2;
	}
}

static void one_matmul(size_t m, size_t n, size_t k, int form, int extras)
{
	size_t c_row = form == STRIDES ? n + 3 : n, size = m * c_row;
	float *a = numbers(1, m * (3 * k + 1) + 1, 1);
	float *b = numbers(2, k * (2 * n + 5) + 1, 1);
	float *bias = numbers(3, n + 1, 1), *old = numbers(4, size + 1, 1);
	float *want = copy_of(old, size), *got = copy_of(old, size);
	float *again = copy_of(old, size);
	struct packed_matrix *w;
	struct matmul p = { .m = m, .n = n, .k = k, .c = want, .c_row = c_row,
		.bias = extras & 1 ? bias : NULL,
		.add = extras & 2 ? old : NULL, .add_row = c_row };
	char what[100];

	set_operands(&p, form, a, b);
	snprintf(what, sizeof what, "matmul %zux%zux%zu form %d extras %d", m,
		n, k, form, extras);
	kernel_use(ISA_C);
	matmul(&p);
	kernel_use(isa);
	p.c = got;
	if (extras & 2)
		p.add = got;	/* adds in place */
	matmul(&p);
	compare(what, got, want, size, 2e-6);
	w = packed_new(p.b, p.b_row, p.b_col, n, k);
	p.c = again;
	p.add = p.add ? again : NULL;
	p.b = NULL;
	matmul_packed(&p, w);
	if (memcmp(again, got, size * sizeof *got)) {
		warn("%s, %s: packed has other bits", what, cpu_isa_name(isa));
		failures++;
	}
	packed_free(w);
	free(a), free(b), free(bias), free(old);
	free(want), free(got), free(again);
}

/* A row has the same bits alone and in every batch. */
static void rows_alone(size_t m, size_t n, size_t k)
{
	float *a = numbers(1, m * k, 1), *b = numbers(2, n * k, 1);
	float *all = blank(m * n), *one = blank(n);
	size_t i;

	kernel_use(isa);
	matmul_nt(all, a, b, m, n, k, NULL, NULL);
	for (i = 0; i < m; i += m / 7 + 1) {
		matmul_nt(one, a + i * k, b, 1, n, k, NULL, NULL);
		if (memcmp(one, all + i * n, n * sizeof *one)) {
			warn("row %zu of %zux%zux%zu differs alone", i, m, n,
				k);
			failures++;
		}
	}
	free(a), free(b), free(all), free(one);
}

static void test_matmul(void)
{
	static const size_t shape[][3] = { { 1, 1, 1 }, { 1, 40, 7 },
		{ 2, 3, 0 }, { 3, 33, 400 }, { 5, 8, 16 }, { 6, 16, 385 },
		{ 7, 17, 31 }, { 14, 32, 384 }, { 13, 31, 100 },
		{ 28, 64, 33 }, { 15, 1, 50 }, { 64, 96, 770 }, { 65, 15, 9 },
		{ 65, 70, 800 }, { 100, 47, 13 }, { 240, 35, 17 },
		{ 300, 1600, 20 }, { 70, 9, 1 } };
	size_t i;
	int form, extras;

	for (i = 0; i < LENGTH(shape); i++)
		for (form = 0; form < FORMS; form++)
			for (extras = 0; extras < 4; extras++)
				one_matmul(shape[i][0], shape[i][1],
					shape[i][2], form, extras);
	rows_alone(70, 100, 500);
	rows_alone(300, 33, 385);
	rows_alone(64, 64, 64);
}

/* ---- attention ---- */

struct attention_case {
	size_t batch, time, past, heads, kv_heads, head_size;
	int starts;	/* documents in a row */
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
		1 / sqrtf((float)hd), c->starts ? start : NULL };
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
 * gives what attention over the whole gives. */
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
		width, q_width, 0.3f, NULL };
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
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} topics[] = {
		{ "matmul", test_matmul },
		{ "attention", test_attention },
	};
	enum isa best;
	size_t i;

	err_init(argv[0]);
	best = cpu_isa();
	for (i = 0; i < LENGTH(topics); i++)
		if (argc > 1 && !strcmp(argv[1], topics[i].name))
			break;
	if (i == LENGTH(topics))
		die_usage("no topic");
	if (argc > 2)
		parallel_threads(atoi(argv[2]));
	for (isa = ISA_C; isa <= best; isa++) {
		worst = 0;
		digest = 0;
		topics[i].fn();
		printf("%s %s %.1e %016llx\n", topics[i].name,
			cpu_isa_name(isa), worst, (unsigned long long)digest);
	}
	return failures > 0;
}
