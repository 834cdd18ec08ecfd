/* matmul - GFLOP/s of matrix products on the shapes of training and decoding,
 * and their share of the peak of multiply-adds, in fp32 and in bf16.
 * usage: matmul [THREADS]
 */
#include "bench/peak.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/kernel.h"

struct shape {
	size_t m, n, k;
};

/* Tokens, features out, features in. */
static const struct shape shapes[] = {
	{ 1024, 768, 768 },
	{ 1024, 3072, 768 },
	{ 1024, 768, 3072 },
	{ 4096, 384, 384 },
	{ 4096, 1152, 384 },
	{ 4096, 1536, 384 },
	{ 4096, 2048, 384 },
	{ 4096, 384, 1024 },
	{ 1024, 8192, 384 },
	{ 1024, 50304, 768 },
	{ 64, 768, 768 },
	{ 16, 768, 768 },
	{ 1, 768, 768 },
	{ 1, 2304, 768 },
	{ 2, 2304, 768 },
	{ 4, 2304, 768 },
	{ 8, 2304, 768 },
	{ 1, 50304, 768 },
	{ 32, 50304, 768 },
};

struct job {
	struct shape s;
	float *x, *w, *y;	/* (m,k) (n,k) (m,n) */
	enum compute compute;
	struct packed_matrix *packed;
};

/* y = x w' */
static void forward_nt(const struct job *j)
{
	size_t m = j->s.m, n = j->s.n, k = j->s.k;

	matmul(&(struct matmul){ .m = m, .n = n, .k = k, .a = j->x, .a_row = k,
		.a_col = 1, .b = j->w, .b_row = 1, .b_col = k, .c = j->y,
		.c_row = n, .compute = j->compute });
}

/* d_x = d_y w */
static void backward_nn(const struct job *j)
{
	size_t m = j->s.m, n = j->s.n, k = j->s.k;

	matmul(&(struct matmul){ .m = m, .n = k, .k = n, .a = j->y, .a_row = n,
		.a_col = 1, .b = j->w, .b_row = k, .b_col = 1, .c = j->x,
		.c_row = k, .compute = j->compute });
}

/* d_w += d_y' x */
static void backward_tn(const struct job *j)
{
	size_t m = j->s.m, n = j->s.n, k = j->s.k;

	matmul(&(struct matmul){ .m = n, .n = k, .k = m, .a = j->y, .a_row = 1,
		.a_col = n, .b = j->x, .b_row = k, .b_col = 1, .c = j->w,
		.c_row = k, .add = j->w, .add_row = k,
		.compute = j->compute });
}

static void forward_packed(const struct job *j)
{
	matmul_packed(&(struct matmul){ .m = j->s.m, .a = j->x,
		.a_row = j->s.k, .a_col = 1, .c = j->y, .c_row = j->s.n },
		j->packed);
}

/* Seconds of one call: the minimum over a few runs of about 30 ms. */
static double seconds(void (*fn)(const struct job *j), const struct job *j)
{
	double best = 1e9, once, t = clock_seconds();
	int run, i, n;

	fn(j);
	once = clock_seconds() - t;
	n = once < 0.03 ? (int)(0.03 / once) + 1 : 1;
	for (run = 0; run < 6; run++) {
		t = clock_seconds();
		for (i = 0; i < n; i++)
			fn(j);
		t = (clock_seconds() - t) / n;
		best = t < best ? t : best;
	}
	return best;
}

/* With weights packed from that type. */
static double seconds_packed(struct job *j, enum dtype type)
{
	const struct shape *s = &j->s;
	struct weight w = { type, s->n, s->k,
		xmalloc(dtype_bytes(type, s->n * s->k)) };
	double t;

	dtype_row(type)->from_float((void *)w.data, j->w, s->n * s->k);
	j->packed = packed_new(packed_kind(j->compute, type), s->n, s->k, NULL);
	packed_put(j->packed, 0, &w, false);
	t = seconds(forward_packed, j);
	packed_free(j->packed);
	free((void *)w.data);
	return t;
}

/* Rates, with their share of peak, or with few rows bytes of weights per second.
 * size: of a packed weight. */
static void measure_forms(struct job *j, double peak, double size)
{
	static void (*const form[])(const struct job *j) = { forward_nt,
		backward_nn, backward_tn };
	const struct shape *s = &j->s;
	double flop = 2.0 * (double)s->m * (double)s->n * (double)s->k;
	int f;

	for (f = 0; f < 4; f++) {
		double rate = flop / (f < 3 ? seconds(form[f], j) :
			seconds_packed(j, DTYPE_F32));

		if (s->m > 64)
			printf("\t%.1f %.0f%%", rate / 1e9, 100 * rate / peak);
		else
			printf("\t%.1f %.1fGB/s", rate / 1e9, rate / 1e9 /
				2 / (double)s->m * (f < 3 ? 4 : size));
	}
}

/* peak: in fp32, in bf16. */
static void measure(const struct shape *s, const double *peak)
{
	static const enum dtype types[] = { DTYPE_F16, DTYPE_BF16,
		DTYPE_Q8_0, DTYPE_Q4_0, DTYPE_Q4_1 };
	struct job j = { *s, numbers(s->m * s->k), numbers(s->n * s->k),
		numbers(s->m * s->n), COMPUTE_FP32, NULL };
	size_t t;

	printf("%zux%zux%zu", s->m, s->n, s->k);
	measure_forms(&j, peak[0], 4);
	for (t = 0; s->m <= 64 && t < sizeof types / sizeof *types; t++)
		printf("\t%s %.1fGB/s", dtype_row(types[t])->name,
			(double)dtype_bytes(types[t], s->n * s->k) /
			seconds_packed(&j, types[t]) / 1e9);
	printf("\n\tbf16");
	j.compute = COMPUTE_BF16;
	measure_forms(&j, peak[1], 2);
	putchar('\n');
	fflush(stdout);
	free(j.x);
	free(j.w);
	free(j.y);
}

int main(int argc, char **argv)
{
	double peak[2];
	size_t i;

	err_init(argv[0]);
	if (argc > 1)
		parallel_threads(atoi(argv[1]));
	peak[0] = bench_peak(parallel_count());
	peak[1] = bench_peak_bf16(parallel_count());
	printf("# %s, %d threads, peak %.1f GFLOP/s, bf16 %.1f\n",
		cpu_isa_name(cpu_isa()), parallel_count(), peak[0] / 1e9,
		peak[1] / 1e9);
	printf("tokens x out x in\tNT\tNN\tTN\tpacked\n");
	for (i = 0; i < sizeof shapes / sizeof *shapes; i++)
		measure(&shapes[i], peak);
	return 0;
}
