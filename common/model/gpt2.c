/* gpt2.c - GPT-2 (Radford et al. 2019), as transformers' GPT2LMHeadModel has it
 *
 * LayerNorm, learned positions, GELU, biases; matrices are (in, out), and
 * c_attn computes q, k and v together.
 */
#include <string.h>

#include "common/model/architecture.h"
#include "common/model/config_keys.h"

static void begin(struct model_config *c)
{
	c->norm = NORM_LAYER;
	c->mlp = MLP_GELU;
	c->positions = POSITIONS_LEARNED;
	c->qkv_bias = c->out_bias = c->mlp_bias = true;
	c->norm_eps = 1e-5f;
	c->ffn = 4 * c->width;
}

static void read(struct model_config *c, const struct jsontree *f)
{
	c->layers = config_size(f, "n_layer", -1);
	c->width = config_size(f, "n_embd", -1);
	c->heads = c->kv_heads = config_size(f, "n_head", -1);
	c->head_size = c->width / c->heads;
	begin(c);
	c->ffn = config_size(f, "n_inner", (int64_t)c->ffn);
	c->context = config_size(f, "n_positions", 1024);
	c->norm_eps = (float)jsontree_real(f, NULL, "layer_norm_epsilon", 1e-5);
	c->tied = jsontree_bool(f, NULL, "tie_word_embeddings", true);
	/* Two names for the same function: GELU's tanh approximation. */
	if (strcmp(jsontree_string(f, NULL, "activation_function", "gelu_new"),
			"gelu_pytorch_tanh"))
		config_only(f, "activation_function", "gelu_new");
	config_only_bool(f, "scale_attn_by_inverse_layer_idx", false);
	config_only_bool(f, "add_cross_attention", false);
	config_only_bool(f, "scale_attn_weights", true);
}

static void write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"activation_function\": \"gelu_new\",\n"
		"  \"attn_pdrop\": 0.0,\n  \"embd_pdrop\": 0.0,\n"
		"  \"resid_pdrop\": 0.0,\n");
	config_put_size(out, "n_layer", c->layers);
	config_put_size(out, "n_embd", c->width);
	config_put_size(out, "n_head", c->heads);
	config_put_size(out, "n_inner", c->ffn);
	config_put_size(out, "n_positions", c->context);
	config_put_size(out, "n_ctx", c->context);
	config_put_float(out, "layer_norm_epsilon", c->norm_eps);
}

static const char *check(const struct model_config *c)
{
	if (c->kv_heads != c->heads)
		return "gpt2 has as many key-value heads as heads";
	if (c->heads * c->head_size != c->width)
		return "gpt2's width is not heads times head size";
	return NULL;
}

static void add_matrix(struct tensor_list *l, enum tensor_place place,
	size_t layer, size_t in, size_t out, const char *name)
{
	tensor_add(l, place, layer, in, out, name)->in_first = true;
}

static void block_tensors(struct tensor_list *l, const struct model_config *c,
	size_t i)
{
	size_t w = c->width;

	tensor_add(l, PLACE_NORM1, i, w, 0, "transformer.h.%zu.ln_1.weight");
	tensor_add(l, PLACE_NORM1, i, w, 0, "transformer.h.%zu.ln_1.bias");
	add_matrix(l, PLACE_QKV, i, w, 3 * w,
		"transformer.h.%zu.attn.c_attn.weight");
	l->v[l->n - 1].parts = 3;
	tensor_add(l, PLACE_QKV, i, 3 * w, 0,
		"transformer.h.%zu.attn.c_attn.bias");
	add_matrix(l, PLACE_OUT, i, w, w,
		"transformer.h.%zu.attn.c_proj.weight");
	tensor_add(l, PLACE_OUT, i, w, 0,
		"transformer.h.%zu.attn.c_proj.bias");
	tensor_add(l, PLACE_NORM2, i, w, 0, "transformer.h.%zu.ln_2.weight");
	tensor_add(l, PLACE_NORM2, i, w, 0, "transformer.h.%zu.ln_2.bias");
	add_matrix(l, PLACE_UP, i, w, c->ffn,
		"transformer.h.%zu.mlp.c_fc.weight");
	tensor_add(l, PLACE_UP, i, c->ffn, 0,
		"transformer.h.%zu.mlp.c_fc.bias");
	add_matrix(l, PLACE_DOWN, i, c->ffn, w,
		"transformer.h.%zu.mlp.c_proj.weight");
	tensor_add(l, PLACE_DOWN, i, w, 0,
		"transformer.h.%zu.mlp.c_proj.bias");
}

static void tensors(struct tensor_list *l, const struct model_config *c)
{
	size_t i;

	tensor_add(l, PLACE_EMBEDDING, 0, c->vocab, c->width,
		"transformer.wte.weight");
	tensor_add(l, PLACE_POSITIONS, 0, c->context, c->width,
		"transformer.wpe.weight");
	for (i = 0; i < c->layers; i++)
		block_tensors(l, c, i);
	tensor_add(l, PLACE_NORM, 0, c->width, 0, "transformer.ln_f.weight");
	tensor_add(l, PLACE_NORM, 0, c->width, 0, "transformer.ln_f.bias");
}

static const char *const block_prefixes[] = { "transformer.h.", "h.", NULL };

/* Causal masks. */
static const char *const derived[] = { ".attn.bias", ".attn.masked_bias",
	NULL };

const struct architecture architecture_gpt2 = {
	.name = "gpt2",
	.class = "GPT2LMHeadModel",
	.reward_class = "GPT2ForSequenceClassification",
	.file_prefix = "transformer.",	/* missing in the original files */
	.head = "lm_head.weight",
	.block_prefixes = block_prefixes,
	.derived = derived,
	.gguf = "gpt2",
	.begin = begin,
	.read = read,
	.write = write,
	.check = check,
	.tensors = tensors
};
