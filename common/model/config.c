/* config.c - config.json of a model directory: see config.h
 *
 * Written so that transformers 4 and 5 load it: version 5 keeps the rotary
 * base in rope_parameters, version 4 in rope_theta; both are written and
 * either is read.
 */
#include "common/model/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/format/jsontree.h"

#define MAX_LAYERS 4096
#define MAX_PARAMETERS 0x1p40
#define MAX_SIZE ((size_t)1 << 24)	/* of every other number */

static const char *const arch_names[] = { "gpt2", "llama" };

const char *model_arch_name(enum model_arch arch)
{
	return arch_names[arch];
}

/* Parameters, about; in double, so that nothing overflows. */
static double estimate(const struct model_config *c)
{
	double w = (double)c->width, q = (double)c->heads *
		(double)c->head_size;

	return (double)c->layers * w * (4 * q + 3 * (double)c->ffn) +
		2 * w * (double)c->vocab + (w + (double)c->head_size) *
		(double)c->context;
}

const char *model_config_check(const struct model_config *c)
{
	if (!c->layers || c->layers > MAX_LAYERS)
		return "the number of layers is not from 1 to 4096";
	if (!c->width || !c->heads || !c->kv_heads || !c->head_size ||
		!c->ffn || !c->context || !c->vocab)
		return "a size is 0";
	if (c->width > MAX_SIZE || c->heads > MAX_SIZE ||
		c->kv_heads > MAX_SIZE || c->head_size > MAX_SIZE ||
		c->ffn > MAX_SIZE || c->context > MAX_SIZE ||
		c->vocab > MAX_SIZE)
		return "a size is over 16777216";
	if (estimate(c) > MAX_PARAMETERS)
		return "it has more than 2^40 parameters";
	if (c->heads % c->kv_heads)
		return "the heads are not a multiple of the key-value heads";
	if (c->arch == MODEL_GPT2 && c->kv_heads != c->heads)
		return "gpt2 has as many key-value heads as heads";
	if (c->arch == MODEL_GPT2 && c->heads * c->head_size != c->width)
		return "gpt2's width is not heads times head size";
	if (c->arch == MODEL_LLAMA && c->head_size % 2)
		return "the head size is odd, so that it cannot be rotated";
	if (!(c->norm_eps > 0) || !(c->rope_theta > 0))
		return "an epsilon or rotary base is not above 0";
	if (c->bos >= (int64_t)c->vocab || c->eos >= (int64_t)c->vocab)
		return "a special id is not below the vocabulary size";
	return NULL;
}

/* ---- reading ---- */

/* A size that must be there where dflt is -1. */
static size_t size_of(const struct jsontree *f, const char *key, int64_t dflt)
{
	int64_t n = jsontree_int(f, NULL, key, dflt);

	if (n < 0 && !jsontree_get(jsontree_root(f), key))
		die("%s: '%s' is missing", jsontree_name(f), key);
	if (n <= 0 || n > (int64_t)MAX_SIZE)
		die("%s: '%s' is not from 1 to %zu", jsontree_name(f), key,
			MAX_SIZE);
	return (size_t)n;
}

static int32_t id_from(const struct jsontree *f, const char *key,
	const struct jsontree_value *v)
{
	int64_t id = jsontree_integer(v);

	if (jsontree_type(v) != JSONTREE_INT || id < 0 || id > INT32_MAX)
		die("%s: '%s' is no token id", jsontree_name(f), key);
	return (int32_t)id;
}

/* An id, or the first of a list of them; -1: none. */
static int32_t id_of(const struct jsontree *f, const char *key)
{
	const struct jsontree_value *v = jsontree_get(jsontree_root(f), key);

	if (jsontree_type(v) == JSONTREE_ARRAY)
		v = jsontree_at(v, 0);
	return v ? id_from(f, key, v) : -1;
}

static bool stops_at(const struct model_config *c, int32_t id)
{
	size_t i;

	for (i = 0; i < c->nmore_eos; i++)
		if (c->more_eos[i] == id)
			return true;
	return c->eos == id;
}

