/* llama.c - Llama (Touvron et al. 2023), as transformers' LlamaForCausalLM has
 * it: the family with biases or, as in all released models, without
 */
#include "common/model/config_keys.h"
#include "common/model/family.h"

static void read(struct model_config *c, const struct jsontree *f)
{
	static const char *const keys[] = { "sliding_window", NULL };

	family_read(c, f);
	config_refuse(f, keys);
	c->qkv_bias = c->out_bias = jsontree_bool(f, NULL, "attention_bias",
		false);
	c->mlp_bias = jsontree_bool(f, NULL, "mlp_bias", false);
}

static void write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"hidden_act\": \"silu\",\n");
	config_put_bool(out, "attention_bias", c->qkv_bias);
	config_put_bool(out, "mlp_bias", c->mlp_bias);
	family_write(out, c);
}

const struct architecture architecture_llama = {
	.name = "llama",
	.class = "LlamaForCausalLM",
	.reward_class = "LlamaForSequenceClassification",
	.gguf = "llama",
	.gguf_has = GGUF_HAS_PAIRS | GGUF_HAS_FACTORS | GGUF_HAS_BIASES,
	.begin = family_begin,
	.read = read,
	.write = write,
	FAMILY_ROW
};
