/* family.c - what Llama and the architectures that followed it share: family.h */
#include "common/model/family.h"

#include <string.h>

#include "common/base/err.h"
#include "common/model/config_keys.h"

const char *const family_block_prefixes[] = { "model.layers.", NULL };

/* Frequencies of the rotary positions. */
const char *const family_derived[] = { ".rotary_emb.inv_freq", NULL };

void family_begin(struct model_config *c)
{
	c->norm = NORM_RMS;
	c->mlp = MLP_SWIGLU;
	c->positions = POSITIONS_ROTARY;
	c->norm_eps = 1e-5f;
	c->ffn = (c->width * 8 / 3 + 31) / 32 * 32;
}

/* Refuses features that no member of the family supports. */
static void refuse(const struct jsontree *f)
{
	static const char *const keys[] = { "logit_scale",
		"attn_logit_softcapping", "final_logit_softcapping",
		"query_pre_attn_scalar", "embedding_multiplier",
		"residual_multiplier", "attention_multiplier",
		"logits_scaling",
		"no_rope_layers", "partial_rotary_factor", NULL };

	config_refuse(f, keys);
}

/* Checks the kind of attention of each layer. Windows are never shorter than
 * the context, so the two kinds are equivalent. */
static void check_layer_types(const struct jsontree *f)
{
	const struct jsontree_value *v = jsontree_get(jsontree_root(f),
		"layer_types");
	size_t i;

	if (v && jsontree_type(v) != JSONTREE_ARRAY)
		die("%s: 'layer_types' is not a list", jsontree_name(f));
	for (i = 0; i < jsontree_size(v); i++) {
		const char *s = jsontree_text(jsontree_at(v, i), NULL);

		if (!s || (strcmp(s, "full_attention") &&
				strcmp(s, "sliding_attention")))
			die("%s: 'layer_types' has '%s'; only full_attention "
				"and sliding_attention are supported",
				jsontree_name(f), s ? s : "no text");
	}
}

void family_read_window(struct model_config *c, const struct jsontree *f)
{
	c->window = 0;
	if (jsontree_get(jsontree_root(f), "sliding_window"))
		c->window = config_size(f, "sliding_window", -1);
	if (c->window && c->window < c->context)
		die("%s: 'sliding_window' is %zu, shorter than the context of "
			"%zu: attention within a window is not supported",
			jsontree_name(f), c->window, c->context);
}

void family_read(struct model_config *c, const struct jsontree *f)
{
	c->layers = config_size(f, "num_hidden_layers", -1);
	c->width = config_size(f, "hidden_size", -1);
	c->heads = config_size(f, "num_attention_heads", -1);
	c->kv_heads = config_size(f, "num_key_value_heads",
		(int64_t)c->heads);
	c->head_size = config_size(f, "head_dim",
		(int64_t)(c->width / c->heads));
	family_begin(c);
	c->ffn = config_size(f, "intermediate_size", -1);
	c->context = config_size(f, "max_position_embeddings", 2048);
	c->norm_eps = (float)jsontree_real(f, NULL, "rms_norm_eps", 1e-6);
	c->tied = jsontree_bool(f, NULL, "tie_word_embeddings", false);
	rope_read(c, f);
	refuse(f);
	check_layer_types(f);
	if (strcmp(jsontree_string(f, NULL, "hidden_act", "silu"), "swish"))
		config_only(f, "hidden_act", "silu");
}

void family_write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"attention_dropout\": 0.0,\n");
	config_put_size(out, "num_hidden_layers", c->layers);
	config_put_size(out, "hidden_size", c->width);
	config_put_size(out, "num_attention_heads", c->heads);
	config_put_size(out, "num_key_value_heads", c->kv_heads);
	config_put_size(out, "head_dim", c->head_size);
	config_put_size(out, "intermediate_size", c->ffn);
	config_put_size(out, "max_position_embeddings", c->context);
	config_put_float(out, "rms_norm_eps", c->norm_eps);
	rope_write(out, c);
}

const char *family_check(const struct model_config *c)
{
	if (c->head_size % 2)
		return "the head size is odd, so that it cannot be rotated";
	return NULL;
}

/* ---- tensors ---- */

static void attention_tensors(struct tensor_list *l,
	const struct model_config *c, size_t i)
{
	size_t w = c->width, q = c->heads * c->head_size;
	size_t kv = c->kv_heads * c->head_size;

	tensor_add(l, PLACE_QKV, i, q, w,
		"model.layers.%zu.self_attn.q_proj.weight");
	tensor_add(l, PLACE_QKV, i, kv, w,
		"model.layers.%zu.self_attn.k_proj.weight");
	tensor_add(l, PLACE_QKV, i, kv, w,
		"model.layers.%zu.self_attn.v_proj.weight");
	if (c->qkv_bias) {
		tensor_add(l, PLACE_QKV, i, q, 0,
			"model.layers.%zu.self_attn.q_proj.bias");
		tensor_add(l, PLACE_QKV, i, kv, 0,
			"model.layers.%zu.self_attn.k_proj.bias");
		tensor_add(l, PLACE_QKV, i, kv, 0,
			"model.layers.%zu.self_attn.v_proj.bias");
	}
	if (c->qk_norm) {
		tensor_add(l, PLACE_Q_NORM, i, c->head_size, 0,
			"model.layers.%zu.self_attn.q_norm.weight");
		tensor_add(l, PLACE_K_NORM, i, c->head_size, 0,
			"model.layers.%zu.self_attn.k_norm.weight");
	}
	tensor_add(l, PLACE_OUT, i, w, q,
		"model.layers.%zu.self_attn.o_proj.weight");
	if (c->out_bias)
		tensor_add(l, PLACE_OUT, i, w, 0,
			"model.layers.%zu.self_attn.o_proj.bias");
}

static void mlp_tensors(struct tensor_list *l, const struct model_config *c,
	size_t i)
{
	size_t w = c->width;

	tensor_add(l, PLACE_UP, i, c->ffn, w,
		"model.layers.%zu.mlp.gate_proj.weight");
	tensor_add(l, PLACE_UP, i, c->ffn, w,
		"model.layers.%zu.mlp.up_proj.weight");
	if (c->mlp_bias) {
		tensor_add(l, PLACE_UP, i, c->ffn, 0,
			"model.layers.%zu.mlp.gate_proj.bias");
		tensor_add(l, PLACE_UP, i, c->ffn, 0,
			"model.layers.%zu.mlp.up_proj.bias");
	}
	tensor_add(l, PLACE_DOWN, i, w, c->ffn,
		"model.layers.%zu.mlp.down_proj.weight");
	if (c->mlp_bias)
		tensor_add(l, PLACE_DOWN, i, w, 0,
			"model.layers.%zu.mlp.down_proj.bias");
}

void family_tensors(struct tensor_list *l, const struct model_config *c)
{
	size_t i;

	tensor_add(l, PLACE_EMBEDDING, 0, c->vocab, c->width,
		"model.embed_tokens.weight");
	for (i = 0; i < c->layers; i++) {
		tensor_add(l, PLACE_NORM1, i, c->width, 0,
			"model.layers.%zu.input_layernorm.weight");
		attention_tensors(l, c, i);
		tensor_add(l, PLACE_NORM2, i, c->width, 0,
			"model.layers.%zu.post_attention_layernorm.weight");
		mlp_tensors(l, c, i);
	}
	tensor_add(l, PLACE_NORM, 0, c->width, 0, "model.norm.weight");
}
