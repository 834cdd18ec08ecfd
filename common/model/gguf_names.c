/* gguf_names.c - the tensors of a model in GGUF files: see gguf_model.h */
#include <stdio.h>

#include "common/model/architecture.h"
#include "common/model/gguf_model.h"

/* By place; of several tensors with the same place, in their order. */
static const char *const names[][3] = {
	[PLACE_EMBEDDING] = { "token_embd" },
	[PLACE_POSITIONS] = { "position_embd" },
	[PLACE_NORM1] = { "blk.%zu.attn_norm" },
	[PLACE_QKV] = { "blk.%zu.attn_q", "blk.%zu.attn_k", "blk.%zu.attn_v" },
	[PLACE_Q_NORM] = { "blk.%zu.attn_q_norm" },
	[PLACE_K_NORM] = { "blk.%zu.attn_k_norm" },
	[PLACE_OUT] = { "blk.%zu.attn_output" },
	[PLACE_NORM2] = { "blk.%zu.ffn_norm" },
	[PLACE_UP] = { "blk.%zu.ffn_gate", "blk.%zu.ffn_up" },
	[PLACE_DOWN] = { "blk.%zu.ffn_down" },
	[PLACE_NORM] = { "output_norm" },
	[PLACE_HEAD] = { "output" },
};

/* How many tensors of the same matrix or vector are before tensor i. */
static size_t position(const struct tensor *t, size_t i)
{
	size_t n = 0;

	for (; i && tensor_joins(&t[i], &t[i - 1]); i--)
		n++;
	return n;
}

/* Outputs of a matrix, elements of a vector. */
static size_t outputs(const struct tensor *t)
{
	return t->shape[t->ndim == 2 && t->in_first];
}

static bool is_whole_qkv(const struct model_config *c, const struct tensor *t)
{
	return t->place == PLACE_QKV && outputs(t) == model_qkv_width(c);
}

void gguf_model_name(char *out, const struct model_config *c,
	const struct tensor *t, size_t i)
{
	size_t at = position(t, i);
	const char *name = names[t[i].place][at];
	int n;

	if (is_whole_qkv(c, &t[i]))
		name = "blk.%zu.attn_qkv";
	else if (t[i].place == PLACE_UP && c->mlp == MLP_GELU)
		name = "blk.%zu.ffn_up";
	n = snprintf(out, GGUF_MODEL_NAME, name, t[i].layer);
	snprintf(out + n, GGUF_MODEL_NAME - (size_t)n, "%s",
		t[i].role == TENSOR_BIAS ? ".bias" : ".weight");
}

size_t gguf_model_pairs(const struct model_config *c, const struct tensor *t,
	size_t i)
{
	bool is = c->arch->gguf_has & GGUF_HAS_PAIRS &&
		t[i].place == PLACE_QKV && position(t, i) < 2;

	return is ? c->head_size : 0;
}
