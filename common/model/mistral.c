/* mistral.c - Mistral (Jiang et al. 2023), as transformers' MistralForCausalLM
 * has it: the family with an attention window
 *
 * A window at least as long as the context changes nothing; it is kept as in
 * config.json.
 */
#include <string.h>

#include "common/base/err.h"
#include "common/model/config_keys.h"
#include "common/model/family.h"

#define WINDOW 4096	/* if config.json lacks the key; null is no window */

static bool has_window(const struct jsontree *f)
{
	const struct jsontree_value *value;
	const char *key;
	void *state = NULL;

	while (jsontree_next(jsontree_root(f), &state, &key, &value))
		if (!strcmp(key, "sliding_window"))
			return true;
	return false;
}

static void read(struct model_config *c, const struct jsontree *f)
{
	family_read(c, f);
	family_read_window(c, f);
	if (!has_window(f) && c->context > WINDOW)
		die("%s: 'sliding_window' is missing, which means %d, shorter "
			"than the context of %zu: attention within a window "
			"is not supported", jsontree_name(f), WINDOW,
			c->context);
}

static void write(struct buf *out, const struct model_config *c)
{
	buf_str(out, "  \"hidden_act\": \"silu\",\n");
	if (c->window)
		config_put_size(out, "sliding_window", c->window);
	else
		buf_str(out, "  \"sliding_window\": null,\n");
	family_write(out, c);
}

const struct architecture architecture_mistral = {
	.name = "mistral",
	.class = "MistralForCausalLM",
	.reward_class = "MistralForSequenceClassification",
	.gguf = "llama",
	.gguf_has = GGUF_HAS_PAIRS | GGUF_HAS_FACTORS,
	.begin = family_begin,
	.read = read,
	.write = write,
	FAMILY_ROW
};
