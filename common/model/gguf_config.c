/* gguf_config.c - the configuration of a model in a GGUF file: gguf_model.h
 *
 * Keys begin with the architecture, "llama.block_count". Features that the keys
 * do not have follow from the tensors: whether the head is tied, biases.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/model/architecture.h"
#include "common/model/gguf_model.h"

/* ---- keys ---- */

/* "ARCH.NAME", valid until the next call. */
static const char *key_of(const struct model_config *c, const char *name)
{
	static char key[96];

	snprintf(key, sizeof key, "%s.%s", c->arch->gguf, name);
	return key;
}

static size_t read_size(const struct model_config *c, const struct gguf *g,
	const char *name, size_t otherwise)
{
	const char *key = key_of(c, name);
	int64_t n = gguf_int(g, key, (int64_t)otherwise);

	if (!otherwise && !gguf_find(g, key))
		die("%s: key '%s' is missing", g->name, key);
	if (n < 1 || n > MODEL_MAX_SIZE)
		die("%s: the value of '%s' is not from 1 to %d", g->name, key,
			MODEL_MAX_SIZE);
	return (size_t)n;
}

static double read_real(const struct model_config *c, const struct gguf *g,
	const char *name, double otherwise)
{
	double x = gguf_real(g, key_of(c, name), otherwise);

	if (!(x > 0 && x < 1e30))
		die("%s: the value of '%s' is missing or not above 0",
			g->name, key_of(c, name));
	return x;
}

/* Keys that are read here, or change nothing. */
static const char *const known[] = { "block_count", "context_length",
	"embedding_length", "feed_forward_length", "vocab_size",
	"attention.head_count", "attention.head_count_kv",
	"attention.key_length", "attention.value_length",
	"attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon",
	"attention.causal", "attention.sliding_window",
	"rope.dimension_count", "rope.freq_base", "rope.scaling.type",
	"rope.scaling.factor", "rope.scaling.finetuned",
	"rope.scaling.original_context_length", "rope.scale_linear",
	"tensor_data_layout" };

static bool is_known(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (!strcmp(name, known[i]))
			return true;
	return false;
}

/* Other keys of the architecture may change the computation, unless they say
 * "none of it". */
static void check_keys(const struct model_config *c, const struct gguf *g)
{
	size_t i, n = strlen(c->arch->gguf);

	for (i = 0; i < g->nvalue; i++) {
		const char *key = g->values[i].key;

		if (!strncmp(key, c->arch->gguf, n) && key[n] == '.' &&
			!is_known(key + n + 1) && !gguf_is_zero(&g->values[i]))
			die("%s: key '%s' is not supported", g->name, key);
	}
}

/* ---- attention ---- */

static void read_heads(struct model_config *c, const struct gguf *g)
{
	size_t window;

	c->heads = read_size(c, g, "attention.head_count", 0);
	c->kv_heads = read_size(c, g, "attention.head_count_kv", c->heads);
	c->head_size = read_size(c, g, "attention.key_length",
		c->width >= c->heads ? c->width / c->heads : 1);
	if (read_size(c, g, "attention.value_length", c->head_size) !=
		c->head_size)
		die("%s: heads whose keys and values differ in size are not "
			"supported", g->name);
	if (!gguf_bool(g, key_of(c, "attention.causal"), true))
		die("%s: attention that is not causal is not supported",
			g->name);
	window = (size_t)gguf_int(g, key_of(c, "attention.sliding_window"), 0);
	if (window && window < c->context)
		die("%s: '%s' is %zu, shorter than the context of %zu: "
			"attention within a window is not supported", g->name,
			key_of(c, "attention.sliding_window"), window,
			c->context);
}

/* ---- rotary positions ---- */

/* Factors by which the frequencies of c are divided, compared to those of
 * `plain`. */
static bool has_factors(const struct model_config *c,
	const struct model_config *plain, const float *factors)
{
	size_t n = c->head_size / 2, i;
	float *now = xcalloc(n, sizeof *now), *was = xcalloc(n, sizeof *was);

	model_rope_frequencies(c, now);
	model_rope_frequencies(plain, was);
	for (i = 0; i < n; i++)
		if (!(fabsf(was[i] / now[i] / factors[i] - 1) < 1e-4f))
			break;
	free(now);
	free(was);
	return i == n;
}

/* Scaling as in Llama 3.1 is stored by its results. Its parameters are those of
 * all published models, or those that we wrote beside them. */
