/* qwen2.c - Qwen2 (Yang et al. 2024), as transformers' Qwen2ForCausalLM has
 * it: the family with biases of q, k and v
 */
#include "common/model/config_keys.h"
#include "common/model/family.h"

static void begin(struct model_config *c)
{
	family_begin(c);
	c->qkv_bias = true;
	c->norm_eps = 1e-6f;
}

static void read(struct model_config *c, const struct jsontree *f)
{
	family_read(c, f);
	c->qkv_bias = true;
	if (jsontree_bool(f, NULL, "use_sliding_window", false))
		family_read_window(c, f);
}

static void write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"hidden_act\": \"silu\",\n");
	config_put_bool(out, "use_sliding_window", false);
	family_write(out, c);
}

const struct architecture architecture_qwen2 = {
	.name = "qwen2",
	.class = "Qwen2ForCausalLM",
	.reward_class = "Qwen2ForSequenceClassification",
	.gguf = "qwen2",
	.gguf_has = GGUF_HAS_SQUARE,
	.begin = begin,
	.read = read,
	.write = write,
	FAMILY_ROW
};