static void add_stop(struct model_config *c, const struct jsontree *f,
	const struct jsontree_value *v)
{
	int32_t id = id_from(f, "eos_token_id", v);

	if (id >= (int64_t)c->vocab)
		die("%s: 'eos_token_id' %d is not below the vocabulary size "
			"%zu", jsontree_name(f), (int)id, c->vocab);
	if (stops_at(c, id))
		return;
	if (c->eos < 0)
		c->eos = id;
	else if (c->nmore_eos == MODEL_EOS - 1)
		die("%s: more than %d ids in 'eos_token_id'", jsontree_name(f),
			MODEL_EOS);
	else
		c->more_eos[c->nmore_eos++] = id;
}

/* All ids of eos_token_id, one or a list. */
static void read_stops(struct model_config *c, const struct jsontree *f)
{
	const struct jsontree_value *v = jsontree_get(jsontree_root(f),
		"eos_token_id");
	size_t i;

	if (v && jsontree_type(v) != JSONTREE_ARRAY)
		add_stop(c, f, v);
	for (i = 0; jsontree_type(v) == JSONTREE_ARRAY && i < jsontree_size(v); i++)
		add_stop(c, f, jsontree_at(v, i));
}

void model_config_read_stops(struct model_config *c, const char *file)
{
	struct jsontree *f = jsontree_open(file);

	read_stops(c, f);
	jsontree_close(f);
}

void model_config_stop_at(struct model_config *c, int32_t id)
{
	if (stops_at(c, id))
		return;
	c->eos = id;
	c->nmore_eos = 0;
}

/* A key must have this value, if it is there. */
static void only(const struct jsontree *f, const char *key, const char *value)
{
	const char *text = jsontree_string(f, NULL, key, value);

	if (strcmp(text, value))
		die("%s: '%s' is '%s'; only '%s' is computed", jsontree_name(f),
			key, text, value);
}

static void only_false(const struct jsontree *f, const char *key)
{
	if (jsontree_bool(f, NULL, key, false))
		die("%s: '%s' is true, which is not computed",
			jsontree_name(f), key);
}

static void read_gpt2(struct model_config *c, const struct jsontree *f)
{
	c->layers = size_of(f, "n_layer", -1);
	c->width = size_of(f, "n_embd", -1);
	c->heads = c->kv_heads = size_of(f, "n_head", -1);
	c->head_size = c->width / c->heads;
	c->ffn = size_of(f, "n_inner", (int64_t)(4 * c->width));
	c->context = size_of(f, "n_positions", 1024);
	c->norm_eps = (float)jsontree_real(f, NULL, "layer_norm_epsilon", 1e-5);
	c->rope_theta = 10000;
	c->tied = jsontree_bool(f, NULL, "tie_word_embeddings", true);
	/* The two are one: GELU by its tanh form. */
	if (strcmp(jsontree_string(f, NULL, "activation_function", "gelu_new"),
			"gelu_pytorch_tanh"))
		only(f, "activation_function", "gelu_new");
	only_false(f, "scale_attn_by_inverse_layer_idx");
	only_false(f, "add_cross_attention");
	if (!jsontree_bool(f, NULL, "scale_attn_weights", true))
		die("%s: 'scale_attn_weights' is false, which is not computed",
			jsontree_name(f));
}

static const char *const rope_names[] = { "default", "linear", "llama3" };

static double above_zero(const struct jsontree *f,
	const struct jsontree_value *v, const char *key)
{
	double x = jsontree_real(f, v, key, 0);

	if (!(x > 0 && x < 1e30))
		die("%s: '%s' of the rotary positions is missing or not above "
			"0", jsontree_name(f), key);
	return x;
}

