/* gradcheck - loss and gradients of tiny models compared with a double-precision
 * reference of its own and its central differences
 *
 *	gradcheck ARCH[+bias|+qknorm] ISA	prints the worst relative error of the
 *	log-probabilities and of each tensor's gradient; exit 1 over the bound
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"
#include "common/model/architecture.h"
#include "common/model/forward.h"

enum { B = 2, T = 9, R = B * T, MAXV = 64, MAXC = 64,
	MAX_ELEMENTS = 72 };

static struct model *m;
static struct batch batch;
static int32_t ids[R], target[R], pos[R], start[R];
static float weight[R], entropy_weight[R];

/* ---- the reference, as plain as possible, in double ---- */

static bool is_gpt2(void)
{
	return !strcmp(m->config.arch->name, "gpt2");
}

/* Element i of a tensor whose parameters are in p (double, flat). */
static const double *at(const double *p, const char *fmt, size_t layer)
{
	char name[64];
	const struct tensor *t;

	snprintf(name, sizeof name, fmt, layer);
	t = model_tensor(m, name);
	if (!t)
		die("there is no tensor %s", name);
	return p + t->offset;
}

/* The same, or NULL if the model lacks the feature. */
static const double *at_if(bool has, const double *p, const char *fmt,
	size_t layer)
{
	return has ? at(p, fmt, layer) : NULL;
}

/* y (out) = x (in) W + b; in_first as in struct linear. */
static void product(double *y, const double *x, const double *w,
	const double *b, size_t in, size_t out, bool in_first)
{
	size_t i, j;

	for (j = 0; j < out; j++) {
		y[j] = b ? b[j] : 0;
		for (i = 0; i < in; i++)
			y[j] += x[i] * (in_first ? w[i * out + j] :
				w[j * in + i]);
	}
}

static void norm_of(double *y, const double *x, const double *w,
	const double *b, size_t n)
{
	size_t i;
	double mean = 0, var = 0;

	for (i = 0; b && i < n; i++)
		mean += x[i] / (double)n;
	for (i = 0; i < n; i++)
		var += (x[i] - mean) * (x[i] - mean) / (double)n;
	for (i = 0; i < n; i++)
		y[i] = (x[i] - mean) / sqrt(var + (double)m->config.norm_eps) *
			w[i] + (b ? b[i] : 0);
}

static void norm(double *y, const double *x, const double *w, const double *b)
{
	norm_of(y, x, w, b, m->config.width);
}

static void rotate(double *x, int32_t position)
{
	size_t d = m->config.head_size, j;

	for (j = 0; j < d / 2; j++) {
		double angle = position * pow(m->config.rope_theta,
			-2.0 * (double)j / (double)d);
		double a = x[j], b = x[j + d / 2];

		x[j] = a * cos(angle) - b * sin(angle);
		x[j + d / 2] = b * cos(angle) + a * sin(angle);
	}
}

static double qkv[R][4 * MAXC];

/* Attention of token r, which sees tokens first..r. */
static void attend(double *out, size_t r, size_t first)
{
	const struct model_config *c = &m->config;
	size_t d = c->head_size, h, k, j;

	for (h = 0; h < c->heads; h++) {
		size_t g = h / (c->heads / c->kv_heads);
		const size_t ko = (c->heads + g) * d;
		const size_t vo = (c->heads + c->kv_heads + g) * d;
		double p[T], sum = 0;

		for (k = first; k <= r; k++) {
			double s = 0;

			for (j = 0; j < d; j++)
				s += qkv[r][h * d + j] * qkv[k][ko + j];
			sum += p[k - first] = exp(s / sqrt((double)d));
		}
		for (j = 0; j < d; j++) {
			out[h * d + j] = 0;
			for (k = first; k <= r; k++)
				out[h * d + j] += p[k - first] / sum *
					qkv[k][vo + j];
		}
	}
}

