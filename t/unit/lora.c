/* lora - adapters of a tiny model compared with the model into which they are merged
 *
 *	lora ARCH[+bias|+qknorm] TYPE ISA
 *
 * In the current directory. Log-probabilities agree to 1e-5; the gradients of A, B
 * and new embeddings are, to 1e-5, those that the chain rule makes of the merged
 * model's (which gradcheck convicts): dA = s B^T dW, dB = s dW A^T. A step along
 * the gradient changes the loss as the gradient says. What is read again has the
 * same bits.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/model/adapter_dir.h"
#include "common/model/architecture.h"
#include "common/model/forward.h"
#include "common/model/model_dir.h"

enum { B = 3, T = 40, R = B * T, VOCAB = 41, FIRST = 39, TOKENS = 4, RANK = 3 };

static struct batch batch;
static int32_t ids[R], target[R];
static float weight[R];
static int failures;

static void check(const char *what, double error, double bound)
{
	printf("%-60s %.2g\n", what, error);
	if (!(error <= bound)) {
		warn("%s: %g is more than %g", what, error, bound);
		failures++;
	}
}

/* ---- models ---- */

static struct model *tiny(const char *name)
{
	size_t n = strcspn(name, "+"), i;
	char *arch = xstrndup(name, n);
	struct model_config c = {
		.arch = architecture_find(arch), .layers = 2, .width = 24,
		.heads = 6, .kv_heads = 6, .head_size = 4, .context = T,
		.vocab = VOCAB, .rope_theta = 100, .bos = -1, .eos = -1,
		.tied = strcmp(name, "qwen2") != 0
	};
	struct model *m;

	c.arch->begin(&c);
	c.ffn = 36;
	if (!strcmp(name + n, "+bias"))
		c.qkv_bias = c.out_bias = c.mlp_bias = true;
	if (!strcmp(arch, "qwen3"))
		c.head_size = 6;
	if (c.positions == POSITIONS_ROTARY)
		c.kv_heads = 2;
	free(arch);
	m = model_new(&c);
	for (i = 0; i < m->ntensor; i++)
		vec_normal(m->tensors[i].data, m->tensors[i].n, .3, 1,
			(uint32_t)i, 0);
	return m;
}

/* The base with a random adapter of all matrices and of some tokens, of which the
 * model has one. */
static struct model *adapted(void)
{
	struct lora_config c = { .rank = RANK, .alpha = 2, .first = FIRST,
		.tokens = TOKENS };
	struct model_source *s = source_open("base");
	struct model *m;
	struct lora *l;
	bool *has;
	size_t i;

	source_own_tokens(s, FIRST, TOKENS);
	m = model_packed_from(s, COMPUTE_FP32);
	has = xcalloc(m->ntensor, sizeof *has);
	for (i = 0; i < m->ntensor; i++)
		has[i] = m->tensors[i].role == TENSOR_MATRIX;
	l = lora_new(m, &c, has);
	l->base = xstrdup("base");
	for (i = 0; i < l->ntensor; i++)
		vec_normal(l->tensors[i].data, l->tensors[i].n, .2, 2,
			(uint32_t)i, 0);
	lora_attach(m, l);
	free(has);
	return m;
}

static void make_batch(void)
{
	size_t r;

	for (r = 0; r < R; r++) {
		ids[r] = (int32_t)rng_below(1, RNG_TEST, 0, r, FIRST + TOKENS);
		target[r] = r % 7 == 2 ? -1 : (int32_t)rng_below(1, RNG_TEST, 1,
			r, FIRST + TOKENS);
		weight[r] = (float)rng_normal(1, RNG_TEST, 2, r);
	}
	batch = (struct batch){ B, T, ids, NULL, NULL, target };
}

/* The loss, log-probabilities (R) and gradient of m. */
static double run(const struct model *m, float *logprob, float *gradient)
{
	struct activations *a = activations_new(m, B, T, KEEP_ALL);
	struct weights g;
	double loss = 0;
	size_t r;

	weights_view(&g, m, gradient);
	model_forward(m, a, &batch);
	model_backward(m, a, &batch, weight, NULL, &g, logprob);
	for (r = 0; r < R; r++)
		loss -= (double)weight[r] * (double)logprob[r];
	weights_free(&g);
	activations_free(a);
	return loss;
}

static double difference(const float *x, const float *y, size_t n)
{
	double worst = 0;
	size_t i;

	for (i = 0; i < n; i++)
		worst = fmax(worst, fabs((double)x[i] - (double)y[i]));
	return worst;
}

