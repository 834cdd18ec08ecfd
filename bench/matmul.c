/* matmul - GFLOP/s of matrix products on the shapes of training and decoding,
 * and their share of the FMA peak. usage: matmul [THREADS]
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
	struct packed_matrix *packed;
};

static void forward_nt(const struct job *j)
{
	matmul_nt(j->y, j->x, j->w, j->s.m, j->s.n, j->s.k, NULL, NULL);
}

/* d_x = d_y w */
static void backward_nn(const struct job *j)
{
	matmul_nn(j->x, j->y, j->w, j->s.m, j->s.k, j->s.n, NULL, NULL);
}

/* d_w += d_y' x */
static void backward_tn(const struct job *j)
{
	matmul_tn(j->w, j->y, j->x, j->s.n, j->s.k, j->s.m, j->w);
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

/* Bytes of weights per second, with weights of that type. */
static void measure_type(struct job *j, enum dtype type)
{
	const struct shape *s = &j->s;
	struct weight w = { type, s->n, s->k,
		xmalloc(dtype_bytes(type, s->n * s->k)) };
	double bytes;

	dtype_row(type)->from_float((void *)w.data, j->w, s->n * s->k);
	j->packed = packed_new(packed_type(type), s->n, s->k, NULL);
	packed_put(j->packed, 0, &w, false);
	bytes = (double)weight_bytes(&w) / seconds(forward_packed, j);
	printf("\t%s %.1fGB/s", dtype_row(type)->name, bytes / 1e9);
	packed_free(j->packed);
	free((void *)w.data);
}

static void measure(const struct shape *s, double peak)
{
	static const enum dtype types[] = { DTYPE_F16, DTYPE_BF16,
		DTYPE_Q8_0, DTYPE_Q4_0, DTYPE_Q4_1 };
	static void (*const form[])(const struct job *j) = { forward_nt,
		backward_nn, backward_tn, forward_packed };
	struct job j = { *s, numbers(s->m * s->k), numbers(s->n * s->k),
		numbers(s->m * s->n), NULL };
	double flop = 2.0 * (double)s->m * (double)s->n * (double)s->k;
	int f;

	size_t t;

	j.packed = packed_new(DTYPE_F32, s->n, s->k, NULL);
	packed_put(j.packed, 0, &(struct weight){ DTYPE_F32, s->n, s->k, j.w },
		false);
	printf("%zux%zux%zu", s->m, s->n, s->k);
	for (f = 0; f < 4; f++) {
		double rate = flop / seconds(form[f], &j);

		if (s->m > 64)
			printf("\t%.1f %.0f%%", rate / 1e9, 100 * rate / peak);
		else	/* bytes of weights per second */
			printf("\t%.1f %.1fGB/s", rate / 1e9,
				rate * 2 / (double)s->m / 1e9);
	}
	packed_free(j.packed);
	for (t = 0; s->m <= 64 && t < sizeof types / sizeof *types; t++)
		measure_type(&j, types[t]);
	putchar('\n');
	fflush(stdout);
	free(j.x);
	free(j.w);
	free(j.y);
}

int main(int argc, char **argv)
{
	double peak;
	size_t i;

	err_init(argv[0]);
	if (argc > 1)
		parallel_threads(atoi(argv[1]));
	peak = bench_peak(parallel_count());
	printf("# %s, %d threads, FMA peak %.1f GFLOP/s\n",
		cpu_isa_name(cpu_isa()), parallel_count(), peak / 1e9);
	printf("tokens x out x in\tNT\tNN\tTN\tpacked\n");
	for (i = 0; i < sizeof shapes / sizeof *shapes; i++)
		measure(&shapes[i], peak);
	return 0;
}
