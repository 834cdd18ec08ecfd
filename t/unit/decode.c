/* decode - t/720-batch-invariance.t and t/605-logprobs.t: the decoder
 * compared with the training forward pass, and a sequence alone with one in a batch
 *
 * Models are random, so that no value is close to a round number; sizes are odd,
 * so that every edge case of the kernels occurs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/rng.h"
#include "common/kernel/kernel.h"
#include "common/model/architecture.h"
#include "common/model/forward.h"
#include "common/model/model_dir.h"
#include "common/sample/decoder.h"
#include "common/sample/engine.h"
#include "common/sample/sampler.h"

#define TIME 45
#define PROMPT 19

static int failures;
static enum dtype kv = DTYPE_F32;	/* the type of keys and values */

static struct model *random_model(const struct architecture *arch, bool tied)
{
	struct model_config c = {
		.arch = arch, .layers = 3, .width = 60, .heads = 6,
		.kv_heads = 6, .head_size = 10, .context = 300, .vocab = 397,
		.rope_theta = 10000, .tied = tied, .bos = -1, .eos = -1
	};
	struct model *m;
	size_t i, j;

	arch->begin(&c);
	c.ffn = 131;
	if (c.positions == POSITIONS_ROTARY)
		c.kv_heads = 2;
	if (model_config_check(&c))
		die("the test's own shape: %s", model_config_check(&c));
	m = model_new(&c);
	model_init(m, 3);
	/* Larger than at the start of training, so that distributions
	 * differ: rounding errors grow with the logits. */
	for (i = 0; i < m->size; i++)
		m->params[i] *= 2.5f;
	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *t = &m->tensors[i];

		for (j = 0; t->role == TENSOR_BIAS && j < t->n; j++)
			t->data[j] = (float)(.05 * rng_normal(4, RNG_TEST, 0,
				t->offset + j));
	}
	return m;
}

static uint32_t token(const struct model *m, uint32_t sequence, size_t i)
{
	return (uint32_t)rng_below(5, RNG_TEST, sequence, i, m->config.vocab);
}

/* ---- the training forward pass ---- */

/* What it computes of a sequence: keys and values of each layer, which show its
 * residual stream, and the log-probabilities of its tokens. */
struct forward_pass {
	struct watch watch;
	const struct model_config *c;
	size_t lead;		/* tokens of another document before it in its row */
	float *kv;		/* (layers, TIME, [k|v]) */
	float logprob[TIME];
};

static size_t kv_width(const struct model_config *c)
{
	return 2 * c->kv_heads * c->head_size;
}

static void keep_layer(struct watch *w, size_t layer, const float *x,
	const float *qkv)
{
	struct forward_pass *t = (struct forward_pass *)w;
	size_t n = kv_width(t->c), width = n + t->c->heads * t->c->head_size, i;

	for (i = 0; qkv && i < TIME; i++)
		memcpy(t->kv + (layer * TIME + i) * n, qkv + (t->lead + i + 1) *
			width - n, n * sizeof *qkv);
}

static void train(struct forward_pass *t, const struct model *m, size_t lead)
{
	size_t time = lead + TIME, i;
	struct activations *a = activations_new(m, 1, time, KEEP_NOTHING);
	int32_t ids[2 * TIME], pos[2 * TIME], start[2 * TIME];
	int32_t target[2 * TIME];
	float logprob[2 * TIME];
	struct batch b = { 1, time, ids, pos, start, target };

	*t = (struct forward_pass){ .watch = { keep_layer }, .c = &m->config,
		.lead = lead, .kv = xcalloc(m->config.layers * TIME *
			kv_width(&m->config), sizeof *t->kv) };
	for (i = 0; i < time; i++) {
		bool ours = i >= lead;
		uint32_t which = ours ? 0 : 9;

		pos[i] = (int32_t)(ours ? i - lead : i);
		start[i] = (int32_t)(ours ? lead : 0);
		ids[i] = (int32_t)token(m, which, (size_t)pos[i]);
		target[i] = (int32_t)token(m, which, (size_t)pos[i] + 1);
	}
	model_forward_watched(m, a, &b, &t->watch);
	model_score(m, a, &b, logprob, NULL);
	memcpy(t->logprob, logprob + lead, sizeof t->logprob);
	activations_free(a);
}

