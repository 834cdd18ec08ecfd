/* gpt2.c - GPT-2: which tensors there are and where they stand
 *
 * Radford et al. 2019, as transformers' GPT2LMHeadModel has it: matrices are
 * (in, out); c_attn makes q, k and v at once.
 */
#include "common/model/arch.h"

/* Tensors before the blocks and in each block. */
enum { BEFORE = 2, IN_BLOCK = 12 };

static void block_tensors(struct tensor_list *l, const struct model_config *c,
	size_t i)
{
	size_t w = c->width;
	struct tensor *t;

	tensor_add(l, TENSOR_NORM, false, w, 0,
		"transformer.h.%zu.ln_1.weight", i);
	tensor_add(l, TENSOR_BIAS, false, w, 0, "transformer.h.%zu.ln_1.bias",
		i);
	tensor_add(l, TENSOR_MATRIX, false, w, 3 * w,
		"transformer.h.%zu.attn.c_attn.weight", i);
	tensor_add(l, TENSOR_BIAS, false, 3 * w, 0,
		"transformer.h.%zu.attn.c_attn.bias", i);
	t = tensor_add(l, TENSOR_MATRIX, false, w, w,
		"transformer.h.%zu.attn.c_proj.weight", i);
	t->residual = true;
	tensor_add(l, TENSOR_BIAS, false, w, 0,
		"transformer.h.%zu.attn.c_proj.bias", i);
	tensor_add(l, TENSOR_NORM, false, w, 0,
		"transformer.h.%zu.ln_2.weight", i);
	tensor_add(l, TENSOR_BIAS, false, w, 0, "transformer.h.%zu.ln_2.bias",
		i);
	tensor_add(l, TENSOR_MATRIX, false, w, c->ffn,
		"transformer.h.%zu.mlp.c_fc.weight", i);
	tensor_add(l, TENSOR_BIAS, false, c->ffn, 0,
		"transformer.h.%zu.mlp.c_fc.bias", i);
	t = tensor_add(l, TENSOR_MATRIX, false, c->ffn, w,
		"transformer.h.%zu.mlp.c_proj.weight", i);
	t->residual = true;
	tensor_add(l, TENSOR_BIAS, false, w, 0,
		"transformer.h.%zu.mlp.c_proj.bias", i);
}

void gpt2_tensors(struct tensor_list *l, const struct model_config *c)
{
	size_t i;

	tensor_add(l, TENSOR_EMBEDDING, false, c->vocab, c->width,
		"transformer.wte.weight");
	tensor_add(l, TENSOR_EMBEDDING, false, c->context, c->width,
		"transformer.wpe.weight");
	for (i = 0; i < c->layers; i++)
		block_tensors(l, c, i);
	tensor_add(l, TENSOR_NORM, false, c->width, 0,
		"transformer.ln_f.weight");
	tensor_add(l, TENSOR_BIAS, false, c->width, 0,
		"transformer.ln_f.bias");
	if (!c->tied)
		tensor_add(l, TENSOR_HEAD, false, c->vocab, c->width,
			"lm_head.weight");
}

static struct norm view_norm(const struct tensor *t, float *buffer)
{
	return (struct norm) { buffer + t[0].offset, buffer + t[1].offset };
}

static struct linear view_linear(const struct tensor *t, float *buffer)
{
	return (struct linear) {
		.in = t[0].shape[0],
		.out = t[0].shape[1],
		.in_first = true,
		.w = buffer + t[0].offset,
		.b = buffer + t[1].offset
	};
}

void gpt2_view(struct weights *w, const struct model *m, float *buffer)
{
	const struct model_config *c = &m->config;
	const struct tensor *t = m->tensors;
	size_t i;

	w->embedding = buffer + t[0].offset;
	w->positions = buffer + t[1].offset;
	t += BEFORE;
	for (i = 0; i < c->layers; i++, t += IN_BLOCK) {
		struct block *b = &w->blocks[i];

		b->norm1 = view_norm(t, buffer);
		b->qkv = view_linear(t + 2, buffer);
		b->out = view_linear(t + 4, buffer);
		b->norm2 = view_norm(t + 6, buffer);
		b->up = view_linear(t + 8, buffer);
		b->down = view_linear(t + 10, buffer);
	}
	w->norm = view_norm(t, buffer);
	w->head = (struct linear) {
		.in = c->width,
		.out = c->vocab,
		.w = c->tied ? w->embedding : buffer + t[2].offset
	};
}
