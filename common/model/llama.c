/* llama.c - Llama: which tensors there are and where they stand
 *
 * Touvron et al. 2023, as transformers' LlamaForCausalLM has it: matrices are
 * (out, in); q, k, v stand one behind the other, and gate and up.
 */
#include "common/model/arch.h"

/* Tensors before the blocks and in each block. */
enum { BEFORE = 1, IN_BLOCK = 9 };

static void block_tensors(struct tensor_list *l, const struct model_config *c,
	size_t i)
{
	size_t w = c->width, q = c->heads * c->head_size;
	size_t kv = c->kv_heads * c->head_size;
	struct tensor *t;

	tensor_add(l, TENSOR_NORM, false, w, 0,
		"model.layers.%zu.input_layernorm.weight", i);
	tensor_add(l, TENSOR_MATRIX, false, q, w,
		"model.layers.%zu.self_attn.q_proj.weight", i);
	tensor_add(l, TENSOR_MATRIX, true, kv, w,
		"model.layers.%zu.self_attn.k_proj.weight", i);
	tensor_add(l, TENSOR_MATRIX, true, kv, w,
		"model.layers.%zu.self_attn.v_proj.weight", i);
	t = tensor_add(l, TENSOR_MATRIX, false, w, q,
		"model.layers.%zu.self_attn.o_proj.weight", i);
	t->residual = true;
	tensor_add(l, TENSOR_NORM, false, w, 0,
		"model.layers.%zu.post_attention_layernorm.weight", i);
	tensor_add(l, TENSOR_MATRIX, false, c->ffn, w,
		"model.layers.%zu.mlp.gate_proj.weight", i);
	tensor_add(l, TENSOR_MATRIX, true, c->ffn, w,
		"model.layers.%zu.mlp.up_proj.weight", i);
	t = tensor_add(l, TENSOR_MATRIX, false, w, c->ffn,
		"model.layers.%zu.mlp.down_proj.weight", i);
	t->residual = true;
}

void llama_tensors(struct tensor_list *l, const struct model_config *c)
{
	size_t i;

	tensor_add(l, TENSOR_EMBEDDING, false, c->vocab, c->width,
		"model.embed_tokens.weight");
	for (i = 0; i < c->layers; i++)
		block_tensors(l, c, i);
	tensor_add(l, TENSOR_NORM, false, c->width, 0, "model.norm.weight");
	if (!c->tied)
		tensor_add(l, TENSOR_HEAD, false, c->vocab, c->width,
			"lm_head.weight");
}

static struct norm view_norm(const struct tensor *t, float *buffer)
{
	return (struct norm) { buffer + t->offset, NULL };
}

/* n adjacent matrices of the same input as one. */
static struct linear view_linear(const struct tensor *t, size_t n,
	float *buffer)
{
	struct linear l = { .in = t->shape[1], .w = buffer + t->offset };
	size_t i;

	for (i = 0; i < n; i++)
		l.out += t[i].shape[0];
	return l;
}

void llama_view(struct weights *w, const struct model *m, float *buffer)
{
	const struct model_config *c = &m->config;
	const struct tensor *t = m->tensors;
	size_t i;

	w->embedding = buffer + t->offset;
	w->positions = NULL;
	t += BEFORE;
	for (i = 0; i < c->layers; i++, t += IN_BLOCK) {
		struct block *b = &w->blocks[i];

		b->norm1 = view_norm(t, buffer);
		b->qkv = view_linear(t + 1, 3, buffer);
		b->out = view_linear(t + 4, 1, buffer);
		b->norm2 = view_norm(t + 5, buffer);
		b->up = view_linear(t + 6, 2, buffer);
		b->down = view_linear(t + 8, 1, buffer);
	}
	w->norm = view_norm(t, buffer);
	w->head = (struct linear) {
		.in = c->width,
		.out = c->vocab,
		.w = c->tied ? w->embedding : buffer + t[1].offset
	};
}