/* ---- the decoder ---- */

/* Reads a prompt: the logits after it. */
static void read_all(struct decoder *d, struct kv_segment *run,
	const uint32_t *ids, size_t n, float *logits)
{
	struct decode_prompt p = { .run = run, .ids = ids, .n = n };

	while (!decoder_pass(d, NULL, 0, &p, 1, logits))
		;
}

static void step(struct decoder *d, const struct decode_row *r, float *logits)
{
	decoder_pass(d, r, 1, NULL, 0, logits);
}

/* Whether a segment, whose first token is token `at` of the sequence, has the keys
 * and values of a layer. */
static bool same_layer(const struct forward_pass *t, size_t layer,
	const struct kv_segment *r, size_t at)
{
	const struct model_config *c = t->c;
	size_t hd = c->head_size, room = kv_round(r->n) * hd, h, i, d;
	float *k = xcalloc(2 * room, sizeof *k), *v = k + room;
	bool same = true;

	for (h = 0; h < c->kv_heads; h++) {
		kv_segment_gather(r, layer, h, 0, r->n, k, v);
		for (i = 0; i < r->n; i++) {
			const float *want = t->kv + (layer * TIME + at + i) *
				kv_width(c) + h * hd;

			for (d = 0; d < hd; d++)
				same &= k[kv_key(i, hd) + d * KV_BLOCK] == want[d];
			same &= !memcmp(v + i * hd, want + c->kv_heads * hd,
				hd * sizeof *v);
		}
	}
	free(k);
	return same;
}

/* Compares what the decoder has computed with training: keys and values by layer,
 * then log-probabilities. */
static void compare(const struct forward_pass *t, const char *how,
	const struct kv_segment *prefix, const struct kv_segment *own,
	const float *logprob)
{
	const char *name = t->c->arch->name;
	size_t i;

	for (i = 0; i < t->c->layers; i++)
		if (!same_layer(t, i, prefix, 0) ||
			!same_layer(t, i, own, prefix->n)) {
			printf("# %s, %s, after %zu tokens: layer %zu has other "
				"keys or values\n", name, how, t->lead, i);
			failures++;
			break;
		}
	for (i = PROMPT - 1; i < TIME; i++)
		if (memcmp(logprob + i, t->logprob + i, sizeof *logprob)) {
			printf("# %s, %s, after %zu tokens: logprob %zu is %.9g, "
				"not %.9g\n", name, how, t->lead, i,
				(double)logprob[i], (double)t->logprob[i]);
			failures++;
			break;
		}
}

/* The prompt in one pass, the rest in steps, with a shared prefix or without. */
static void decode(const struct model *m, const struct forward_pass *t, bool shared)
{
	struct decoder *d = decoder_new(m, 4, kv);
	struct sampler *s = sampler_new(m->config.vocab);
	struct kv_segment *prefix = decoder_segment(d);
	struct kv_segment *own = decoder_segment(d);
	float *logits = xcalloc(m->config.vocab, sizeof *logits);
	float logprob[TIME];
	uint32_t ids[PROMPT];
	size_t i;

	for (i = 0; i < PROMPT; i++)
		ids[i] = token(m, 0, i);
	read_all(d, prefix, ids, PROMPT, logits);
	for (i = PROMPT - 1;; i++) {
		struct decode_row r = { shared ? prefix : NULL,
			shared ? own : prefix, token(m, 0, i + 1) };

		if (!sampler_logprob(s, logits, r.id, &logprob[i]))
			failures++;
		if (i + 1 == TIME)
			break;
		step(d, &r, logits);
	}
	compare(t, shared ? "prefix shared" : "prefix own", prefix, own,
		logprob);
	kv_segment_free(prefix);
	kv_segment_free(own);
	free(logits);
	sampler_free(s);
	decoder_free(d);
}

