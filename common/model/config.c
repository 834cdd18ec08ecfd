/* config.c - config.json of a model directory: see config.h
 *
 * Written so that transformers 4 and 5 load it.
 */
#include "common/model/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/io.h"
#include "common/model/architecture.h"
#include "common/model/config_keys.h"

#define MAX_LAYERS 4096
#define MAX_PARAMETERS 0x1p40

/* The approximate number of parameters; in double, so that nothing
 * overflows. */
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
	if (c->width > MODEL_MAX_SIZE || c->heads > MODEL_MAX_SIZE ||
		c->kv_heads > MODEL_MAX_SIZE || c->head_size > MODEL_MAX_SIZE ||
		c->ffn > MODEL_MAX_SIZE || c->context > MODEL_MAX_SIZE ||
		c->vocab > MODEL_MAX_SIZE)
		return "a size is over 16777216";
	if (estimate(c) > MAX_PARAMETERS)
		return "it has more than 2^40 parameters";
	if (c->heads % c->kv_heads)
		return "the heads are not a multiple of the key-value heads";
	if (!(c->norm_eps > 0) || (c->positions == POSITIONS_ROTARY &&
		!(c->rope_theta > 0)))
		return "an epsilon or rotary base is not above 0";
	if (c->bos >= (int64_t)c->vocab || c->eos >= (int64_t)c->vocab ||
		(c->reward && c->pad >= (int64_t)c->vocab))
		return "a special id is not below the vocabulary size";
	return c->arch->check(c);
}

/* ---- reading ---- */

static int32_t id_from(const struct jsontree *f, const char *key,
	const struct jsontree_value *v)
{
	int64_t id = jsontree_integer(v);

	if (jsontree_type(v) != JSONTREE_INT || id < 0 || id > INT32_MAX)
		die("%s: '%s' is not a token id", jsontree_name(f), key);
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

bool model_config_add_stop(struct model_config *c, int32_t id)
{
	if (stops_at(c, id))
		return true;
	if (c->eos < 0)
		c->eos = id;
	else if (c->nmore_eos == MODEL_EOS - 1)
		return false;
	else
		c->more_eos[c->nmore_eos++] = id;
	return true;
}

static void add_stop(struct model_config *c, const struct jsontree *f,
	const struct jsontree_value *v)
{
	int32_t id = id_from(f, "eos_token_id", v);

	if (id >= (int64_t)c->vocab)
		die("%s: 'eos_token_id' %d is not below the vocabulary size "
			"%zu", jsontree_name(f), (int)id, c->vocab);
	if (!model_config_add_stop(c, id))
		die("%s: more than %d ids in 'eos_token_id'", jsontree_name(f),
			MODEL_EOS);
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

/* The number of classes that transformers gives a classifier. */
static size_t labels(const struct jsontree *f)
{
	const struct jsontree_value *names = jsontree_get(jsontree_root(f),
		"id2label");

	return names ? jsontree_size(names) : config_size(f, "num_labels", 2);
}

/* A reward model is a classifier of sequences with one class. */
static void read_head(struct model_config *c, const struct jsontree *f)
{
	const struct jsontree_value *list = jsontree_get(jsontree_root(f),
		"architectures");
	const char *name = jsontree_text(jsontree_at(list, 0), NULL);
	int64_t pad;

	c->reward = name && name_ends(name, "ForSequenceClassification");
	if (!c->reward)
		return;
	pad = jsontree_int(f, NULL, "pad_token_id", -1);
	c->pad = pad < 0 || pad > INT32_MAX ? -1 : (int32_t)pad;
	if (labels(f) != 1)
		die("%s: a classifier with %zu classes; only reward models, "
			"which have one, are supported", jsontree_name(f),
			labels(f));
	c->tied = false;
}

/* Keys that no architecture supports. */
static const char *const unsupported[] = { "quantization_config", NULL };

void model_config_read(struct model_config *c, const char *file)
{
	struct jsontree *f = jsontree_open(file);
	const char *type = jsontree_string(f, NULL, "model_type", ""), *why;

	memset(c, 0, sizeof *c);
	c->vocab = config_size(f, "vocab_size", -1);
	c->bos = id_of(f, "bos_token_id");
	c->eos = -1;
	read_stops(c, f);
	c->arch = architecture_find(type);
	if (!c->arch)
		die("%s: model_type '%s' is not supported, only %s", file,
			type, ARCHITECTURE_WORDS);
	config_refuse(f, unsupported);
	c->arch->read(c, f);
	read_head(c, f);
	why = model_config_check(c);
	if (why)
		die("%s: %s", file, why);
	jsontree_close(f);
}

/* ---- writing ---- */

/* Writes a single id, or the list of those that end a text. */
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

void model_config_write(struct buf *out, const struct model_config *c)
{
	buf_printf(out, "{\n  \"architectures\": [\"%s\"],\n"
		"  \"model_type\": \"%s\",\n", c->reward ?
		c->arch->reward_class : c->arch->class, c->arch->name);
	c->arch->write(out, c);
	if (c->reward) {
		buf_str(out, "  \"id2label\": {\"0\": \"LABEL_0\"},\n"
			"  \"label2id\": {\"LABEL_0\": 0},\n");
		config_put_id(out, "pad_token_id", c->pad);
	}
	config_put_size(out, "vocab_size", c->vocab);
	config_put_id(out, "bos_token_id", c->bos);
	model_config_put_eos(out, c);
	buf_printf(out, "  \"initializer_range\": 0.02,\n"
		"  \"tie_word_embeddings\": %s,\n  \"use_cache\": true,\n"
		"  \"torch_dtype\": \"float32\"\n}\n",
		c->tied ? "true" : "false");
}

/* The value in a line `  "key": value,`; sets *n to its length. */
static const char *value_in(const char *line, int *n)
{
	const char *value = strstr(line, "\": ");

	value = value ? value + 3 : line;
	*n = (int)strcspn(value, "\n");
	*n -= *n > 0 && value[*n - 1] == ',';
	return value;
}

/* Compares the written forms: they hold all that affects the computation, one
 * key per line in a fixed order. */
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
