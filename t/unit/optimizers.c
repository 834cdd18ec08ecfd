/* optimizers - AdamW compared with its formulas in double, Muon's direction
 * checked by its singular values
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/model/architecture.h"
#include "common/train/optimizer.h"
#include "common/train/schedule.h"

static int failures;

static void near(const char *what, double got, double want, double bound)
{
	if (!(fabs(got - want) <= bound)) {
		printf("%s: %.9g instead of %.9g\n", what, got, want);
		failures++;
	}
}

static struct model *tiny(const char *arch)
{
	struct model_config c = {
		.arch = architecture_find(arch), .layers = 1, .width = 16,
		.heads = 2, .kv_heads = 2, .head_size = 8, .context = 8,
		.vocab = 32, .rope_theta = 10000, .tied = true, .bos = -1,
		.eos = -1
	};
	struct model *m;

	c.arch->begin(&c);
	c.ffn = 24;
	m = model_new(&c);
	model_init(m, 1);
	return m;
}

static float gradient_at(long step, size_t i)
{
	return (float)rng_normal(2, RNG_TEST, (uint32_t)step, i);
}

/* Five steps; a bias and a matrix are tracked by the reference. */
static void check_adamw(const char *arch)
{
	struct model *m = tiny(arch);
	struct optimizer_config c;
	struct optimizer *o;
	float *g = xcalloc(m->size, sizeof *g);
	double *p = xcalloc(m->size, sizeof *p);
	double *mean = xcalloc(m->size, sizeof *mean);
	double *square = xcalloc(m->size, sizeof *square);
	size_t i, k;
	long t;

	optimizer_defaults(&c, OPTIMIZER_ADAMW, 16);
	c.lr = .01;
	o = optimizer_new(&c, m);
	for (i = 0; i < m->size; i++)
		p[i] = (double)m->params[i];
	for (t = 1; t <= 5; t++) {
		for (k = 0; k < m->ntensor; k++)
			for (i = 0; i < m->tensors[k].n; i++)
				g[m->tensors[k].offset + i] = gradient_at(t,
					m->tensors[k].offset + i);
		optimizer_step(o, g, .5, .8, NULL);
		for (i = 0; i < m->size; i++) {
			double x = .5 * (double)g[i];

			mean[i] = .9 * mean[i] + .1 * x;
			square[i] = .95 * square[i] + .05 * x * x;
		}
		for (k = 0; k < m->ntensor; k++) {
			const struct tensor *s = &m->tensors[k];
			double decay = s->ndim == 2 ? .1 : 0;

			for (i = s->offset; i < s->offset + s->n; i++) {
				p[i] -= .008 * decay * p[i];
				p[i] -= .008 * mean[i] / (1 - pow(.9, t)) /
					(sqrt(square[i] / (1 - pow(.95, t))) +
					1e-8);
			}
		}
	}
	for (i = 0; i < m->size; i++)
		near("adamw", (double)m->params[i], p[i], 2e-6);
	optimizer_free(o);
	model_free(m);
	free(g);
	free(p);
	free(mean);
	free(square);
}

/* x x^T, or x^T x, of an orthogonal matrix is 1. Polar Express is not
 * exact: singular values end between about .7 and 1.2. */
static void check_polar(size_t rows, size_t cols)
{
	size_t n = rows < cols ? rows : cols, i, j, k;
	float *x = xcalloc(rows * cols, sizeof *x);
	float *y = xcalloc(rows * cols, sizeof *y);
	float *a = xcalloc(n * n, sizeof *a), *b = xcalloc(n * n, sizeof *b);
	struct muon_scratch s = { .y = y, .a = a, .b = b };

	for (i = 0; i < rows * cols; i++)
		x[i] = (float)rng_normal(3, RNG_TEST, (uint32_t)cols, i);
	muon_polar(x, &s, rows, cols);
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			double sum = 0;

			for (k = 0; k < rows * cols / n; k++)
				sum += rows <= cols ?
					(double)x[i * cols + k] *
					(double)x[j * cols + k] :
					(double)x[k * cols + i] *
					(double)x[k * cols + j];
			near("x x^T", sum, i == j, .25);
		}
	}
	free(x);
	free(y);
	free(a);
	free(b);
}