static void agreement(void)
{
	static const size_t lead[] = { 0, 1, 33 };
	const struct architecture *arch;
	size_t i, k;

	for (i = 0; (arch = architecture_at(i)); i++) {
		struct model *m = random_model(arch, i % 2);

		for (k = 0; k < sizeof lead / sizeof *lead; k++) {
			struct forward_pass t;

			train(&t, m, lead[k]);
			decode(m, &t, false);
			decode(m, &t, true);
			free(t.kv);
		}
		model_free(m);
	}
}

/* Logits after a prompt, from a model in a directory, flat or packed. */
static void logits_in(const char *dir, bool packed, float *logits)
{
	struct model *m = packed ? model_load_packed(dir, COMPUTE_FP32) : model_load(dir);
	struct decoder *d = decoder_new(m, 1, kv);
	struct kv_segment *run = decoder_segment(d);
	struct decode_row next = { NULL, run, 5 };
	uint32_t ids[PROMPT];
	size_t i;

	for (i = 0; i < PROMPT; i++)
		ids[i] = token(m, 0, i);
	read_all(d, run, ids, PROMPT, logits);
	step(d, &next, logits + m->config.vocab);
	kv_segment_free(run);
	decoder_free(d);
	model_free(m);
}

/* Weights of any type, packed from the file, give the same bits as the flat
 * model. */
static void forms(void)
{
	static const enum dtype types[] = { DTYPE_F32, DTYPE_F16, DTYPE_BF16 };
	const struct architecture *arch;
	size_t i, k;

	for (i = 0; (arch = architecture_at(i)); i++)
		for (k = 0; k < 6; k++) {
			struct model *m = random_model(arch, k % 2);
			size_t n = 2 * m->config.vocab;
			float *flat = xcalloc(n, sizeof *flat);
			float *packed = xcalloc(n, sizeof *packed);

			model_save(m, "model", types[k / 2], NULL, NULL);
			logits_in("model", false, flat);
			logits_in("model", true, packed);
			if (memcmp(flat, packed, n * sizeof *flat)) {
				printf("# %s, %s, tied=%d\n", arch->name,
					dtype_row(types[k / 2])->name,
					(int)(k % 2));
				failures++;
			}
			free(flat);
			free(packed);
			model_free(m);
		}
}

/* A prompt longer than one pass gives the same bits as token by token. */
static void long_prompt(void)
{
	struct model *m = random_model(architecture_find("llama"), false);
	struct decoder *d = decoder_new(m, 1, kv);
	struct kv_segment *a = decoder_segment(d), *b = decoder_segment(d);
	size_t n = m->config.context, v = m->config.vocab, i;
	float *x = xcalloc(v, sizeof *x), *y = xcalloc(v, sizeof *y);
	uint32_t *ids = xcalloc(n, sizeof *ids);

	for (i = 0; i < n; i++)
		ids[i] = token(m, 1, i);
	read_all(d, a, ids, n, x);
	for (i = 0; i < n; i++) {
		struct decode_row r = { NULL, b, ids[i] };

		step(d, &r, y);
	}
	failures += memcmp(x, y, v * sizeof *x) != 0;
	kv_segment_free(a);
	kv_segment_free(b);
	free(x);
	free(y);
	free(ids);
	decoder_free(d);
	model_free(m);
}

/* ---- a sequence in a batch ---- */

#define PROMPTS 7

struct run {
	const struct model *m;
	struct prompt prompt[PROMPTS];
	size_t given;
	uint32_t *ids[PROMPTS][5];	/* of each sample, as drawn */
	float *logprob[PROMPTS][5];
	size_t n[PROMPTS][5];
};

static struct prompt *give(void *ctx)
{
	struct run *r = ctx;

	return r->given < PROMPTS ? &r->prompt[r->given++] : NULL;
}

