/* llama2c.c - checkpoints of llama2.c: see llama2c.h */
#include "common/model/llama2c.h"

#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/base/mem.h"
#include "common/model/architecture.h"
#include "common/model/kinds.h"

#define HEADER 28		/* bytes */
#define MAGIC 0x616b3432	/* of versions 1 and 2 */
#define SEPARATOR 1		/* the token between texts */

#define BLOCK "model.layers.%zu."

/* In the order of the file. */
static const struct kind kinds[] = {
	{ "model.embed_tokens.weight", 0 },
	{ BLOCK "input_layernorm.weight", KIND_LAYERED },
	{ BLOCK "self_attn.q_proj.weight", KIND_LAYERED | KIND_PAIRS },
	{ BLOCK "self_attn.k_proj.weight", KIND_LAYERED | KIND_PAIRS },
	{ BLOCK "self_attn.v_proj.weight", KIND_LAYERED },
	{ BLOCK "self_attn.o_proj.weight", KIND_LAYERED },
	{ BLOCK "post_attention_layernorm.weight", KIND_LAYERED },
	{ BLOCK "mlp.gate_proj.weight", KIND_LAYERED },
	{ BLOCK "mlp.down_proj.weight", KIND_LAYERED },
	{ BLOCK "mlp.up_proj.weight", KIND_LAYERED },
	{ "model.norm.weight", 0 },
	{ "lm_head.weight", 0 },	/* unless it is tied */
};
#define NKIND (sizeof kinds / sizeof *kinds)
#define LAST_NORM (NKIND - 2)

static int32_t word(const struct mapped *f, size_t i)
{
	return (int32_t)get_le32(f->p + 4 * i);
}

/* Two tables, of cosines and sines, follow the last norm. */
static size_t elements(const struct model_source *s, size_t kind,
	const struct tensor *t)
{
	const struct model_config *c = &s->config;

	return t->n + (kind == LAST_NORM ? c->context * c->head_size : 0);
}

/* False if the header describes no model. */
static bool read_config(struct model_config *c, const struct mapped *f)
{
	int64_t vocab;
	size_t i;

	if (f->n < HEADER)
		return false;
	for (i = 0; i < 7; i++)
		if (word(f, i) < 1 && i != 5)
			return false;
	vocab = word(f, 5);
	*c = (struct model_config){ .arch = architecture_find("llama"),
		.width = (size_t)word(f, 0), .layers = (size_t)word(f, 2),
		.heads = (size_t)word(f, 3), .kv_heads = (size_t)word(f, 4),
		.vocab = (size_t)(vocab < 0 ? -vocab : vocab),
		.tied = vocab > 0, .context = (size_t)word(f, 6),
		.head_size = (size_t)(word(f, 0) / word(f, 3)),
		.rope_theta = 10000, .bos = SEPARATOR, .eos = SEPARATOR };
	c->arch->begin(c);
	c->ffn = (size_t)word(f, 1);
	return !model_config_check(c) && c->heads * c->head_size == c->width;
}

/* The size of the file that the header describes; checked sizes do not overflow:
 * model_config_check. */
static size_t file_size(const struct model_config *c)
{
	return HEADER + sizeof(float) * (model_parameters(c) +
		c->context * c->head_size);
}

static bool is_later(const struct mapped *f)
{
	return f->n >= HEADER && (uint32_t)word(f, 0) == MAGIC;
}

bool llama2c_is(const char *file)
{
	struct model_config c;
	struct mapped f;
	bool is;

	file_map(file, &f);
	is = is_later(&f) || (read_config(&c, &f) && file_size(&c) == f.n);
	file_unmap(&f);
	return is;
}

struct model_source *llama2c_open(const char *file)
{
	struct model_source *s = xcalloc(1, sizeof *s);

	file_map(file, &s->map);
	if (is_later(&s->map))
		die("%s: version %d of llama2.c's checkpoints is not supported, "
			"only 0", file, (int)word(&s->map, 1));
	if (!read_config(&s->config, &s->map) ||
		file_size(&s->config) != s->map.n)
		die("%s: not a checkpoint of llama2.c, or cut off", file);
	s->type = DTYPE_F32;
	kinds_place(s, file, kinds, s->config.tied ? NKIND - 1 : NKIND, HEADER,
		elements);
	return s;
}
