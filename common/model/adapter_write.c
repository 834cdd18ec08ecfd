/* adapter_write.c - writes an adapter directory: see adapter_dir.h */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"
#include "common/model/adapter_dir.h"

/* ---- target_modules ---- */

/* The name of a matrix's module: the last part of its name, "q_proj"; with the part
 * before it if other modules of a block have that too. */
static const char *module_name(const struct model *m, const struct tensor *t,
	size_t *n)
{
	const char *end = t->name + strlen(t->name) - strlen(".weight");
	const char *last = end, *before;
	size_t i, k, same = 0;

	while (last[-1] != '.')
		last--;
	for (i = 0; i < m->ntensor; i++) {
		const struct tensor *o = &m->tensors[i];

		k = strlen(o->name);
		same += o->role == TENSOR_MATRIX && o->layer == t->layer &&
			k > strlen(last) && o->name[k - strlen(last) - 1] == '.' &&
			!strcmp(o->name + k - strlen(last), last);
	}
	for (before = last - 1; before[-1] != '.'; before--)
		;
	if (same > 1)
		last = before;
	*n = (size_t)(end - last);
	return last;
}

/* The modules of all layers, each once. */
static void put_targets(struct buf *out, const struct model *m)
{
	size_t start, i, n;

	json_add_key(out, "target_modules");
	buf_putc(out, '[');
	start = out->n;
	for (i = 0; i < m->lora->npair; i++) {
		const struct tensor *t = &m->tensors[m->lora->pairs[i].of];
		const char *name = module_name(m, t, &n);
		struct buf word = { 0 };

		json_add_string(&word, name, n);
		buf_end(&word);
		if (!strstr(buf_end(out) + start, word.p)) {
			json_add_comma(out);
			buf_str(out, word.p);
		}
		buf_free(&word);
	}
	buf_putc(out, ']');
}

/* The layers that have an adapter, or null where all do. */
static void put_layers(struct buf *out, const struct model *m)
{
	bool *has = xcalloc(m->config.layers, sizeof *has);
	size_t i, n = 0;

	for (i = 0; i < m->lora->npair; i++)
		has[m->tensors[m->lora->pairs[i].of].layer] = true;
	for (i = 0; i < m->config.layers; i++)
		n += has[i];
	json_add_key(out, "layers_to_transform");
	buf_str(out, n < m->config.layers ? "[" : "null");
	for (i = 0; n < m->config.layers && i < m->config.layers; i++) {
		if (!has[i])
			continue;
		json_add_comma(out);
		json_add_int(out, (int64_t)i);
	}
	buf_str(out, n < m->config.layers ? "]" : "");
	free(has);
}

/* ---- trainable_token_indices ---- */

/* {"embed_tokens":[7,8]}, with the module of each table. */
static void put_tokens(struct buf *out, const struct lora *l)
{
	size_t i, k;

	json_add_key(out, "trainable_token_indices");
	buf_str(out, l->config.tokens ? "{" : "null");
	for (i = 2 * l->npair; i < l->ntensor; i++) {
		char *module = xstrdup(l->tensors[i].name), *last;

		*strstr(module, ".token_adapter") = '\0';
		last = strrchr(module, '.');
		json_add_key(out, last ? last + 1 : module);
		buf_putc(out, '[');
		for (k = 0; k < l->config.tokens; k++) {
			json_add_comma(out);
			json_add_int(out, (int64_t)(l->config.first + k));
		}
		buf_putc(out, ']');
		free(module);
	}
	buf_str(out, l->config.tokens ? "}" : "");
}

/* ---- files ---- */

/* Whether its matrices are (in, out), as PEFT asks. */
static bool in_first(const struct model *m)
{
	return m->lora->npair && m->tensors[m->lora->pairs[0].of].in_first;
}

static const char *word(bool is)
{
	return is ? "true" : "false";
}

void adapter_config_write(struct buf *out, const struct model *m)
{
	const struct lora_config *c = &m->lora->config;

	buf_str(out, "{\"peft_type\":\"LORA\",\"task_type\":\"CAUSAL_LM\"");
	json_add_key(out, "base_model_name_or_path");
	json_add_cstring(out, m->lora->base);
	buf_printf(out, ",\"r\":%zu", c->rank);
	json_add_key(out, "lora_alpha");
	json_add_double(out, c->alpha);
	put_targets(out, m);
	put_layers(out, m);
	put_tokens(out, m->lora);
	buf_printf(out, ",\"use_rslora\":%s,\"fan_in_fan_out\":%s,"
		"\"bias\":\"none\",\"lora_dropout\":0.0,"
		"\"init_lora_weights\":true,\"inference_mode\":true,"
		"\"modules_to_save\":null}\n", word(c->root), word(in_first(m)));
}

void adapter_write_tensors(struct st_writer *w, const struct lora *l)
{
	size_t i;

	for (i = 0; i < l->ntensor; i++) {
		const struct tensor *t = &l->tensors[i];
		char name[sizeof ADAPTER_PREFIX + sizeof t->name];

		snprintf(name, sizeof name, ADAPTER_PREFIX "%s", t->name);
		safetensors_declare(w, name, DTYPE_F32, t->ndim, t->shape);
	}
	for (i = 0; i < l->ntensor; i++)
		safetensors_put(w, l->tensors[i].data, l->tensors[i].n);
}