/* An object of rope_parameters or rope_scaling. */
static void read_scaling(struct model_rope *r, const struct jsontree *f,
	const struct jsontree_value *v)
{
	const char *type = jsontree_string(f, v, "rope_type",
		jsontree_string(f, v, "type", "default"));
	size_t i;

	*r = (struct model_rope){ 0 };
	for (i = 0; i < 3 && strcmp(type, rope_names[i]);)
		i++;
	if (i == 3)
		die("%s: rotary positions of type '%s' are not computed, only "
			"default, linear and llama3", jsontree_name(f), type);
	r->type = (enum model_rope_type)i;
	if (r->type == ROPE_DEFAULT && jsontree_get(v, "factor") &&
		jsontree_real(f, v, "factor", 1) != 1)
		die("%s: a 'factor' of the rotary positions without a "
			"'rope_type' that has one", jsontree_name(f));
	if (jsontree_get(v, "partial_rotary_factor") &&
		jsontree_real(f, v, "partial_rotary_factor", 1) != 1)
		die("%s: 'partial_rotary_factor' is not computed",
			jsontree_name(f));
	if (r->type != ROPE_DEFAULT)
		r->factor = above_zero(f, v, "factor");
	if (r->type != ROPE_LLAMA3)
		return;
	r->low = above_zero(f, v, "low_freq_factor");
	r->high = above_zero(f, v, "high_freq_factor");
	r->context = above_zero(f, v, "original_max_position_embeddings");
	if (r->low >= r->high)
		die("%s: 'low_freq_factor' is not below 'high_freq_factor'",
			jsontree_name(f));
}

static void only_object(const struct jsontree *f, const char *key,
	const struct jsontree_value *v)
{
	if (v && jsontree_type(v) != JSONTREE_OBJECT)
		die("%s: '%s' is not an object", jsontree_name(f), key);
}

static bool same_scaling(const struct model_rope *a,
	const struct model_rope *b)
{
	return a->type == b->type && !(a->factor < b->factor) &&
		!(a->factor > b->factor) && !(a->low < b->low) &&
		!(a->low > b->low) && !(a->high < b->high) &&
		!(a->high > b->high) && !(a->context < b->context) &&
		!(a->context > b->context);
}

/* Version 4 of transformers has rope_theta and rope_scaling, 5 has both in
 * rope_parameters; a file with either, or with both where they agree. */
static void read_rope(struct model_config *c, const struct jsontree *f)
{
	const struct jsontree_value *root = jsontree_root(f);
	const struct jsontree_value *now = jsontree_get(root, "rope_parameters");
	const struct jsontree_value *old = jsontree_get(root, "rope_scaling");
	struct model_rope other;

	only_object(f, "rope_parameters", now);
	only_object(f, "rope_scaling", old);
	c->rope_theta = jsontree_real(f, NULL, "rope_theta", 10000);
	if (now || old)
		read_scaling(&c->rope, f, now ? now : old);
	if (now && old) {
		read_scaling(&other, f, old);
		if (!same_scaling(&c->rope, &other))
			die("%s: 'rope_scaling' and 'rope_parameters' say "
				"different things of the rotary positions: "
				"remove one", jsontree_name(f));
	}
	if (old)
		c->rope_theta = jsontree_real(f, old, "rope_theta",
			c->rope_theta);
	if (now)
		c->rope_theta = jsontree_real(f, now, "rope_theta",
			c->rope_theta);
}

/* Keys of features that are another computation wherever they are on. */
static void refuse_features(const struct jsontree *f)
{
	static const char *const keys[] = { "sliding_window", "logit_scale",
		"attn_logit_softcapping", "final_logit_softcapping",
		"query_pre_attn_scalar", "embedding_multiplier",
		"residual_multiplier", "attention_multiplier",
		"logits_scaling", "quantization_config", "layer_types",
		"no_rope_layers", "partial_rotary_factor" };
	const struct jsontree_value *root = jsontree_root(f), *v;
	size_t i;

	for (i = 0; i < sizeof keys / sizeof *keys; i++) {
		v = jsontree_get(root, keys[i]);
		if (v && jsontree_type(v) != JSONTREE_BOOL)
			die("%s: '%s' is there, which is not computed",
				jsontree_name(f), keys[i]);
		if (v)
			only_false(f, keys[i]);
	}
}