static void find_scaling(struct model_config *c, const struct gguf *g,
	const float *factors)
{
	const struct model_config plain = *c;
	size_t i;

	c->rope = (struct model_rope){ .type = ROPE_LLAMA3,
		.low = gguf_real(g, "pipelm.rope.low_freq_factor", 1),
		.high = gguf_real(g, "pipelm.rope.high_freq_factor", 4),
		.context = gguf_real(g, "pipelm.rope.original_context", 8192) };
	for (i = 0; i < c->head_size / 2; i++)
		c->rope.factor = fmax(c->rope.factor, (double)factors[i]);
	if (!(c->rope.low > 0 && c->rope.low < c->rope.high &&
		c->rope.factor > 0 && c->rope.factor < 1e30 &&
		c->rope.context > 0 && has_factors(c, &plain, factors)))
		die("%s: tensor '%s' scales the rotary positions otherwise "
			"than Llama 3.1, which is not supported", g->name,
			GGUF_MODEL_FACTORS);
}

static void read_factors(struct model_config *c, const struct gguf *g)
{
	const struct gguf_tensor *t = gguf_tensor(g, GGUF_MODEL_FACTORS);
	struct weight w;
	float *factors;

	if (!t || !(c->arch->gguf_has & GGUF_HAS_FACTORS))
		return;
	if (c->rope.type != ROPE_DEFAULT || t->n != c->head_size / 2)
		die("%s: tensor '%s' does not have half the head size, %zu, "
			"or the positions are scaled otherwise too", g->name,
			t->name, c->head_size / 2);
	w = gguf_weight(g, t);
	factors = xcalloc(t->n, sizeof *factors);
	weight_floats(factors, &w);
	find_scaling(c, g, factors);
	free(factors);
}

static void read_rope(struct model_config *c, const struct gguf *g)
{
	size_t n;
	const char *type = gguf_text(g, key_of(c, "rope.scaling.type"), &n);
	bool linear = type && n == 6 && !memcmp(type, "linear", 6);

	if (type && !linear && (n != 4 || memcmp(type, "none", 4)))
		die("%s: '%s' is '%.*s'; only none and linear are supported",
			g->name, key_of(c, "rope.scaling.type"),
			n < 80 ? (int)n : 80, type);
	c->rope_theta = read_real(c, g, "rope.freq_base", 10000);
	if (read_size(c, g, "rope.dimension_count", c->head_size) !=
		c->head_size)
		die("%s: '%s' is not the head size, %zu: rotating a part of "
			"it is not supported", g->name,
			key_of(c, "rope.dimension_count"), c->head_size);
	linear |= gguf_find(g, key_of(c, "rope.scale_linear")) != NULL;
	if (linear) {
		c->rope.type = ROPE_LINEAR;
		c->rope.factor = read_real(c, g, "rope.scaling.factor",
			gguf_real(g, key_of(c, "rope.scale_linear"), 0));
	}
	read_factors(c, g);
}

/* ---- what follows from tensors ---- */

static void read_features(struct model_config *c, const struct gguf *g)
{
	const struct gguf_tensor *t = gguf_tensor(g, "token_embd.weight");

	if (!t)
		die("%s: tensor 'token_embd.weight' is missing", g->name);
	c->vocab = t->n / t->dim[0];
	if (c->vocab > MODEL_MAX_SIZE)
		die("%s: a vocabulary of %zu tokens is too large", g->name,
			c->vocab);
	c->tied = !gguf_tensor(g, "output.weight");
	if (c->arch->gguf_has & GGUF_HAS_BIASES) {
		c->qkv_bias = gguf_tensor(g, "blk.0.attn_q.bias") != NULL;
		c->out_bias = c->qkv_bias;
		c->mlp_bias = gguf_tensor(g, "blk.0.ffn_up.bias") != NULL;
	}
}

/* ---- special ids ---- */

/* -1 if the key is missing or, as some writers put it, 2^32 - 1. */
static int32_t read_id(const struct model_config *c, const struct gguf *g,
	const char *key)
{
	int64_t id = gguf_int(g, key, UINT32_MAX);

	if (id == UINT32_MAX)
		return -1;
	if (id >= (int64_t)c->vocab)
		die("%s: '%s' %" PRId64 " is not below the vocabulary size "
			"%zu", g->name, key, id, c->vocab);
	return (int32_t)id;
}

/* Ids that end a text, a turn, or a message with calls. */
static void read_ids(struct model_config *c, const struct gguf *g)
{
	static const char *const stops[] = { "tokenizer.ggml.eos_token_id",
		"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id" };
	size_t i;

	c->bos = read_id(c, g, "tokenizer.ggml.bos_token_id");
	c->eos = -1;
	for (i = 0; i < sizeof stops / sizeof *stops; i++) {
		int32_t id = read_id(c, g, stops[i]);

		if (id >= 0)
			model_config_add_stop(c, id);
	}
}