/* ---- gradients ---- */

static float *transposed(const float *x, size_t rows, size_t cols)
{
	float *y = kernel_alloc(rows * cols);

	matrix_transpose(y, rows, x, rows, cols);
	return y;
}

/* Compares g with the chain rule's want, which is freed. */
static void check_gradient(const struct tensor *t, const float *g, float *want)
{
	check(t->name, vec_compare(want, g + t->offset, t->n).relative, 1e-5);
	kernel_free(want);
}

static void check_pair(const struct model *m, const struct lora_pair *p,
	const float *g, const struct tensor *of, const float *d)
{
	const struct lora *l = m->lora;
	const struct tensor *a = &l->tensors[p->a], *b = &l->tensors[p->b];
	size_t in = a->shape[1], out = b->shape[0];
	float *dw = of->in_first ? transposed(d, in, out) :
		transposed(d, out, in);
	float *d_w = of->in_first ? dw : transposed(dw, in, out);
	float *want_a = kernel_alloc(a->n), *want_b = kernel_alloc(b->n);

	matmul_tn(want_a, b->data, d_w, RANK, in, out, NULL);
	matmul_nt(want_b, d_w, a->data, out, RANK, in, NULL, NULL);
	vec_scale(want_a, l->scale, a->n);
	vec_scale(want_b, l->scale, b->n);
	check_gradient(a, g, want_a);
	check_gradient(b, g, want_b);
	if (d_w != dw)
		kernel_free(d_w);
	kernel_free(dw);
}

/* m's gradient g of its adapter, and d of the merged model. */
static void check_gradients(const struct model *m, const float *g,
	const struct model *merged, const float *d)
{
	const struct lora *l = m->lora;
	size_t i, k;

	for (i = 0; i < l->npair; i++) {
		const struct tensor *of = &merged->tensors[l->pairs[i].of];

		check_pair(m, &l->pairs[i], g, of, d + of->offset);
	}
	for (k = 2 * l->npair; k < l->ntensor; k++) {
		const struct tensor *rows = &l->tensors[k];
		float *want = kernel_alloc(rows->n);

		for (i = 0; merged->tensors[i].place != rows->place; i++)
			;
		vec_copy(want, d + merged->tensors[i].offset + FIRST *
			rows->shape[1], rows->n);
		check_gradient(rows, g, want);
	}
}

/* (loss(p + h g) - loss(p - h g)) / 2h is ||g||^2. */
static void check_step(struct model *m, const float *g)
{
	struct lora *l = m->lora;
	double norm = vec_sum_squares(g, l->size), up, down;
	float h = (float)(1e-2 / sqrt(norm)), logprob[R];
	float *other = kernel_alloc(l->size);

	vec_axpby(l->params, h, g, 1, l->size);
	up = run(m, logprob, other);
	vec_axpby(l->params, -2 * h, g, 1, l->size);
	down = run(m, logprob, other);
	vec_axpby(l->params, h, g, 1, l->size);
	check("a step along the gradient", fabs((up - down) /
		(2 * (double)h * norm) - 1), 3e-3);
	kernel_free(other);
}

int main(int argc, char **argv)
{
	float logprob[R], merged_logprob[R], again[R], *g, *d;
	struct model *base, *m, *merged, *read;

	if (argc != 4)
		die_usage("lora ARCH[+bias] F32|F16|BF16 ISA");
	setenv("PIPELM_ISA", argv[3], 1);
	base = tiny(argv[1]);
	model_save(base, "base", dtype_find(argv[2]), "", NULL);
	make_batch();
	m = adapted();
	model_save(m, "adapter", DTYPE_F32, "", NULL);
	merged = model_load("adapter");
	read = model_load_packed("adapter", COMPUTE_FP32);
	g = kernel_alloc(m->lora->size);
	d = kernel_alloc(merged->size);
	run(m, logprob, g);
	run(merged, merged_logprob, d);
	check("log-probabilities of the merged model",
		difference(logprob, merged_logprob, R), 1e-5);
	check_gradients(m, g, merged, d);
	run(read, again, d);
	check("bits of what was read again", difference(logprob, again, R), 0);
	check_step(m, g);
	model_free(base);
	model_free(m);
	model_free(merged);
	model_free(read);
	kernel_free(g);
	kernel_free(d);
	return failures > 0;
}