static void read_llama(struct model_config *c, const struct jsontree *f)
{
	c->layers = size_of(f, "num_hidden_layers", -1);
	c->width = size_of(f, "hidden_size", -1);
	c->heads = size_of(f, "num_attention_heads", -1);
	c->kv_heads = size_of(f, "num_key_value_heads", (int64_t)c->heads);
	c->head_size = size_of(f, "head_dim",
		(int64_t)(c->width / c->heads));
	c->ffn = size_of(f, "intermediate_size", -1);
	c->context = size_of(f, "max_position_embeddings", 2048);
	c->norm_eps = (float)jsontree_real(f, NULL, "rms_norm_eps", 1e-6);
	c->tied = jsontree_bool(f, NULL, "tie_word_embeddings", false);
	read_rope(c, f);
	refuse_features(f);
	if (strcmp(jsontree_string(f, NULL, "hidden_act", "silu"), "swish"))
		only(f, "hidden_act", "silu");
	only_false(f, "attention_bias");
	only_false(f, "mlp_bias");
}

void model_config_read(struct model_config *c, const char *file)
{
	struct jsontree *f = jsontree_open(file);
	const char *type = jsontree_string(f, NULL, "model_type", ""), *why;

	memset(c, 0, sizeof *c);
	c->vocab = size_of(f, "vocab_size", -1);
	c->bos = id_of(f, "bos_token_id");
	c->eos = -1;
	read_stops(c, f);
	if (!strcmp(type, "gpt2")) {
		c->arch = MODEL_GPT2;
		read_gpt2(c, f);
	} else if (!strcmp(type, "llama")) {
		c->arch = MODEL_LLAMA;
		read_llama(c, f);
	} else {
		die("%s: model_type '%s' is neither gpt2 nor llama", file,
			type);
	}
	why = model_config_check(c);
	if (why)
		die("%s: %s", file, why);
	jsontree_close(f);
}

/* ---- writing ---- */

/* An id, or the list of those that end a text. */
void model_config_put_eos(struct buf *out, const struct model_config *c)
{
	size_t i;

	buf_str(out, c->nmore_eos ? "  \"eos_token_id\": [" :
		"  \"eos_token_id\": ");
	if (c->eos < 0)
		buf_str(out, "null");
	else
		buf_printf(out, "%d", (int)c->eos);
	for (i = 0; i < c->nmore_eos; i++)
		buf_printf(out, ", %d", (int)c->more_eos[i]);
	buf_str(out, c->nmore_eos ? "],\n" : ",\n");
}

static void put_id(struct buf *out, const char *key, int32_t id)
{
	if (id >= 0)
		buf_printf(out, "  \"%s\": %d,\n", key, (int)id);
	else
		buf_printf(out, "  \"%s\": null,\n", key);
}

static void put_size(struct buf *out, const char *key, size_t n)
{
	buf_printf(out, "  \"%s\": %zu,\n", key, n);
}

/* The shortest form that is the same float. */
static void put_float(struct buf *out, const char *key, float x)
{
	char text[32];
	int digits = 1;

	do
		snprintf(text, sizeof text, "%.*g", digits++, (double)x);
	while (digits < 10 && strtof(text, NULL) != x);
	buf_printf(out, "  \"%s\": %s,\n", key, text);
}

static void write_gpt2(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"architectures\": [\"GPT2LMHeadModel\"],\n"
		"  \"model_type\": \"gpt2\",\n"
		"  \"activation_function\": \"gelu_new\",\n"
		"  \"attn_pdrop\": 0.0,\n  \"embd_pdrop\": 0.0,\n"
		"  \"resid_pdrop\": 0.0,\n");
	put_size(out, "n_layer", c->layers);
	put_size(out, "n_embd", c->width);
	put_size(out, "n_head", c->heads);
	put_size(out, "n_inner", c->ffn);
	put_size(out, "n_positions", c->context);
	put_size(out, "n_ctx", c->context);
	put_float(out, "layer_norm_epsilon", c->norm_eps);
}