static void mlp(double *y, const double *x, const double *p, size_t l)
{
	const struct model_config *c = &m->config;
	double up[4 * MAXC], gate[4 * MAXC];
	size_t j, n = c->ffn;

	if (is_gpt2()) {
		product(up, x, at(p, "transformer.h.%zu.mlp.c_fc.weight", l),
			at(p, "transformer.h.%zu.mlp.c_fc.bias", l), c->width,
			n, true);
		for (j = 0; j < n; j++)
			up[j] *= .5 * (1 + tanh(sqrt(2 / acos(-1)) *
				(up[j] + .044715 * pow(up[j], 3))));
		product(y, up, at(p, "transformer.h.%zu.mlp.c_proj.weight", l),
			at(p, "transformer.h.%zu.mlp.c_proj.bias", l), n,
			c->width, true);
		return;
	}
	product(gate, x, at(p, "model.layers.%zu.mlp.gate_proj.weight", l),
		at_if(c->mlp_bias, p, "model.layers.%zu.mlp.gate_proj.bias",
		l), c->width, n, false);
	product(up, x, at(p, "model.layers.%zu.mlp.up_proj.weight", l),
		at_if(c->mlp_bias, p, "model.layers.%zu.mlp.up_proj.bias", l),
		c->width, n, false);
	for (j = 0; j < n; j++)
		up[j] *= gate[j] / (1 + exp(-gate[j]));
	product(y, up, at(p, "model.layers.%zu.mlp.down_proj.weight", l),
		at_if(c->mlp_bias, p, "model.layers.%zu.mlp.down_proj.bias",
		l), n, c->width, false);
}

static void make_qkv(double *out, const double *x, const double *p, size_t l,
	int32_t position)
{
	const struct model_config *c = &m->config;
	size_t d = c->head_size, q = c->heads * d, kv = c->kv_heads * d, h;

	if (is_gpt2()) {
		product(out, x, at(p, "transformer.h.%zu.attn.c_attn.weight",
			l), at(p, "transformer.h.%zu.attn.c_attn.bias", l),
			c->width, 3 * c->width, true);
		return;
	}
	product(out, x, at(p, "model.layers.%zu.self_attn.q_proj.weight", l),
		at_if(c->qkv_bias, p, "model.layers.%zu.self_attn.q_proj.bias",
		l), c->width, q, false);
	product(out + q, x, at(p, "model.layers.%zu.self_attn.k_proj.weight",
		l), at_if(c->qkv_bias, p,
		"model.layers.%zu.self_attn.k_proj.bias", l), c->width, kv,
		false);
	product(out + q + kv, x, at(p,
		"model.layers.%zu.self_attn.v_proj.weight", l),
		at_if(c->qkv_bias, p, "model.layers.%zu.self_attn.v_proj.bias",
		l), c->width, kv, false);
	for (h = 0; c->qk_norm && h < c->heads + c->kv_heads; h++) {
		double raw[MAXC];

		memcpy(raw, out + h * d, d * sizeof *raw);
		norm_of(out + h * d, raw, at(p, h < c->heads ?
			"model.layers.%zu.self_attn.q_norm.weight" :
			"model.layers.%zu.self_attn.k_norm.weight", l), NULL,
			d);
	}
	for (h = 0; h < c->heads + c->kv_heads; h++)
		rotate(out + h * d, position);
}