/* ---- reading ---- */

static const struct architecture *find_architecture(const struct gguf *g)
{
	const char *key = "general.architecture", *name;
	const struct architecture *a;
	size_t i, n;

	name = gguf_text(g, key, &n);
	if (!name)
		die("%s: key '%s' is missing", g->name, key);
	for (i = 0; (a = architecture_at(i)) != NULL; i++)
		if (a->gguf && gguf_says(g, key, a->gguf))
			return a;
	die("%s: architecture '%.*s' is not supported: model(5) lists those "
		"that are", g->name, n < 80 ? (int)n : 80, name);
}

void gguf_config_read(struct model_config *c, const struct gguf *g)
{
	const char *why;

	*c = (struct model_config){ .arch = find_architecture(g) };
	check_keys(c, g);
	c->layers = read_size(c, g, "block_count", 0);
	c->width = read_size(c, g, "embedding_length", 0);
	c->context = read_size(c, g, "context_length", 0);
	read_heads(c, g);
	c->arch->begin(c);
	c->ffn = read_size(c, g, "feed_forward_length", 0);
	c->norm_eps = (float)read_real(c, g, c->norm == NORM_LAYER ?
		"attention.layer_norm_epsilon" :
		"attention.layer_norm_rms_epsilon", 0);
	read_features(c, g);
	if (c->positions == POSITIONS_ROTARY)
		read_rope(c, g);
	read_ids(c, g);
	why = model_config_check(c);
	if (why)
		die("%s: %s", g->name, why);
}

/* ---- writing ---- */

static void write_rope(struct gguf_writer *w, const struct model_config *c)
{
	const struct model_rope *r = &c->rope;

	gguf_set_u32(w, key_of(c, "rope.dimension_count"), c->head_size);
	gguf_set_f32(w, key_of(c, "rope.freq_base"), c->rope_theta);
	if (r->type == ROPE_LINEAR) {
		gguf_set_text(w, key_of(c, "rope.scaling.type"), "linear", 6);
		gguf_set_f32(w, key_of(c, "rope.scaling.factor"), r->factor);
	}
	if (r->type == ROPE_LLAMA3) {
		gguf_set_f32(w, "pipelm.rope.low_freq_factor", r->low);
		gguf_set_f32(w, "pipelm.rope.high_freq_factor", r->high);
		gguf_set_f32(w, "pipelm.rope.original_context", r->context);
	}
}

static void check_writable(const struct gguf_writer *w,
	const struct model_config *c)
{
	const char *why = NULL;

	if (c->rope.type == ROPE_LLAMA3 &&
		!(c->arch->gguf_has & GGUF_HAS_FACTORS))
		why = "positions scaled as in Llama 3.1";
	if (c->norm == NORM_RMS && c->out_bias &&
		!(c->arch->gguf_has & GGUF_HAS_BIASES))
		why = "biases of the attention's output";
	if (c->arch->gguf_has & GGUF_HAS_SQUARE && c->heads * c->head_size != c->width)
		why = "heads that together are not as wide as the model";
	if (why)
		die("%s: GGUF cannot express this model: architecture %s with "
			"%s", gguf_writer_name(w), c->arch->name, why);
}

void gguf_config_write(struct gguf_writer *w, const struct model_config *c)
{
	check_writable(w, c);
	gguf_set_text(w, "general.architecture", c->arch->gguf,
		strlen(c->arch->gguf));
	gguf_set_u32(w, key_of(c, "block_count"), c->layers);
	gguf_set_u32(w, key_of(c, "context_length"), c->context);
	gguf_set_u32(w, key_of(c, "embedding_length"), c->width);
	gguf_set_u32(w, key_of(c, "feed_forward_length"), c->ffn);
	gguf_set_u32(w, key_of(c, "vocab_size"), c->vocab);
	gguf_set_u32(w, key_of(c, "attention.head_count"), c->heads);
	gguf_set_u32(w, key_of(c, "attention.head_count_kv"), c->kv_heads);
	gguf_set_u32(w, key_of(c, "attention.key_length"), c->head_size);
	gguf_set_u32(w, key_of(c, "attention.value_length"), c->head_size);
	gguf_set_f32(w, key_of(c, c->norm == NORM_LAYER ?
		"attention.layer_norm_epsilon" :
		"attention.layer_norm_rms_epsilon"), (double)c->norm_eps);
	if (c->positions == POSITIONS_ROTARY)
		write_rope(w, c);
}
