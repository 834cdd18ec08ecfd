/* adapter_config.c - the settings of a LoRA adapter: see adapter_config.h */
#include "common/format/adapter_config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/io.h"
#include "common/base/mem.h"
#include "common/format/jsontree.h"

static bool holds(const char *dir, const char *name)
{
	char *file = path_join(dir, name);
	bool is = file_exists(file);

	free(file);
	return is;
}

bool adapter_is(const char *dir)
{
	return file_is_dir(dir) && holds(dir, "adapter_config.json") &&
		!holds(dir, "model.safetensors") &&
		!holds(dir, "model.safetensors.index.json");
}

/* ---- reading ---- */

/* Whether a value changes nothing: null, false, "none", or empty. */
static bool is_off(const struct jsontree_value *v)
{
	const char *text = jsontree_text(v, NULL);

	switch (v ? jsontree_type(v) : JSONTREE_NULL) {
	case JSONTREE_NULL:
		return true;
	case JSONTREE_STRING:
		return !strcmp(text, "none");
	case JSONTREE_ARRAY:
	case JSONTREE_OBJECT:
		return !jsontree_size(v);
	default:
		return false;
	}
}

/* Features that change what an adapter computes. */
static void refuse(const struct jsontree *f)
{
	static const char *const objects[] = { "bias", "modules_to_save",
		"rank_pattern", "alpha_pattern", "layer_replication",
		"alora_invocation_tokens", "target_parameters", "use_bdlora",
		"arrow_config", "kasa_config", "velora_config",
		"monteclora_config" };
	static const char *const flags[] = { "use_dora", "use_qalora",
		"lora_bias" };
	size_t i;

	for (i = 0; i < sizeof objects / sizeof *objects; i++)
		if (!is_off(jsontree_get(jsontree_root(f), objects[i])))
			die("%s: '%s' is not supported in an adapter",
				jsontree_name(f), objects[i]);
	for (i = 0; i < sizeof flags / sizeof *flags; i++)
		if (jsontree_bool(f, NULL, flags[i], false))
			die("%s: '%s' is not supported in an adapter",
				jsontree_name(f), flags[i]);
}

/* A list of consecutive ids. */
static void read_list(struct adapter_config *c, const struct jsontree *f,
	const struct jsontree_value *list)
{
	size_t n = jsontree_size(list), i;

	for (i = 0; i < n; i++) {
		const struct jsontree_value *v = jsontree_at(list, i);
		int64_t id = jsontree_integer(v);

		if (jsontree_type(v) != JSONTREE_INT || id < 0 || id > 1 << 24 ||
			(i && (size_t)id != c->first + i))
			die("%s: 'trainable_token_indices' are not consecutive "
				"ids, others are not supported",
				jsontree_name(f));
		if (!i)
			c->first = (size_t)id;
	}
	c->tokens = n;
}

/* Either a list, or an object with one for each table of embeddings. */
static void read_tokens(struct adapter_config *c, const struct jsontree *f)
{
	const struct jsontree_value *v = jsontree_get(jsontree_root(f),
		"trainable_token_indices"), *list;
	struct adapter_config before = { 0 };
	void *state = NULL;
	const char *key;

	if (v && jsontree_type(v) == JSONTREE_ARRAY)
		read_list(c, f, v);
	else if (v && jsontree_type(v) != JSONTREE_OBJECT)
		die("%s: 'trainable_token_indices' is neither a list nor an "
			"object", jsontree_name(f));
	while (v && jsontree_type(v) == JSONTREE_OBJECT &&
			jsontree_next(v, &state, &key, &list)) {
		read_list(c, f, list);
		if (before.tokens && (before.first != c->first ||
				before.tokens != c->tokens))
			die("%s: 'trainable_token_indices' differ between "
				"tables", jsontree_name(f));
		before = *c;
	}
}

void adapter_config_read(struct adapter_config *c, const char *dir)
{
	char *file = path_join(dir, "adapter_config.json");
	struct jsontree *f = jsontree_open(file);
	const char *type = jsontree_string(f, NULL, "peft_type", "");
	int64_t rank = jsontree_int(f, NULL, "r", 8);

	*c = (struct adapter_config){ 0 };
	if (strcmp(type, "LORA"))
		die("%s: 'peft_type' is '%s'; only LORA is supported", file,
			type);
	refuse(f);
	if (rank < 1 || rank > ADAPTER_MAX_RANK)
		die("%s: 'r' is %lld, not from 1 to %d", file, (long long)rank,
			ADAPTER_MAX_RANK);
	c->rank = (size_t)rank;
	c->alpha = jsontree_real(f, NULL, "lora_alpha", 8);
	if (!isfinite(c->alpha) || fabs(c->alpha) > 1e9)
		die("%s: 'lora_alpha' is %g", file, c->alpha);
	c->root = jsontree_bool(f, NULL, "use_rslora", false);
	c->base = xstrdup(jsontree_string(f, NULL, "base_model_name_or_path",
		""));
	read_tokens(c, f);
	jsontree_close(f);
	free(file);
}

void adapter_config_free(struct adapter_config *c)
{
	free(c->base);
	c->base = NULL;
}

/* ---- the base ---- */

char *adapter_base(const struct adapter_config *c, const char *dir)
{
	char *beside = path_join(dir, c->base);

	if (*c->base && file_exists(c->base)) {
		free(beside);
		return xstrdup(c->base);
	}
	if (!*c->base || !file_exists(beside))
		die("%s: an adapter of the model '%s', which is not there: "
			"'base_model_name_or_path' of its adapter_config.json "
			"says where, or ckpt merge --base", dir, c->base);
	return beside;
}

char *adapter_base_of(const char *dir)
{
	struct adapter_config c;
	char *base;

	if (!adapter_is(dir))
		return NULL;
	adapter_config_read(&c, dir);
	base = adapter_base(&c, dir);
	adapter_config_free(&c);
	return base;
}