static void block(double (*x)[MAXC], const double *p, size_t l)
{
	const struct model_config *c = &m->config;
	bool gpt2 = is_gpt2();
	double y[MAXC], z[MAXC];
	size_t r, j;

	for (r = 0; r < R; r++) {
		norm(y, x[r], at(p, gpt2 ? "transformer.h.%zu.ln_1.weight" :
			"model.layers.%zu.input_layernorm.weight", l),
			gpt2 ? at(p, "transformer.h.%zu.ln_1.bias", l) : NULL);
		make_qkv(qkv[r], y, p, l, pos[r]);
	}
	for (r = 0; r < R; r++) {
		attend(y, r, r / T * T + (size_t)start[r]);
		product(z, y, at(p, gpt2 ?
			"transformer.h.%zu.attn.c_proj.weight" :
			"model.layers.%zu.self_attn.o_proj.weight", l),
			at_if(c->out_bias, p, gpt2 ?
			"transformer.h.%zu.attn.c_proj.bias" :
			"model.layers.%zu.self_attn.o_proj.bias", l),
			c->heads * c->head_size, c->width, gpt2);
		for (j = 0; j < c->width; j++)
			x[r][j] += z[j];
		norm(y, x[r], at(p, gpt2 ? "transformer.h.%zu.ln_2.weight" :
			"model.layers.%zu.post_attention_layernorm.weight", l),
			gpt2 ? at(p, "transformer.h.%zu.ln_2.bias", l) : NULL);
		mlp(z, y, p, l);
		for (j = 0; j < c->width; j++)
			x[r][j] += z[j];
	}
}

static void embed(double (*x)[MAXC], const double *p)
{
	size_t w = m->config.width, r, j;
	bool gpt2 = is_gpt2();
	const double *tokens = at(p, gpt2 ? "transformer.wte.weight" :
		"model.embed_tokens.weight", 0);

	for (r = 0; r < R; r++)
		for (j = 0; j < w; j++)
			x[r][j] = tokens[(size_t)ids[r] * w + j] + (gpt2 ?
				at(p, "transformer.wpe.weight", 0)
				[(size_t)pos[r] * w + j] : 0);
}

/* The loss, and each token's log-probability unless NULL. */
static double reference(const double *p, double *logprob)
{
	const struct model_config *c = &m->config;
	bool gpt2 = is_gpt2();
	const double *head = c->tied ? at(p, gpt2 ? "transformer.wte.weight" :
		"model.embed_tokens.weight", 0) : at(p, "lm_head.weight", 0);
	static double x[R][MAXC];
	double y[MAXC], logits[MAXV], loss = 0;
	size_t l, r, v;

	embed(x, p);
	for (l = 0; l < c->layers; l++)
		block(x, p, l);
	for (r = 0; r < R; r++) {
		double sum = 0, entropy = 0;

		if (target[r] < 0)
			continue;
		norm(y, x[r], at(p, gpt2 ? "transformer.ln_f.weight" :
			"model.norm.weight", 0),
			gpt2 ? at(p, "transformer.ln_f.bias", 0) : NULL);
		product(logits, y, head, at_if(c->head_bias, p,
			"lm_head.bias", 0), c->width, c->vocab, false);
		for (v = 0; v < c->vocab; v++)
			sum += exp(logits[v]);
		for (v = 0; v < c->vocab; v++)
			entropy -= exp(logits[v]) / sum *
				(logits[v] - log(sum));
		loss -= (double)weight[r] * (logits[target[r]] - log(sum)) +
			(double)entropy_weight[r] * entropy;
		if (logprob)
			logprob[r] = logits[target[r]] - log(sum);
	}
	return loss;
}

/* ---- the check ---- */

static void make_batch(void)
{
	size_t r;

	for (r = 0; r < R; r++) {
		size_t t = r % T;

		/* The second row holds two documents, of 4 and 5 tokens. */
		start[r] = r / T == 1 && t >= 4 ? 4 : 0;
		pos[r] = (int32_t)t - start[r];
		ids[r] = (int32_t)rng_below(1, RNG_TEST, 0, r, m->config.vocab);
		target[r] = t == 2 ? -1 : (int32_t)rng_below(1, RNG_TEST, 1, r,
			m->config.vocab);
		weight[r] = (float)rng_normal(1, RNG_TEST, 2, r);
		entropy_weight[r] = (float)(.1 * rng_normal(1, RNG_TEST, 3, r));
	}
	batch = (struct batch) { B, T, ids, pos, start, target };
}

