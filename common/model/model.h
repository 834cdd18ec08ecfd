/* model.h - parameters of a model and the pieces that compute with them
 *
 * All parameters are in one flat fp32 buffer, each tensor laid out as
 * Hugging Face stores it. The query, key and value matrices of a layer are
 * adjacent, as are gate and up, so that one product computes them together. A
 * gradient buffer has the same layout, and struct weights is a view of either.
 *
 * Training (forward.h) and decoding with a cache (common/sample) share the
 * pieces below, so both give the same numbers.
 */
#ifndef PIPELM_MODEL_H
#define PIPELM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/format/weight.h"
#include "common/kernel/kernel.h"
#include "common/model/config.h"

enum tensor_role {
	TENSOR_EMBEDDING,	/* tokens or positions, by id */
	TENSOR_HEAD,		/* untied (vocab, width); of a reward model
				 * (1, width) */
	TENSOR_MATRIX,		/* of a block */
	TENSOR_NORM,		/* gain */
	TENSOR_BIAS
};

/* Where a tensor belongs in the model; NORM1 to DOWN are in a block. */
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
	size_t parts;		/* matrices concatenated in this one */
	int ndim;
	size_t shape[2];
	size_t n;		/* elements */
	size_t offset;		/* floats from the beginning of the buffer */
	float *data;		/* in params; NULL if it is packed */
};

enum { LINEAR_PARTS = 3 };	/* q, k, v */

/* y (R,out) = x (R,in) times the weight [+ b]. */
struct linear {
	size_t in, out;
	bool in_first;		/* w is (in,out), else (out,in) */
	float *w;
	enum compute compute;	/* of products with w, forward and backward:
				 * COMPUTE_BF16; anything else: fp32 */
	struct packed_matrix *packed;	/* NULL, or used instead of w:
					 * kernel.h */
	size_t parts;			/* of packed, which differ in kind */
	struct linear_part {
		struct packed_kind kind;
		size_t out;
	} part[LINEAR_PARTS];
	float *b;		/* (out) or NULL */
	const struct lora_linear *lora;	/* what is added to it; or NULL:
					 * lora.h */
	bool fresh;		/* of a gradient to which nothing was added yet: w has
				 * any numbers, which the first product replaces */
};

/* Tokens first..first+n-1, whose embeddings an adapter has instead of the model;
 * the tables of the model are 0 there. n is 0 without. */
struct token_rows {
	size_t first, n;
	float *embedding;	/* (n, width) */
	float *head;		/* (n, width); tied: the same */
};

/* LayerNorm, or RMSNorm if b is NULL. */
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
	struct norm norm;	/* the final one */
	struct linear head;	/* width -> vocab; tied: w = embedding; of a
				 * reward model width -> 1 */
	struct token_rows rows;
	struct lora_linear *lora;	/* those of the matrices */
};

/* Training needs the flat buffer. For decoding a model may be packed instead:
 * its matrices are then laid out for multiplication (kernel.h), and params
 * holds only the other tensors. */
struct model {
	struct model_config config;
	bool packed;
	struct tensor *tensors;
	size_t ntensor;
	size_t size;		/* floats in params, gaps are 0; packed: 0 */
	size_t nparam;		/* parameters, without the gaps */
	size_t tokens;		/* in the vocabulary that it was trained
				 * with; 0: unknown */
	uint64_t tokenizer;	/* vocab_hash_below of these */
	float *params;
	struct weights weights;	/* views of params */
	struct model_angles *angles;	/* if rotary */
	size_t held;		/* floats of memory for all weights */
	struct lora *lora;	/* an adapter, which alone is trained: lora.h;
				 * or NULL */
};

/* From now on the products of all linear maps are computed so, and those of attention's
 * backward pass (struct attention); the model is not packed. Forward, attention stays in
 * fp32, as in sampling. In bf16 an embedding that is also the head is rounded too, so
 * that results are those of the model packed for it. */
void model_compute_in(struct model *m, enum compute compute);
enum compute model_trains_in(const struct model *m);	/* of its blocks */

/* The table of rotary positions (context, head_size), of which n rows have been
 * needed so far: released models have contexts of 131,072 tokens. */
struct model_angles {
	float *table;
	size_t n;
	float *frequency;	/* (head_size/2) */
};

/* What training changes: the parameters of a model, or of its adapter. */
struct trained_tensors {
	struct tensor *tensors;
	size_t ntensor, size;	/* size: floats of the buffer */
};
struct trained_tensors model_trained(const struct model *m);