/* The rest of an object of rope_parameters. */
static void put_scaling(struct buf *out, const struct model_rope *r)
{
	if (r->type != ROPE_DEFAULT)
		buf_printf(out, ", \"factor\": %.17g", r->factor);
	if (r->type == ROPE_LLAMA3)
		buf_printf(out, ", \"low_freq_factor\": %.17g, "
			"\"high_freq_factor\": %.17g, "
			"\"original_max_position_embeddings\": %.17g",
			r->low, r->high, r->context);
	buf_str(out, "},\n");
}

static void write_llama(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"architectures\": [\"LlamaForCausalLM\"],\n"
		"  \"model_type\": \"llama\",\n"
		"  \"hidden_act\": \"silu\",\n"
		"  \"attention_bias\": false,\n  \"mlp_bias\": false,\n"
		"  \"attention_dropout\": 0.0,\n");
	put_size(out, "num_hidden_layers", c->layers);
	put_size(out, "hidden_size", c->width);
	put_size(out, "num_attention_heads", c->heads);
	put_size(out, "num_key_value_heads", c->kv_heads);
	put_size(out, "head_dim", c->head_size);
	put_size(out, "intermediate_size", c->ffn);
	put_size(out, "max_position_embeddings", c->context);
	put_float(out, "rms_norm_eps", c->norm_eps);
	buf_printf(out, "  \"rope_theta\": %.17g,\n", c->rope_theta);
	buf_printf(out, "  \"rope_parameters\": {\"rope_type\": \"%s\", "
		"\"rope_theta\": %.17g", rope_names[c->rope.type],
		c->rope_theta);
	put_scaling(out, &c->rope);
	if (c->rope.type == ROPE_DEFAULT)
		return;
	buf_printf(out, "  \"rope_scaling\": {\"rope_type\": \"%s\"",
		rope_names[c->rope.type]);
	put_scaling(out, &c->rope);
}

void model_config_write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "{\n");
	if (c->arch == MODEL_GPT2)
		write_gpt2(out, c);
	else
		write_llama(out, c);
	put_size(out, "vocab_size", c->vocab);
	put_id(out, "bos_token_id", c->bos);
	model_config_put_eos(out, c);
	buf_printf(out, "  \"initializer_range\": 0.02,\n"
		"  \"tie_word_embeddings\": %s,\n  \"use_cache\": true,\n"
		"  \"torch_dtype\": \"float32\"\n}\n",
		c->tied ? "true" : "false");
}

/* The value in a line `  "key": value,`, and its length. */
static const char *value_in(const char *line, int *n)
{
	const char *value = strstr(line, "\": ");

	value = value ? value + 3 : line;
	*n = (int)strcspn(value, "\n");
	*n -= *n > 0 && value[*n - 1] == ',';
	return value;
}

/* What is written is what is computed, a key a line in a fixed order. */
char *model_config_difference(const struct model_config *a,
	const struct model_config *b)
{
	struct buf x = { 0 }, y = { 0 }, out = { 0 };
	const char *p, *q, *key, *v, *w;
	int nv, nw;

	model_config_write(&x, a);
	model_config_write(&y, b);
	p = buf_end(&x);
	q = buf_end(&y);
	while (*p && strcspn(p, "\n") == strcspn(q, "\n") &&
		!strncmp(p, q, strcspn(p, "\n") + 1)) {
		q += strcspn(p, "\n") + 1;
		p += strcspn(p, "\n") + 1;
	}
	if (*p) {
		key = p + strcspn(p, "\"") + 1;
		v = value_in(p, &nv);
		w = value_in(q, &nw);
		buf_printf(&out, "%.*s: %.*s and %.*s",
			(int)strcspn(key, "\""), key, nv, v, nw, w);
	}
	buf_free(&x);
	buf_free(&y);
	return *buf_end(&out) ? out.p : (buf_free(&out), NULL);
}
