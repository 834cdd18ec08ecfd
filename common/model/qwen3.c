/* qwen3.c - Qwen3 (Yang et al. 2025), as transformers' Qwen3ForCausalLM has
 * it: the family with norms of queries and keys
 */
#include "common/model/config_keys.h"
#include "common/model/family.h"

#define HEAD_SIZE 128		/* unless config.json says otherwise */

static void begin(struct model_config *c)
{
	family_begin(c);
	c->qk_norm = true;
	c->norm_eps = 1e-6f;
}

static void read(struct model_config *c, const struct jsontree *f)
{
	family_read(c, f);
	c->qk_norm = true;
	c->head_size = config_size(f, "head_dim", HEAD_SIZE);
	c->qkv_bias = c->out_bias = jsontree_bool(f, NULL, "attention_bias",
		false);
	if (jsontree_bool(f, NULL, "use_sliding_window", false))
		family_read_window(c, f);
}

static void write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"hidden_act\": \"silu\",\n");
	config_put_bool(out, "attention_bias", c->qkv_bias);
	config_put_bool(out, "use_sliding_window", false);
	family_write(out, c);
}

const struct architecture architecture_qwen3 = {
	.name = "qwen3",
	.class = "Qwen3ForCausalLM",
	.reward_class = "Qwen3ForSequenceClassification",
	.gguf = "qwen3",
	.begin = begin,
	.read = read,
	.write = write,
	FAMILY_ROW
};