static void keep(void *ctx, struct answer *a)
{
	struct run *r = ctx;
	size_t p = (size_t)((struct prompt *)a->prompt - r->prompt);

	r->n[p][a->index] = a->ids.n;
	r->ids[p][a->index] = a->ids.v;
	r->logprob[p][a->index] = a->logprob;
	a->ids.v = NULL;
	a->logprob = NULL;
	answer_free(a);
}

/* Prompts of 1 to 13 tokens, answers of 0 to 30, 1 to 5 samples. */
static void draw_all(struct run *r, const struct model *m,
	const struct vocab *v, size_t rows)
{
	struct sampling how = sampling_plain;
	struct stop_criteria stop = { .vocab = v };
	struct engine_calls calls = { .ctx = r, .next = give, .done = keep };
	struct decoder *d = decoder_new(m, rows, kv);
	struct engine *e = engine_new(d, &(struct engine_memory){ .kept = 1 << 20 });
	uint32_t ids[PROMPTS][13], i, j;

	how.temperature = .9;
	how.repeat_penalty = 1.1;
	*r = (struct run){ .m = m };
	for (i = 0; i < PROMPTS; i++) {
		for (j = 0; j < 13; j++)
			ids[i][j] = token(m, 2 + i, j);
		r->prompt[i] = (struct prompt){ .ids = ids[i], .n = 1 + 2 * i,
			.samples = 1 + i % 5, .most = 5 * i, .key = i };
	}
	engine_run(e, &how, 1, &stop, 256, &calls);
	engine_free(e);
	decoder_free(d);
}

static bool same(const struct run *a, const struct run *b)
{
	size_t p, s;

	for (p = 0; p < PROMPTS; p++)
		for (s = 0; s < a->prompt[p].samples; s++) {
			size_t n = a->n[p][s];

			if (n != a->prompt[p].most || n != b->n[p][s])
				return false;
			if (n && (memcmp(a->ids[p][s], b->ids[p][s],
					n * sizeof(uint32_t)) ||
				memcmp(a->logprob[p][s], b->logprob[p][s],
					n * sizeof(float))))
				return false;
		}
	return true;
}

static void free_run(struct run *r)
{
	size_t p, s;

	for (p = 0; p < PROMPTS; p++)
		for (s = 0; s < 5; s++) {
			free(r->ids[p][s]);
			free(r->logprob[p][s]);
		}
}

/* The 256 single bytes: all that the text of answers needs. */
static struct vocab *byte_vocab(void)
{
	struct vocab *v = vocab_new("gpt2", "the test");
	int missing;
	uint32_t i;

	for (i = 0; i < 256; i++) {
		unsigned char byte = (unsigned char)i;

		vocab_put(v, i, &byte, 1);
	}
	if (!vocab_finish(v, &missing))
		die("the test's own vocabulary: no byte %d", missing);
	return v;
}

static void invariance(void)
{
	static const size_t rows[] = { 1, 2, 3, 5, 16, 64 };
	struct vocab *v = byte_vocab();
	const struct architecture *arch;
	size_t i, k;

	for (k = 0; (arch = architecture_at(k / 2)); k++) {
		struct model *m = random_model(arch, k / 2 % 2);
		struct run first, other;

		kv = k % 2 ? DTYPE_BF16 : DTYPE_F32;

		draw_all(&first, m, v, rows[0]);
		for (i = 1; i < sizeof rows / sizeof *rows; i++) {
			draw_all(&other, m, v, rows[i]);
			if (!same(&first, &other)) {
				printf("# %s, %s: %zu rows differ from one\n",
					arch->name, dtype_row(kv)->name,
					rows[i]);
				failures++;
			}
			free_run(&other);
		}
		free_run(&first);
		model_free(m);
	}
	vocab_free(v);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } row[] = {
		{ "agreement", agreement }, { "long-prompt", long_prompt },
		{ "invariance", invariance }, { "forms", forms }
	};
	size_t i;

	err_init(argv[0]);
	for (i = 0; argc == 2 && i < sizeof row / sizeof *row; i++)
		if (!strcmp(argv[1], row[i].name)) {
			row[i].run();
			return failures != 0;
		}
	die("one of agreement, long-prompt, invariance, forms");
}
