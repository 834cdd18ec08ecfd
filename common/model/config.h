/* config.h - the shape of a model: config.json of a model directory
 *
 * Two architectures, exactly as Hugging Face transformers compute them:
 *   gpt2   LayerNorm, learned positions, GELU, biases, head tied to the
 *          embedding (Radford et al. 2019)
 *   llama  RMSNorm, rotary positions, SwiGLU, grouped queries, no biases,
 *          head tied or not (Touvron et al. 2023)
 */
#ifndef PIPELM_MODEL_CONFIG_H
#define PIPELM_MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum model_arch {
	MODEL_GPT2,
	MODEL_LLAMA
};

struct model_config {
	enum model_arch arch;
	size_t layers;
	size_t width;		/* C: floats of the residual stream */
	size_t heads;
	size_t kv_heads;	/* gpt2: heads */
	size_t head_size;
	size_t ffn;		/* width inside the MLP */
	size_t context;		/* positions */
	size_t vocab;		/* rows of the embedding, spare ones too */
	float norm_eps;
	double rope_theta;	/* llama */
	bool tied;		/* the head is the embedding */
	int32_t bos, eos;	/* -1: none */
};

const char *model_arch_name(enum model_arch arch);	/* "gpt2" */

/* NULL, or what is wrong with c, in words. */
const char *model_config_check(const struct model_config *c);

/* Reads config.json of transformers 4 or 5; what these architectures do not
 * compute (other activations, scaled rotary positions, biases of llama's
 * attention) is refused, fatal with the file's name. */
void model_config_read(struct model_config *c, const char *file);

/* The text of config.json, appended to out. */
void model_config_write(struct buf *out, const struct model_config *c);

/* The first key of config.json in which a and b differ, and what they have:
 * "rope_theta: 10000 and 500000"; NULL when there is none. The caller frees
 * it. */
char *model_config_difference(const struct model_config *a,
	const struct model_config *b);

/* Rows of the embedding for so many tokens: a multiple of 128, so that there
 * are spare ones for special tokens to come. */
static inline size_t model_vocab_rows(size_t tokens)
{
	return (tokens + 127) / 128 * 128;
}

/* Floats of a token's row [q|k|v], and of what the MLP's first matrix gives
 * (llama: [gate|up]). */
static inline size_t model_qkv_width(const struct model_config *c)
{
	return (c->heads + 2 * c->kv_heads) * c->head_size;
}

static inline size_t model_up_width(const struct model_config *c)
{
	return c->arch == MODEL_LLAMA ? 2 * c->ffn : c->ffn;
}

#endif