/* Muon updates only matrices of blocks, and q, k and v of gpt2 separately: the
 * update of one third must not depend on the others. */
static void check_parts(void)
{
	struct optimizer_config c;
	float *first = NULL, *g;
	size_t round, i, at, col;

	optimizer_defaults(&c, OPTIMIZER_MUON, 16);
	for (round = 0; round < 2; round++) {
		struct model *m = tiny("gpt2");
		struct optimizer *o = optimizer_new(&c, m);
		const struct tensor *t = model_tensor(m,
			"transformer.h.0.attn.c_attn.weight");

		g = xcalloc(m->size, sizeof *g);
		for (i = 0; i < t->n; i++) {
			col = i % t->shape[1];
			g[t->offset + i] = gradient_at(col >= 16 && round ?
				9 : 1, i);
		}
		optimizer_step(o, g, 1, 1, NULL);
		if (!round) {
			first = xcalloc(t->n, sizeof *first);
			memcpy(first, t->data, t->n * sizeof *first);
		}
		for (i = 0; round && i < t->n; i++) {
			col = i % t->shape[1];
			at = t->offset + i;
			if ((m->params[at] == first[i]) != (col < 16)) {
				printf("c_attn column %zu\n", col);
				failures++;
			}
		}
		optimizer_free(o);
		model_free(m);
		free(g);
	}
	free(first);
}

static void check_schedule(void)
{
	struct schedule s = { SCHEDULE_COSINE, 110, 10, .1, .5 };

	near("first", schedule_factor(&s, 0), 1. / 11, 1e-12);
	near("end of warmup", schedule_factor(&s, 10), 1, 1e-12);
	near("middle", schedule_factor(&s, 60), .55, 1e-12);
	near("end", schedule_factor(&s, 110), .1, 1e-12);
	s.kind = SCHEDULE_LINEAR;
	near("flat", schedule_factor(&s, 55), 1, 1e-12);
	near("falling", schedule_factor(&s, 82), 1 - .9 * 27 / 55, 1e-12);
	near("end", schedule_factor(&s, 110), .1, 1e-12);
	s.steps = 0;
	near("no end", schedule_factor(&s, 1000), 1, 0);
}

/* Moments in bf16: a thousand steps of a constant gradient, each of which moves the second
 * moment by a thousandth of itself or less. To nearest it would stop at a third. */
static void check_bf16(void)
{
	enum { N = 4096 + 5, STEPS = 1500 };
	struct adamw a = { .lr = 1e-3f, .beta1 = .9f, .beta2 = .999f,
		.eps = 1e-8f, .grad_scale = 1 };
	static float p[N], g[N], v[N], m[N];
	static uint16_t m16[N], v16[N];
	double sum_m = 0, sum_v = 0, want = 1 - pow(.999, STEPS);
	size_t i;

	for (i = 0; i < N; i++)
		g[i] = .37f;
	for (a.step = 1; a.step <= STEPS; a.step++)
		adamw_step_bf16(&a, p, m16, v16, g, N, (uint32_t)a.step, 0);
	moments_widen(m, m16, N);
	moments_widen(v, v16, N);
	for (i = 0; i < N; i++) {
		sum_m += (double)m[i];
		sum_v += (double)v[i];
		near("a second moment in bf16", (double)v[i],
			.37 * .37 * want, .37 * .37 * .2);
	}
	near("first moments in bf16", sum_m / N, .37, .37 * 1e-3);
	near("second moments in bf16", sum_v / N, .37 * .37 * want,
		.37 * .37 * 2e-3);
	/* A step goes down by the rate: root and mean are equal but for noise. */
	for (sum_m = 0, i = 0; i < N; i++)
		sum_m += (double)p[i];
	near("parameters", sum_m / N, -1e-3 * STEPS, 1e-2 * STEPS * 1e-3);
}

int main(void)
{
	check_bf16();
	check_adamw("gpt2");
	check_adamw("llama");
	check_polar(24, 24);
	check_polar(16, 40);
	check_polar(40, 16);
	check_parts();
	check_schedule();
	return failures != 0;
}
