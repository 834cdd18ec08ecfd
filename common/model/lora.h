/* lora.h - adapters of low rank: y = x W^T + s (x A^T) B^T, W frozen
 *
 * LoRA (Hu et al. 2021): beside a matrix W (out,in) of a block stand A (rank,in)
 * and B (out,rank), and s = alpha / rank. A begins random, B at 0, so that a new
 * adapter changes nothing. Only adapters are trained, and the embeddings of tokens
 * that the model was not trained with, in full.
 *
 * The tensors of an adapter are in a flat fp32 buffer of its own, which has the
 * gradient's and the moments' layout. The matrices of one product, q, k and v, or
 * gate and up, have their A adjacent, so that one product computes them together.
 */
#ifndef PIPELM_LORA_H
#define PIPELM_LORA_H

#include "common/model/model.h"

struct lora_config {
	size_t rank;
	double alpha;
	bool root;		/* s = alpha / sqrt(rank) */
	size_t first, tokens;	/* as in struct token_rows */
};

/* The adapter of a matrix. */
struct lora_pair {
	size_t of;		/* tensor of the model */
	size_t a, b;		/* tensors of the adapter */
};

struct lora {
	struct lora_config config;
	float scale;		/* s */
	char *base;		/* path of the model, to be written; or NULL */
	struct tensor *tensors;	/* names without PEFT's prefix */
	size_t ntensor;
	size_t size;		/* floats in params, gaps are 0 */
	float *params;
	struct lora_pair *pairs;
	size_t npair;
	float *scratch;		/* of products: lora_linear.c */
	size_t scratch_size;
};

/* The adapters of a product: views of lora->params, or of a gradient. */
struct lora_linear {
	struct lora *of;
	size_t parts;
	float *a;		/* (parts * rank, in) */
	struct lora_part {
		size_t first, n;	/* outputs */
		float *b;		/* (n, rank) */
	} part[LINEAR_PARTS];
};

/* An adapter for the tensors of m (ntensor) that has selects, matrices of blocks,
 * and for the tokens of c. All its parameters are 0. */
struct lora *lora_new(const struct model *m, const struct lora_config *c,
	const bool *has);
void lora_free(struct lora *l);

/* A tensor of the adapter, without a shape: the name of the model's tensor with
 * another ending. Its role is that of an embedding: AdamW updates it. */
struct tensor lora_named(const struct tensor *of, const char *ending);

/* From now on m computes with the adapter, which it owns. m is packed and its
 * tables are 0 in the rows of c's tokens. */
void lora_attach(struct model *m, struct lora *l);

/* For weights_view: sets w to views of a buffer with the layout of l->params. */
void lora_view(struct weights *w, const struct model *m, struct lora *l,
	float *buffer);

/* Random A, normal with the deviation of PEFT's uniform numbers, 1 / sqrt(3 in),
 * and B 0. A function of the seed and the tensors' names. */
void lora_init(struct lora *l, uint64_t seed);

/* Adds the adapter to the parameters of m, which are flat; the rows of its tokens
 * replace m's. */
void lora_merge(struct model *m, const struct lora *l);

/* ---- lora_linear.c ---- */

/* Adds the outputs of l->lora to out (rows, l->out). */
void lora_forward(const struct linear *l, float *out, const float *x,
	size_t rows);

/* Adds to d_x (rows, l->in) and to g->lora. */
void lora_backward(const struct linear *l, const struct linear *g, float *d_x,
	const float *d_out, const float *x, size_t rows);

/* ---- token_rows.c ---- */

/* Without rows of its own, which n says, each does nothing. */

/* Replaces the embeddings of these tokens in x (rows, width). */
void token_rows_embed(const struct token_rows *t, float *x, const int32_t *ids,
	size_t rows, size_t width);
/* Adds to g's embedding. */
void token_rows_embed_backward(const struct token_rows *g, const float *d_x,
	const int32_t *ids, size_t rows, size_t width);

/* Fills in their logits (rows, stride) from x (rows, width). */
void token_rows_logits(const struct token_rows *t, float *logits,
	const float *x, size_t rows, size_t stride, size_t width);
/* Adds to d_x and to g's head. */
void token_rows_logits_backward(const struct token_rows *t,
	const struct token_rows *g, float *d_x, const float *d_logits,
	const float *x, size_t rows, size_t stride, size_t width);

/* ---- init.c ---- */

/* Sets the embeddings of the tokens in l, which is new, to what model_resize gives
 * such rows: the mean of those before plus a little noise. */
void token_rows_init(struct lora *l, struct model *m, uint64_t seed);

#endif
