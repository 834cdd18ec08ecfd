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

#define MODEL_EOS 16		/* ids that end a text, at most */

/* How the frequencies of rotary positions are scaled for contexts longer than
 * a model was first trained with, as transformers names it.
 *   linear  all of them divided by factor (Chen et al. 2023)
 *   llama3  those of long waves by factor, short ones not, between them by
 *           degrees (Llama 3.1) */
enum model_rope_type {
	ROPE_DEFAULT,
	ROPE_LINEAR,
	ROPE_LLAMA3
};

struct model_rope {
	enum model_rope_type type;
	double factor;
	double low, high;	/* llama3: wave lengths in the first context */
	double context;		/* llama3: the first one */
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
	int32_t more_eos[MODEL_EOS - 1];	/* ids that end a text too */
	size_t nmore_eos;
	struct model_rope rope;
};

const char *model_arch_name(enum model_arch arch);	/* "gpt2" */

/* NULL, or what is wrong with c, in words. */
const char *model_config_check(const struct model_config *c);

/* Reads config.json of transformers 4 or 5; what these architectures do not
 * compute (other activations, other scalings of rotary positions, biases of
 * llama's attention) is refused, fatal with the file's name. */
void model_config_read(struct model_config *c, const char *file);

/* Adds the ids of "eos_token_id" of a generation_config.json. */
void model_config_read_stops(struct model_config *c, const char *file);

/* From now on texts end with that id: if it does not end them already, it
 * takes the place of those that do. */
void model_config_stop_at(struct model_config *c, int32_t id);

/* 1 / wave length / 2 pi, by which a position turns pair j of a head, in fp32
 * as transformers computes it: out (head_size / 2). */
void model_rope_frequencies(const struct model_config *c, float *out);

/* The text of config.json, appended to out. */
void model_config_write(struct buf *out, const struct model_config *c);

/* The line of "eos_token_id", an id or a list of them. */
void model_config_put_eos(struct buf *out, const struct model_config *c);

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
