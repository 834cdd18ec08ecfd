/* heads - the heads of common/model/head.h compared with plain loops and finite
 * differences
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/model/architecture.h"
#include "common/model/head.h"

enum { B = 2, T = 7, R = B * T, C = 24, V = 31 };

static int failures;
static struct model *m;
static struct activations *a;
static struct batch batch;
static int32_t ids[R], target[R];
static float d_value[R], map_w[C], map_b[1];

static void near(const char *what, size_t i, double got, double want,
	double bound)
{
	if (!(fabs(got - want) <= bound)) {
		printf("%s %zu: %.9g instead of %.9g\n", what, i, got, want);
		failures++;
	}
}

static void make_model(void)
{
	struct model_config c = {
		.arch = architecture_find("qwen3"), .layers = 2, .width = C,
		.heads = 4, .kv_heads = 2, .head_size = 6, .context = T,
		.vocab = V, .rope_theta = 100, .tied = true, .bos = -1,
		.eos = -1
	};
	size_t i;

	c.arch->begin(&c);
	m = model_new(&c);
	for (i = 0; i < m->size; i++)
		m->params[i] = (float)(.3 * rng_normal(1, RNG_TEST, 0, i));
	for (i = 0; i < R; i++) {
		ids[i] = (int32_t)rng_below(1, RNG_TEST, 1, i, V);
		target[i] = (int32_t)rng_below(1, RNG_TEST, 2, i, V);
		/* As for a reward model: the last token of a sequence counts. */
		d_value[i] = i % T == T - 1 ? (float)i : 0;
	}
	for (i = 0; i < C; i++)
		map_w[i] = (float)rng_normal(1, RNG_TEST, 3, i);
	map_b[0] = .5f;
	batch = (struct batch){ B, T, ids, NULL, NULL, target };
	a = activations_new(m, B, T, KEEP_ALL);
}

/* Hidden states are what the language head sees. */
static void check_language(void)
{
	float logprob[R];
	const float *x, *e = m->weights.embedding;
	size_t r, v, j;

	model_forward(m, a, &batch);
	model_score(m, a, &batch, logprob, NULL);
	x = model_hidden(a);
	for (r = 0; r < R; r++) {
		double sum = 0, own = 0;

		for (v = 0; v < V; v++) {
			double z = 0;

			for (j = 0; j < C; j++)
				z += (double)x[r * C + j] * (double)e[v * C + j];
			sum += exp(z);
			if ((int32_t)v == target[r])
				own = z;
		}
		near("logprob", r, (double)logprob[r], own - log(sum), 1e-5);
	}
}

static void values(float *value)
{
	struct linear map = { .in = C, .out = 1, .w = map_w, .b = map_b };
	struct scalar_head h = { { &head_scalar }, .map = &map,
		.value = value };

	model_forward(m, a, &batch);
	head_forward(&h.head, m, a, &batch);
}

/* Sum of value * d_value. */
static double loss(void)
{
	float value[R];
	double sum = 0;
	size_t r;

	values(value);
	for (r = 0; r < R; r++)
		sum += (double)value[r] * (double)d_value[r];
	return sum;
}

/* Five-point differences with respect to p, whose error is 1e-7/h + h^4. */
static double slope(float *p)
{
	const double h = 1. / 64;
	float was = *p;
	double at[4];
	int i;

	for (i = 0; i < 4; i++) {
		static const int steps[] = { -2, -1, 1, 2 };

		*p = (float)(was + steps[i] * h);
		at[i] = loss();
	}
	*p = was;
	return (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h);
}

static void check_values(void)
{
	float value[R];
	const float *x;
	size_t r, j;

	values(value);
	x = model_hidden(a);
	for (r = 0; r < R; r++) {
		double want = (double)map_b[0];

		for (j = 0; j < C; j++)
			want += (double)x[r * C + j] * (double)map_w[j];
		near("value", r, (double)value[r], want, 1e-5);
	}
}

/* Some elements of every tensor of the model, and of the map. */
static void check_gradients(void)
{
	float g_w[C] = { 0 }, g_b[1] = { 0 }, value[R];
	struct linear map = { .in = C, .out = 1, .w = map_w, .b = map_b };
	struct linear g_map = { .in = C, .out = 1, .w = g_w, .b = g_b };
	struct scalar_head h = { { &head_scalar }, &map, &g_map, value,
		d_value };
	float *g = xcalloc(m->size, sizeof *g);
	struct weights gradient;
	size_t i, k;

	weights_view(&gradient, m, g);
	model_forward(m, a, &batch);
	head_backward(&h.head, m, a, &batch, &gradient);
	for (i = 0; i < C; i++)
		near("map", i, (double)g_w[i], slope(&map_w[i]), .02);
	near("bias", 0, (double)g_b[0], slope(&map_b[0]), .02);
	for (k = 0; k < m->ntensor; k++) {
		const struct tensor *t = &m->tensors[k];

		for (i = 0; i < t->n; i += t->n / 5 + 1)
			near(t->name, i, (double)g[t->offset + i],
				slope(&t->data[i]), .05 + 2e-3 *
				fabs((double)g[t->offset + i]));
	}
	weights_free(&gradient);
	free(g);
}

/* The scalar head is a map of the hidden states, so it and the gradient with
 * respect to them give the same gradients of the blocks. */
static void check_hidden(void)
{
	float *d = xcalloc(R * C, sizeof *d);
	float *g = xcalloc(m->size, sizeof *g);
	float *want = xcalloc(m->size, sizeof *want);
	float g_w[C] = { 0 }, g_b[1] = { 0 };
	struct linear map = { .in = C, .out = 1, .w = map_w, .b = map_b };
	struct linear g_map = { .in = C, .out = 1, .w = g_w, .b = g_b };
	struct scalar_head s = { { &head_scalar }, &map, &g_map, NULL,
		d_value };
	struct hidden_head h = { { &head_hidden }, d };
	struct weights gradient;
	size_t i;

	for (i = 0; i < R * C; i++)
		d[i] = d_value[i / C] * map_w[i % C];
	model_forward(m, a, &batch);
	weights_view(&gradient, m, want);
	head_backward(&s.head, m, a, &batch, &gradient);
	weights_free(&gradient);
	model_forward(m, a, &batch);
	weights_view(&gradient, m, g);
	head_backward(&h.head, m, a, &batch, &gradient);
	weights_free(&gradient);
	for (i = 0; i < m->size; i++)
		near("hidden", i, (double)g[i], (double)want[i], 1e-4);
	free(d);
	free(g);
	free(want);
}

int main(int argc, char **argv)
{
	err_init(argv[0]);
	make_model();
	check_language();
	check_values();
	check_gradients();
	check_hidden();
	activations_free(a);
	model_free(m);
	return failures != 0;
}
