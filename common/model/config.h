/* config.h - the shape of a model: config.json of a model directory
 *
 * A configuration says feature by feature what is computed; only the source
 * file of an architecture knows which features that has (architecture.h). Each
 * feature is computed exactly as in Hugging Face transformers.
 */
#ifndef PIPELM_MODEL_CONFIG_H
#define PIPELM_MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct architecture;

#define MODEL_MAX_SIZE (1 << 24)	/* of every size except layers */
#define MODEL_EOS 16		/* maximum number of ids that end a text */

enum norm_kind {
	NORM_LAYER,		/* LayerNorm, gain and bias (Ba et al. 2016) */
	NORM_RMS		/* RMSNorm, gain (Zhang and Sennrich 2019) */
};

enum mlp_kind {
	MLP_GELU,		/* tanh approximation (Hendrycks and Gimpel) */
	MLP_SWIGLU		/* gated by SiLU (Shazeer 2020) */
};

enum position_kind {
	POSITIONS_LEARNED,	/* a table, added to the embedding */
	POSITIONS_ROTARY	/* queries and keys rotated (Su et al. 2021) */
};

/* How the frequencies of rotary positions are scaled for contexts longer than that
 * of the original training, with transformers' names.
 *   linear  all divided by factor (Chen et al. 2023)
 *   llama3  low frequencies divided by factor, high ones unchanged, with a
 *           gradual transition between them (Llama 3.1) */
enum model_rope_type {
	ROPE_DEFAULT,
	ROPE_LINEAR,
	ROPE_LLAMA3
};

struct model_rope {
	enum model_rope_type type;
	double factor;
	double low, high;	/* llama3: wavelengths per original context */
	double context;		/* llama3: the original context */
};

struct model_config {
	const struct architecture *arch;
	size_t layers;
	size_t width;		/* C: floats of the residual stream */
	size_t heads;
	size_t kv_heads;
	size_t head_size;
	size_t ffn;		/* width inside the MLP */
	size_t context;		/* positions */
	size_t vocab;		/* rows of the embedding, including spares */

	enum norm_kind norm;
	float norm_eps;
	enum mlp_kind mlp;
	enum position_kind positions;
	double rope_theta;	/* rotary positions: the base */
	struct model_rope rope;
	bool qk_norm;		/* RMSNorm of each head of q and k before they
				 * are rotated (Henry et al. 2020) */
	bool qkv_bias, out_bias;	/* of the attention's matrices */
	bool mlp_bias, head_bias;
	bool tied;		/* the head is the embedding */
	bool reward;		/* a reward model: the head is a map to one
				 * number; then not tied */
	size_t window;		/* tokens that a token attends to, 0: all;
				 * never below the context, so it does not
				 * affect the computation */

	int32_t bos, eos;	/* -1: none */
	int32_t pad;		/* reward model: transformers reads the score at
				 * the last token of a row that is not this one;
				 * -1: none */
	int32_t more_eos[MODEL_EOS - 1];	/* other ids that end a text */
	size_t nmore_eos;
};

/* NULL, or a message saying what is wrong with c. */
const char *model_config_check(const struct model_config *c);

/* Reads config.json of transformers 4 or 5. An architecture that is not in the
 * table, or an unsupported feature (another activation, another scaling of the
 * rotary positions), is fatal; the message names the file and the key. */
void model_config_read(struct model_config *c, const char *file);

/* Adds the ids of "eos_token_id" of a generation_config.json. */
void model_config_read_stops(struct model_config *c, const char *file);

/* Adds an id that ends a text, if it does not already; false if there are too
 * many. */
bool model_config_add_stop(struct model_config *c, int32_t id);

/* Makes id end a text: unless it already does, it replaces the ids that do. */
void model_config_stop_at(struct model_config *c, int32_t id);

/* out (head_size / 2): the angular frequency 2 pi / wavelength, the angle in
 * radians by which one position rotates pair j of a head; in fp32 as
 * transformers computes it. */
void model_rope_frequencies(const struct model_config *c, float *out);

/* Appends the text of config.json to out. */
void model_config_write(struct buf *out, const struct model_config *c);

/* Appends the line of "eos_token_id", an id or a list of ids. */
void model_config_put_eos(struct buf *out, const struct model_config *c);

/* The first key of config.json in which a and b differ, with both values:
 * "rope_theta: 10000 and 500000"; NULL if there is none. The caller frees
 * it. */
char *model_config_difference(const struct model_config *a,
	const struct model_config *b);

/* The number of embedding rows for `tokens` tokens: a multiple of 128, which
 * leaves spare rows for special tokens added later. */
static inline size_t model_vocab_rows(size_t tokens)
{
	return (tokens + 127) / 128 * 128;
}

/* The floats per token of [q|k|v]; below, of the output of the MLP's first
 * matrix (gated: [gate|up]). */
static inline size_t model_qkv_width(const struct model_config *c)
{
	return (c->heads + 2 * c->kv_heads) * c->head_size;
}

static inline size_t model_up_width(const struct model_config *c)
{
	return c->mlp == MLP_SWIGLU ? 2 * c->ffn : c->ffn;
}

#endif
