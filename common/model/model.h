/* model.h - parameters of a model and the pieces that compute with them
 *
 * All parameters stand in one flat fp32 buffer, each tensor laid out as
 * Hugging Face stores it. The query, key and value matrices of a layer are
 * adjacent, and gate and up, so that one product does them together. A
 * gradient buffer has the same layout, and struct weights is a view of either.
 *
 * The pieces below are those that training (forward.h) and decoding with a
 * cache (common/sample) share, so that both give the same numbers.
 */
#ifndef PIPELM_MODEL_H
#define PIPELM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/config.h"

enum tensor_role {
	TENSOR_EMBEDDING,	/* tokens or positions, by id */
	TENSOR_HEAD,		/* untied (vocab, width) */
	TENSOR_MATRIX,		/* of a block */
	TENSOR_NORM,		/* gain */
	TENSOR_BIAS
};

/* Where a tensor stands in the model; those from NORM1 to DOWN in a block. */
enum tensor_place {
	PLACE_EMBEDDING,
	PLACE_POSITIONS,
	PLACE_NORM1,
	PLACE_QKV,
	PLACE_Q_NORM,
	PLACE_K_NORM,
	PLACE_OUT,
	PLACE_NORM2,
	PLACE_UP,
	PLACE_DOWN,
	PLACE_NORM,
	PLACE_HEAD
};

struct tensor {
	char name[64];		/* Hugging Face's */
	enum tensor_role role;
	enum tensor_place place;
	size_t layer;
	bool residual;		/* a matrix that writes to the residual stream */
	bool in_first;		/* a matrix (in, out), else (out, in) */
	size_t parts;		/* matrices side by side in this one */
	int ndim;
	size_t shape[2];
	size_t n;		/* elements */
	size_t offset;		/* floats from the beginning of the buffer */
	float *data;		/* in params; NULL where it is packed */
};

/* y (R,out) = x (R,in) times the weight [+ b]. */
struct linear {
	size_t in, out;
	bool in_first;		/* w is (in,out), else (out,in) */
	float *w;
	struct packed_matrix *packed;	/* NULL, or what is used in place of w:
					 * kernel.h */
	float *b;		/* (out) or NULL */
};

/* LayerNorm, or RMSNorm where b is NULL. */
struct norm {
	float *w, *b;		/* (width) */
};

struct block_weights {
	struct norm norm1;
	struct linear qkv;	/* width -> [q|k|v] */
	float *q_norm, *k_norm;	/* (head_size) with qk_norm, else NULL */
	struct linear out;	/* heads * head_size -> width */
	struct norm norm2;
	struct linear up;	/* width -> ffn, gated: [gate|up] */
	struct linear down;	/* ffn -> width */
};

struct weights {
	float *embedding;	/* (vocab, width); NULL: that of the head, packed */
	float *positions;	/* (context, width) if learned; else NULL */
	struct block_weights *blocks;	/* (layers) */
	struct norm norm;	/* the last one */
	struct linear head;	/* width -> vocab; tied: w = embedding */
};

/* Training needs the flat buffer. For decoding a model may be packed instead:
 * then matrices are laid out for the multiplication (kernel.h), and params has
 * the other tensors alone. */
struct model {
	struct model_config config;
	bool packed;
	struct tensor *tensors;
	size_t ntensor;
	size_t size;		/* floats of params, gaps are 0; packed: 0 */
	size_t nparam;		/* parameters, without the gaps */
	size_t tokens;		/* of the vocabulary that it was trained
				 * with; 0: not known */
	uint64_t tokenizer;	/* vocab_hash_below of these */
	float *params;
	struct weights weights;	/* views of params */
	float *rope;		/* table (context, head_size) if rotary */
};

/* A model with parameters 0. The configuration has been checked. */
struct model *model_new(const struct model_config *c);

/* A packed one, with nothing filled in: load.c does. */
struct model *model_new_packed(const struct model_config *c);

/* Views of a buffer with the layout of m->params, a gradient for example;
 * NULL: of the tensors' data. */
void weights_view(struct weights *w, const struct model *m, float *buffer);
void weights_free(struct weights *w);

/* The tensor of that name, or NULL. */
const struct tensor *model_tensor(const struct model *m, const char *name);

/* The linear map that a matrix is a part of, in w; NULL where the tensor is
 * none, or a table that is not the head too. */
struct linear *weights_linear(struct weights *w, const struct model_config *c,
	const struct tensor *t);
void model_free(struct model *m);

/* ---- tensors.c ---- */

/* The tensors of such a model, without data; the caller frees them. */
struct tensor *model_tensors(const struct model_config *c, size_t *n);

/* Does t continue the matrix or vector of the tensor before it (or NULL), so
 * that it begins where that ends? Others begin on a cache line: n floats
 * rounded up to whole ones. */
bool tensor_joins(const struct tensor *t, const struct tensor *before);
size_t tensor_line(size_t n);

/* Parameters that a model of this configuration has. */
size_t model_parameters(const struct model_config *c);

/* ---- init.c ---- */

/* Random parameters: normal with deviation .02, those that write to the
 * residual stream .02 / sqrt(2 * layers), gains 1, biases 0 (GPT-2's scheme).
 * A function of the seed and the tensor's name. */
void model_init(struct model *m, uint64_t seed);

/* A copy with another number of vocabulary rows: the rows `used` and after
 * become the mean of the rows before them plus a little noise. */
struct model *model_resize(const struct model *m, size_t vocab, size_t used,
	uint64_t seed);

/* ---- pieces; rows is the number of tokens, C the width ---- */

/* x (rows,C): tokens, plus positions where they are learned. ids below vocab,
 * pos below context. */
void model_embed(const struct model *m, float *x, const int32_t *ids,
	const int32_t *pos, size_t rows);

/* out (rows,C); mean and rstd (rows) are for backward and may be NULL. */
void norm_forward(const struct model_config *c, const struct norm *w,
	float *out, float *mean, float *rstd, const float *x, size_t rows);

/* out (rows, l->out) [+ add, which may be out]. */
void linear_forward(const struct linear *l, float *out, const float *x,
	size_t rows, const float *add);

/* Rotates q and k of qkv (rows, [q|k|v]) in place where positions are rotary. */
void model_rotate(const struct model *m, float *qkv, const int32_t *pos,
	size_t rows);

/* act (rows, ffn) from up (rows, up width): GELU or SwiGLU. */
void mlp_activation(const struct model_config *c, float *act, const float *up,
	size_t rows);

/* logits (rows, vocab) from x (rows,C), which the last norm has left. */
void model_logits(const struct model *m, float *logits, const float *x,
	size_t rows);

#endif