/* A model whose parameters are 0. c must have been checked. */
struct model *model_new(const struct model_config *c);

/* A packed model, its weights not yet filled in: load.c does that. kinds: for
 * each of its tensors what packed_kind says. */
struct model *model_new_packed(const struct model_config *c,
	const struct packed_kind *kinds);

/* Sets w to views of a buffer with the layout of m->params, or of its adapter's,
 * such as a gradient: what is frozen is NULL there. If buffer is NULL, of the
 * tensors' data. */
void weights_view(struct weights *w, const struct model *m, float *buffer);
void weights_free(struct weights *w);

/* Calls fn for each linear map of the blocks, and for the head. */
void weights_each_linear(struct weights *w, size_t layers,
	void (*fn)(struct linear *l, void *ctx), void *ctx);

/* Zeroes a gradient that is still fresh. */
void linear_settle(struct linear *g);

/* The tensor of that name, or NULL. */
const struct tensor *model_tensor(const struct model *m, const char *name);

/* The linear map in w that the matrix t is part of; NULL if t is not a matrix,
 * or is a table that does not also serve as the head. */
struct linear *weights_linear(struct weights *w, const struct model_config *c,
	const struct tensor *t);
void model_free(struct model *m);

/* ---- tensors.c ---- */

/* The tensors of a model with this configuration, without data; *n of them. The
 * caller frees them. */
struct tensor *model_tensors(const struct model_config *c, size_t *n);

/* tensor_joins: whether t continues the matrix or vector of the preceding
 * tensor (or NULL), so that it begins where that one ends. Other tensors begin
 * on a cache line; tensor_line rounds n floats up to whole cache lines. */
bool tensor_joins(const struct tensor *t, const struct tensor *before);
size_t tensor_line(size_t n);

/* In which part of a pass a tensor is used: 0 for the embeddings, layer + 1 for a
 * block's, layers + 1 for what follows the blocks. */
size_t tensor_stage(const struct tensor *t, size_t layers);

/* The outputs of tensors that tensor i continues, of those at t. */
size_t tensor_columns_before(const struct tensor *t, size_t i);

/* The number of parameters of a model with this configuration. */
size_t model_parameters(const struct model_config *c);

/* ---- init.c ---- */

/* Random parameters: normal with standard deviation .02, or .02 / sqrt(2 *
 * layers) for matrices that write to the residual stream; gains 1, biases 0
 * (GPT-2's scheme). A function of the seed and the tensor's name. */
void model_init(struct model *m, uint64_t seed);

/* A copy as a reward model, which has the head score.weight (1, width) in place
 * of the other one, random by the same scheme. pad: as in struct model_config. */
struct model *model_with_score(const struct model *m, int32_t pad,
	uint64_t seed);

/* A copy with a different number of vocabulary rows: the rows from `used` on
 * become the mean of the rows before them plus a little noise. */
struct model *model_resize(const struct model *m, size_t vocab, size_t used,
	uint64_t seed);

/* ---- pieces; rows is the number of tokens, C the width ---- */

/* x (rows,C) = token embeddings, plus position embeddings if they are learned.
 * ids must be below vocab, pos below context. */
void model_embed(const struct model *m, float *x, const int32_t *ids,
	const int32_t *pos, size_t rows);

/* out (rows,C); mean and rstd (rows) are stored for backward, or NULL. */
void norm_forward(const struct model_config *c, const struct norm *w,
	struct values_out out, float *mean, float *rstd, const float *x, size_t rows);

/* out (rows, l->out) [+ add, which may be out] from x (rows, l->in), which is in bf16 only
 * where l computes in it. */
void linear_forward(const struct linear *l, float *out, struct values x,
	size_t rows, const float *add);

/* Before a pass: makes the angles of positions pos (rows), if they are rotary. */
void model_reach(const struct model *m, const int32_t *pos, size_t rows);

/* Rotates q and k of qkv (rows, [q|k|v]) in place if positions are rotary. */
void model_rotate(const struct model *m, float *qkv, const int32_t *pos,
	size_t rows);

/* act (rows, ffn) from up (rows, up width): GELU or SwiGLU. */
void mlp_activation(const struct model_config *c, struct values_out act,
	const float *up, size_t rows);

/* logits (rows, vocab), whose rows are `stride` apart, from x (rows,C), the output of
 * the final norm. */
void model_logits(const struct model *m, float *logits, size_t stride, const float *x,
	size_t rows);

#endif