/* Larger than the values of model_init, so that nothing is nearly linear. */
static void make_params(double *p)
{
	size_t i;

	for (i = 0; i < m->size; i++)
		m->params[i] = (float)(.3 * rng_normal(1, RNG_TEST, 4, i));
	for (i = 0; i < m->size; i++)
		p[i] = (double)m->params[i];
}

static double check_logprobs(const double *p, const float *logprob)
{
	double want[R] = { 0 }, worst = 0;
	size_t r;

	reference(p, want);
	for (r = 0; r < R; r++)
		worst = fmax(worst, fabs(want[r] - (double)logprob[r]));
	return worst;
}

/* ||d|| / ||g|| over some of a tensor's elements, by central differences. */
static double check_tensor(double *p, const struct tensor *t, const float *g)
{
	const double h = 1e-5;
	double d2 = 0, g2 = 0;
	size_t i, step = t->n > MAX_ELEMENTS ? t->n / MAX_ELEMENTS | 1 : 1;

	for (i = t->offset; i < t->offset + t->n; i += step) {
		double keep = p[i], up, down, want;

		p[i] = keep + h;
		up = reference(p, NULL);
		p[i] = keep - h;
		down = reference(p, NULL);
		p[i] = keep;
		want = (up - down) / (2 * h);
		d2 += (want - (double)g[i]) * (want - (double)g[i]);
		g2 += want * want;
	}
	return sqrt(d2 / g2);
}

/* ARCH, or ARCH+bias and ARCH+qknorm, with a feature that the architecture may
 * not have itself. */
static struct model *tiny(const char *name, bool tied)
{
	size_t n = strcspn(name, "+");
	char *arch = xstrndup(name, n);
	struct model_config c = {
		.arch = architecture_find(arch),
		.layers = 2, .width = 24, .heads = 6, .kv_heads = 6,
		.head_size = 4, .context = T, .vocab = 41,
		.rope_theta = 100, .tied = tied, .bos = -1, .eos = -1
	};

	c.arch->begin(&c);
	c.ffn = 36;
	if (!strcmp(name + n, "+bias"))
		c.qkv_bias = c.out_bias = c.mlp_bias = c.head_bias = true;
	if (!strcmp(name + n, "+qknorm")) {
		c.qk_norm = true;
		c.head_size = 6;	/* heads wider than the stream, in sum */
	}
	free(arch);
	if (c.positions == POSITIONS_ROTARY)
		c.kv_heads = 2;
	return model_new(&c);
}

int main(int argc, char **argv)
{
	struct activations *a;
	struct weights gradient;
	float *g, logprob[R], scored[R];
	double *p, worst = 0, bound = 1e-5, error;
	size_t i;
	int tied;

	if (argc != 3)
		die_usage("gradcheck ARCH[+bias|+qknorm] c|avx2|avx512");
	setenv("PIPELM_ISA", argv[2], 1);
	for (tied = 0; tied < 2; tied++) {
		m = tiny(argv[1], tied);
		make_batch();
		p = xcalloc(m->size, sizeof *p);
		make_params(p);
		a = activations_new(m, B, T, KEEP_ALL);
		g = xaligned(m->size * sizeof *g);
		weights_view(&gradient, m, g);
		model_forward(m, a, &batch);
		model_score(m, a, &batch, scored, NULL);
		model_backward(m, a, &batch, weight, entropy_weight, &gradient,
			logprob);
		if (memcmp(scored, logprob, sizeof scored))
			die("score and backward give other logprobs");
		error = check_logprobs(p, logprob);
		printf("%s %s tied=%d logprob %.2g\n", argv[1], argv[2], tied,
			error);
		worst = fmax(worst, error);
		for (i = 0; i < m->ntensor; i++) {
			error = check_tensor(p, &m->tensors[i], g);
			printf("%-52s %.2g\n", m->tensors[i].name, error);
			if (!(error <= bound))
				worst = INFINITY;
		}
		weights_free(&gradient);
		activations_free(a);
		model_free(m);
		free(g);
		free(p);
	}
	return worst <= bound ? 0 : 1;
}
