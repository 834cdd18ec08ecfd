/* kernel.h - the arithmetic of models, fp32: matmul, attention, norms, losses
 *
 * This is the interface behind which another backend can be added: the layers
 * above allocate parameters, gradients, moments, activations, KV caches and
 * logits here (memory.c), and compute with them only through these functions.
 *
 * Every function runs on the thread team of parallel.h and uses the instruction
 * set of cpu_isa (kernel_use selects another one, for tests), unless it says
 * that it runs in the calling thread. Results never depend on the number of
 * threads: sums have a fixed order. Matrices are row-major; (R,C) is R rows of
 * C floats. A stride is a row stride in floats, so a view of some columns of
 * wider rows needs no copy. Sizes may be 0. Nothing needs alignment; 64-byte
 * aligned rows are fastest. This layer keeps its scratch memory from call to
 * call. The caller must be the main thread, or a thread that computes while the
 * main thread does not.
 *
 * Gradients: d_x is the gradient of the loss with respect to x. Gradients of
 * parameters are always accumulated; those of activations are overwritten
 * unless the function says that it adds.
 */
#ifndef PIPELM_KERNEL_H
#define PIPELM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/cpu.h"
#include "common/format/weight.h"

/* Selects the instruction set isa, which the processor must support. */
void kernel_use(enum isa isa);

/* ---- memory.c ---- */

/* Memory for parameters, gradients, moments, activations, KV caches: n floats,
 * zeroed, or uninitialised; aligned to 64 bytes. Never NULL. */
float *kernel_alloc(size_t n);
float *kernel_alloc_raw(size_t n);
void kernel_free(float *p);

/* The same for caches that may remain empty: uninitialised, and pages that are
 * never written use no memory. */
float *kernel_alloc_sparse(size_t n);
void kernel_free_sparse(float *p);

/* ---- matmul.c ---- */

/* How products are computed: in fp32, the reference; with both factors rounded to
 * bf16 and sums in fp32 (bf16.h); with weights quantized in blocks and integers of
 * 15 bits, or mostly of 8 (int8.h); or COMPUTE_AUTO, as COMPUTE_INT8 where the
 * weights are quantized, otherwise in fp32. */
enum compute {
	COMPUTE_AUTO,
	COMPUTE_FP32,
	COMPUTE_BF16,
	COMPUTE_INT16,
	COMPUTE_INT8
};

/* Numbers in fp32 or, if half is not NULL, in half, as bf16. */
struct values {
	const float *x;
	const uint16_t *half;
};
static inline struct values floats(const float *x)
{
	return (struct values){ x, NULL };
}

/* Where numbers are written: in fp32 or, if half is not NULL, there, rounded to bf16
 * as inputs of a product are. */
struct values_out {
	float *x;
	uint16_t *half;
};
static inline struct values_out to_floats(float *x)
{
	return (struct values_out){ x, NULL };
}

/* What was written there. */
static inline struct values written(struct values_out x)
{
	return (struct values){ x.x, x.half };
}

/* C (M,N) = A (M,K) B (K,N) [+ bias (N), to each row] [+ add (M,N)].
 * Elements are addressed by strides: A[i,p] = a[i*a_row + p*a_col], likewise for
 * B, so transposes are free: to multiply x by the transpose of a stored W (N,K),
 * set b_row = 1 and b_col = K. C's rows are contiguous. add may be c itself, which
 * accumulates; otherwise c must not overlap anything.
 *
 * The order of an element's sum depends only on K: a row of C has the same bits by
 * itself, in any batch, packed or not. */
struct matmul {
	size_t m, n, k;
	const float *a;
	size_t a_row, a_col;
	const float *b;
	size_t b_row, b_col;
	/* With COMPUTE_BF16, in place of a or of b: the same in bf16, of which rows
	 * or columns are contiguous. */
	const uint16_t *a16, *b16;
	float *c;
	size_t c_row;
	const float *bias;	/* (N) or NULL */
	const float *add;	/* (M,N) or NULL */
	size_t add_row;
	enum compute compute;	/* COMPUTE_BF16; anything else: fp32 */
	bool symmetric;		/* the caller knows that AB is, without bias or add:
				 * what is above the diagonal is copied from below
				 * it, at half the cost and with the same bits */
};
void matmul(const struct matmul *p);

/* The three forms that layers need, for matrices without gaps:
 * nn: C (M,N) = A (M,K) times B (K,N)       x W of gpt2, dX of llama
 * nt: C (M,N) = A (M,K) times B (N,K)^T     x W^T of llama, dX of gpt2
 * tn: C (M,N) = A (K,M)^T times B (K,N)     dW: A, B are x, d_out, or swapped
 * bias (N) or NULL; add (M,N) or NULL, may be c. */
void matmul_nn(float *c, const float *a, const float *b, size_t m, size_t n,
	size_t k, const float *bias, const float *add);
void matmul_nt(float *c, const float *a, const float *b, size_t m, size_t n,
	size_t k, const float *bias, const float *add);
void matmul_tn(float *c, const float *a, const float *b, size_t m, size_t n,
	size_t k, const float *add);

/* ---- packed.c ---- */

/* A weight converted once to a layout for multiplication and used many times,
 * for decoding: a product of few rows then runs at memory bandwidth. C has n
 * columns, a sum has k terms. The layout is private and depends on the
 * instruction set in use when the matrix is created. */
struct packed_matrix;

/* How a matrix is packed whose file has weights of a type, and multiplied:
 * compute is not COMPUTE_AUTO. In fp32: as that type where there is a layout for
 * it, otherwise as fp32; products have the same bits either way. In integers: as
 * that type where it is quantized, otherwise as Q8_0. In bf16: as BF16. */
struct packed_kind {
	enum dtype type;
	enum compute compute;
};
struct packed_kind packed_kind(enum compute compute, enum dtype type);

/* Creates an unfilled one. memory: packed_floats of the same arguments, owned by
 * the caller, 64-byte aligned, so that the many matrices of a model can be
 * contiguous; NULL: it allocates its own. Free it with packed_free. */
struct packed_matrix *packed_new(struct packed_kind kind, size_t n, size_t k,
	float *memory);
size_t packed_floats(struct packed_kind kind, size_t n, size_t k);
void packed_free(struct packed_matrix *w);

/* Adds the columns of another matrix of k terms after those of w, which then owns
 * it: for parts of one matrix that are packed in different kinds. */
void packed_join(struct packed_matrix *w, struct packed_matrix *after);

/* Fills the columns from `at` on with the rows of w (rows,k), or, with in_first,
 * the terms from `at` on with the rows of w (rows,n). w has the type that
 * packed_kind was asked about, or any if the kind is F32 or BF16; with in_first, one
 * whose blocks are of one number and which is not joined. Columns
 * must come in order; terms in slabs that start at multiples of PACKED_STEP.
 * Returns false if a number is not finite. */
bool packed_put(struct packed_matrix *p, size_t at, const struct weight *w,
	bool in_first);
enum { PACKED_STEP = 384 };

/* out (rows,k) = the columns ids (rows), of a matrix that is not joined: token
 * embeddings, if the head is tied to the embedding. */
void packed_columns(float *out, const struct packed_matrix *w,
	const int32_t *ids, size_t rows);

/* C = A W [+ bias] [+ add]: b, b_row, b_col, n, k and compute of p are ignored;
 * a_col is 1 if products are in integers. */
void matmul_packed(const struct matmul *p, const struct packed_matrix *w);

/* The gradient with respect to A: C (M,k) = A (M,n) times the transpose of W
 * [+ add]. Products with W are in fp32. The same panels serve both directions, so
 * a frozen weight is in memory once; the bits are those of matmul with the same
 * numbers, unless W is joined. */
void matmul_packed_back(const struct matmul *p, const struct packed_matrix *w);

/* ---- attention.c ---- */

/* Causal attention with grouped queries: query head h uses key-value head
 * h / (heads / kv_heads). Query t of a sequence attends to keys 0 .. past + t.
 * The heads of a token are adjacent, head_size floats each:
 *   q    (batch, time, heads, head_size)           row stride q_stride
 *   k, v (batch, past + time, kv_heads, head_size) row stride kv_stride
 *   out  (batch, time, heads, head_size)           row stride out_stride
 * so q, k, v may be views of rows [q|k|v], with that length as their strides.
 * In training, past is 0.
 *
 * There is one order of sums, for training, for prompts and for decoding, so an
 * output has the same bits whatever it is computed with: in any batch, at any place
 * in a packed row, from keys in one run or in several.
 *   s_j = q . k_j      fused multiply-adds over the head's numbers in order
 *   e_j = exp(scale * (s_j - max_j s_j))
 *   o   = sum e_j v_j  fused multiply-adds over the keys in order, from the first
 *                      one that the query attends to
 *   out = o * (1 / sum e_j)
 * where the last sum is exact: of integers, e_j rounded to multiples of 2^-30. That
 * is an error of at most n 2^-31 in a sum of at least 1. (In plain C, products are
 * rounded before they are added, and exp is that of the C library.) */
struct attention {
	size_t batch, time, past;
	size_t heads, kv_heads, head_size;
	size_t q_stride, kv_stride, out_stride;
	float scale;		/* of the scores: 1 / sqrt(head_size) */
	const int32_t *start;	/* NULL or (batch, time): the first key that a
				 * query attends to, non-decreasing in time,
				 * for several documents in one row; past must
				 * be 0 */
	bool cached;		/* k and v are those of a head in a cache, as
				 * kv.c below stores them, of type kv_type;
				 * batch and kv_heads are 1 */
	enum dtype kv_type;	/* F32, which is 0, or BF16 */
	enum compute compute;	/* of backward: FP32, which is 0, or BF16: the products
				 * with the gradients of out and of the scores, and
				 * with the probabilities, round their inputs */
};

/* lse (batch, heads, time) gets the log-sum-exp of each query's scores, which is
 * all that backward needs; NULL without backward. */
void attention_forward(const struct attention *s, float *out, float *lse,
	const float *q, const void *k, const void *v);

/* From numbers in fp32. d_q, d_k, d_v have the strides of q, k, v and are overwritten;
 * d_out has that of out. d_q must not overlap q (it needs the old values of other rows). */
void attention_backward(const struct attention *s, float *d_q, float *d_k,
	float *d_v, const float *d_out, const float *out, const float *lse,
	const float *q, const float *k, const float *v);

/* For looking at them: the probabilities themselves, prob (batch, heads, time,
 * past + time), 0 for keys that a query does not attend to. prob is ordinary
 * memory. */
void attention_probabilities(const struct attention *s, float *prob,
	const float *q, const float *k);

/* Decoding: one query of one sequence, over the cached keys and values of one
 * key-value head in up to three runs: first those that sequences may share, then
 * its own tokens. It attends to all of them. A run may be empty. */
enum { ATTENTION_RUNS = 3 };
struct attention_run {
	const void *k, *v;	/* of n tokens, as kv.c stores them */
	size_t n;
};
struct attention_query {
	const float *q;		/* (heads, head_size) */
	float *out;		/* (heads, head_size) */
	struct attention_run run[ATTENTION_RUNS];
	const float *k, *v;	/* the key and the value (head_size) of the last
				 * token of the last run, which are stored there
				 * first; NULL if they are there */
};

/* n queries; of s only heads, those that share a key-value head, head_size, kv_type
 * and scale are used. Queries that share their first runs should be adjacent: these
 * are then read once. */
void attention_decode(const struct attention *s,
	const struct attention_query *query, size_t n);

/* ---- kv.c ---- */

/* A cache holds numbers of a type, F32 or BF16. The products with them are in
 * fp32: attention has the same bits as over an fp32 cache of the same, rounded,
 * numbers. That of a layer holds for each head its keys, then its values, of cap
 * tokens each; cap is a multiple of KV_BLOCK. Values are rows (cap, head_size). Keys
 * are turned within blocks, (cap / KV_BLOCK, head_size, KV_BLOCK), so that adjacent
 * keys are lanes of a vector when one query is multiplied by them. A block begins at
 * the same place as its values, so whole blocks can be moved and shared.
 *
 * Stores k and v (heads, head_size) of a token at position i, rounded to nearest,
 * ties to even. If it begins a block, the rest of that becomes 0. */
enum { KV_BLOCK = 16 };
void kv_put(enum dtype type, void *layer, size_t cap, size_t i, const float *k,
	const float *v, size_t heads, size_t head_size);

/* The same for one head, whose keys and values are given, in the calling thread. */
void kv_put_head(enum dtype type, void *keys, void *values, size_t i,
	const float *k, const float *v, size_t head_size);

/* Moves the first n tokens, in whole blocks, from a cache with capacity from_cap to
 * one with capacity to_cap; each has the given number of runs of keys or values. */
void kv_move(enum dtype type, void *to, size_t to_cap, const void *from,
	size_t from_cap, size_t runs, size_t n, size_t head_size);

/* n tokens in whole blocks. */
static inline size_t kv_round(size_t n)
{
	return (n + KV_BLOCK - 1) / KV_BLOCK * KV_BLOCK;
}

/* Which of a head's numbers the first one of key i is; the others follow at steps of
 * KV_BLOCK. */
static inline size_t kv_key(size_t i, size_t head_size)
{
	return i / KV_BLOCK * KV_BLOCK * head_size + i % KV_BLOCK;
}

/* The address of the i-th number of x. */
static inline const void *kv_at(enum dtype type, const void *x, size_t i)
{
	return (const char *)x + i * (type == DTYPE_BF16 ? 2 : sizeof(float));
}

/* ---- norm.c ---- */

/* out (rows,n) = (x - mean) * rstd * w + b, rstd = 1/sqrt(variance + eps).
 * mean and rstd (rows) are stored for backward; both may be NULL. */
void layernorm_forward(struct values_out out, float *mean, float *rstd, const float *x,
	const float *w, const float *b, size_t rows, size_t n, float eps);

/* Adds to d_x (rows,n), the gradient of the residual stream, and to d_w and d_b
 * (n), which may be NULL: frozen. d_x must not overlap d_out. */
void layernorm_backward(float *d_x, float *d_w, float *d_b,
	const float *d_out, const float *x, const float *w, const float *mean,
	const float *rstd, size_t rows, size_t n);

/* out (rows,n) = x * rstd * w, rstd = 1/sqrt(mean(x^2) + eps), which is stored
 * in rstd (rows) unless that is NULL. */
void rmsnorm_forward(struct values_out out, float *rstd, const float *x,
	const float *w, size_t rows, size_t n, float eps);

/* Adds to d_x (rows,n) and to d_w (n), which may be NULL. */
void rmsnorm_backward(float *d_x, float *d_w, const float *d_out,
	const float *x, const float *w, const float *rstd, size_t rows,
	size_t n);

/* ---- headnorm.c ---- */

/* Applies RMSNorm in place to each of `heads` adjacent heads of head_size floats,
 * in rows with the given stride; all share w (head_size). For backward, stores
 * the old x in raw (rows, heads * head_size), and rstd (rows, heads); both may be
 * NULL. */
void headnorm_forward(float *x, float *raw, float *rstd, const float *w,
	size_t rows, size_t stride, size_t heads, size_t head_size, float eps);

/* Converts, in place, the gradient with respect to the result into that with
 * respect to x; adds to d_w (head_size), which may be NULL. */
void headnorm_backward(float *d_x, float *d_w, const float *raw,
	const float *w, const float *rstd, size_t rows, size_t stride,
	size_t heads, size_t head_size);

/* ---- rope.c ---- */

/* Fills rows first .. end-1 of a table (positions, head_size): cosines in the first
 * half of a row and sines in the second, of the angles position * frequency[j]
 * (head_size/2), rounded as in Hugging Face's fp32 code. */
void rope_table(float *table, size_t first, size_t end, size_t head_size,
	const float *frequency);

/* Rotates `heads` adjacent heads of each row in place: the pair
 * (x[j], x[j + head_size/2]), Hugging Face's order, by the angle of the row's
 * position. Row r starts at x + r*stride and has position pos[r], or r % time if
 * pos is NULL. q and k are adjacent, so one call rotates both. */
void rope_forward(float *x, size_t rows, size_t stride, size_t heads,
	size_t head_size, const float *table, const int32_t *pos, size_t time);

/* The gradient: rotates back in place. */
void rope_backward(float *d_x, size_t rows, size_t stride, size_t heads,
	size_t head_size, const float *table, const int32_t *pos, size_t time);

/* ---- activation.c ---- */

/* out = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): "gelu_new" of gpt2. */
void gelu_forward(struct values_out out, const float *x, size_t n);

/* d_x = d_out * gelu'(x); d_x may be d_out, in fp32. */
void gelu_backward(struct values_out d_x, const float *d_out, const float *x, size_t n);

/* gate_up (rows, 2n) is [gate|up]; out (rows,n) = silu(gate) * up. */
void swiglu_forward(struct values_out out, const float *gate_up, size_t rows, size_t n);

/* d_gate_up (rows, 2n) from d_out (rows,n); d_gate_up may be
 * gate_up, in fp32. */
void swiglu_backward(struct values_out d_gate_up, const float *d_out,
	const float *gate_up, size_t rows, size_t n);

/* ---- embedding.c ---- */

/* out (rows,n) = table[ids[r]], or += when add (positions after tokens).
 * The caller has checked the ids. */
void embedding_forward(float *out, const int32_t *ids, const float *table,
	size_t rows, size_t n, bool add);

/* table[ids[r]] = x[r]; the ids must be distinct. */
void embedding_scatter(float *table, const int32_t *ids, const float *x,
	size_t rows, size_t n);

/* d_table[ids[r]] += d_out[r], in row order. */
void embedding_backward(float *d_table, const int32_t *ids,
	const float *d_out, size_t rows, size_t n);

/* d_bias (n) += the sum of the rows of d_out (rows,n) with the given stride. */
void bias_backward(float *d_bias, struct values d_out, size_t rows, size_t n,
	size_t stride);

/* ---- loss.c ---- */

/* Softmax cross-entropy over rows of logits (rows, vocab) with the given stride.
 * For each row r with target[r] >= 0:
 *   logprob[r] = log softmax(logits[r])[target[r]]     (loss = -logprob)
 *   entropy[r] = -sum p log p                          (unless NULL)
 * With weight != NULL, the row of logits is replaced by the gradient of
 *   loss = sum over r of -weight[r] * logprob[r],
 * weight[r] * (p - onehot(target)): a mask, 1/tokens, or an advantage divided by a
 * count are all weights. The padding columns vocab..stride-1 then become 0.
 * A row with target < 0 has logprob 0, entropy 0 and gradient 0. */
void cross_entropy(float *logits, size_t stride, size_t rows, size_t vocab,
	const int32_t *target, const float *weight, float *logprob,
	float *entropy);

/* Replaces each row of n floats by the log of its softmax. */
void log_softmax(float *x, size_t stride, size_t rows, size_t n);

/* Adds the gradient of sum over rows of -weight[r] * entropy[r] to d_logits,
 * from the log-probabilities; all (rows, n), and both with rows `stride` apart.
 * With H = -sum p log p:
 * d(-w H)/d z_j = w p_j (log p_j + H). */
void entropy_backward(float *d_logits, const float *logprobs, size_t stride,
	const float *weight, size_t rows, size_t n);

/* ---- logits.c: one row, in the calling thread ---- */

enum { LOGITS_BLOCK = 256 };	/* logits per partial sum */

struct logit {
	float logit;
	uint32_t id;
};

float logits_largest(const float *x, size_t n);
size_t logits_argmax(const float *x, size_t n);	/* on a tie, the first */
bool logits_finite(const float *x, size_t n);

/* w = exp((x - max) / temperature), unless it is NULL, for n <= LOGITS_BLOCK; returns
 * their sum. */
double logits_weigh(float *w, const float *x, size_t n, float max,
	double temperature);

/* Returns the sum of all weights; sum gets that of each block of
 * LOGITS_BLOCK. */
double logits_weigh_all(double *sum, const float *x, size_t n, float max,
	double temperature);

/* Log-probabilities: the logit less the log-sum-exp of all, from the largest one and
 * the sum of weights at temperature 1. cross_entropy computes the same bits. */
double logits_norm(float max, double sum);
float logits_logprob(float x, double norm);

/* List the k largest of n, unordered; or all that are at least bound, by
 * ascending id. Return the number. */
size_t logits_top(struct logit *list, const float *x, size_t n, size_t k);
size_t logits_from(struct logit *list, const float *x, size_t n, double bound);

/* logits_heap: makes h a heap with the largest on top, on a tie the lowest id.
 * logits_pop: removes the top of h[0..*n), moving it to the position after the
 * shortened heap. */
void logits_heap(struct logit *h, size_t n);
struct logit logits_pop(struct logit *h, size_t *n);

/* ---- predict.c: many rows of logits, `stride` apart ---- */

/* rank (rows): how many of the first `usable` ids are likelier than the row's
 * target; of equal ones the lowest id is the likeliest, as in logits_argmax. 0
 * for a row with target < 0. */
void logits_rank(int32_t *rank, const float *logits, size_t stride, size_t rows,
	size_t usable, const int32_t *target);

/* best (rows, top): the likeliest of the first `usable` ids, likeliest first,
 * with their log-probabilities; top is at most `usable` and LOGITS_BEST. logprob
 * (rows): that of the target, from cross_entropy. Rows with target < 0 are
 * skipped. */
enum { LOGITS_BEST = 64 };
void logits_best(struct logit *best, const float *logits, size_t stride,
	size_t rows, size_t usable, size_t top, const int32_t *target,
	const float *logprob);

/* ---- optim.c ---- */

struct adamw {
	float lr, beta1, beta2, eps, weight_decay;
	long step;		/* of this update, counted from 1 */
	float grad_scale;	/* applied to the gradient: clipping, 1/batches */
};

/* p (n) -= lr * weight_decay * p, then -= lr * m^ / (sqrt(v^) + eps) with the
 * bias-corrected moments m and v (n), as in torch's AdamW. */
void adamw_step(const struct adamw *o, float *p, float *m, float *v,
	const float *g, size_t n);

/* The same with moments in bf16, words of 16 bits, which are rounded at random
 * (moments.h) as a function of the seed and the element's number, first to
 * first + n - 1. */
void adamw_step_bf16(const struct adamw *o, float *p, uint16_t *m, uint16_t *v,
	const float *g, size_t n, uint32_t seed, size_t first);

/* out (n) = such moments; x becomes them, and must be numbers of bf16. */
void moments_widen(float *out, const uint16_t *x, size_t n);
void moments_set(uint16_t *out, const float *x, size_t n);

/* ---- muon.c ---- */

/* An update of a matrix (out,in), whose element (r,c) is at r * row + c * col in
 * parameters, momentum and gradient. */
struct muon_step {
	size_t out, in, row, col;
	float mu, gain;		/* factors of the momentum, the gradient */
	float lr, decay;
};

/* m = mu m + gain g; x (out,in) gets the Nesterov momentum, mu m + gain g. */
void muon_momentum(const struct muon_step *s, float *m, float *x,
	const float *g);

/* Subtracts lr * x; decays a weight only if it has the sign of the step
 * (cautious weight decay). */
void muon_apply(const struct muon_step *s, float *p, float *x);

/* Scales all rows of x to their mean norm. length (rows) is working memory. */
void muon_equilibrate(float *x, double *length, size_t rows, size_t cols);

/* Divides rows (of a tall matrix) or columns by the square root of v, the
 * running mean of their squares. sum (the longer side) is working memory. */
void muon_even_out(float *x, float *v, double *sum, size_t rows, size_t cols);

void matrix_add_diagonal(float *x, float a, size_t n);	/* x (n,n) += a I */

/* ---- init.c ---- */

/* x[i] = deviation times a standard normal random number, a function only of
 * seed, key and first + i. */
void vec_normal(float *x, size_t n, double deviation, uint64_t seed,
	uint32_t key, uint64_t first);
void vec_fill(float *x, float a, size_t n);

/* Adds the mean of rows 0..used-1 of table (rows,n) to the rows after. */
void rows_add_mean(float *table, size_t used, size_t rows, size_t n);

/* ---- whole.c: for tools that look at whole models ---- */

/* to[c * to_row + r] = element (r,c) of from (rows,cols). */
void matrix_transpose(float *to, size_t to_row, const float *from, size_t rows,
	size_t cols);

/* sum += x; x = sum / by. */
void vec_accumulate(double *sum, const float *x, size_t n);
void vec_divide(float *x, const double *sum, double by, size_t n);

/* How large the numbers of x - less are, or of x if less is NULL. */
struct vec_extent {
	double squares;		/* their sum */
	double largest;		/* of |x - less| */
};
struct vec_extent vec_extent(const float *x, const float *less, size_t n);

/* How two vectors differ. */
struct vec_difference {
	double largest;		/* |x - y| */
	double relative;	/* ||x - y|| / ||x||, 0 if they are equal */
};
struct vec_difference vec_compare(const float *x, const float *y, size_t n);

/* ---- vec.c: vectors of n floats ---- */

/* Sum of squares, in double precision. */
double vec_sum_squares(const float *x, size_t n);
/* The same for each row: out (rows) of x (rows,n). */
void vec_row_sum_squares(double *out, const float *x, size_t rows, size_t n);
bool vec_finite(const float *x, size_t n);	/* no infinity, no NaN */
void vec_zero(float *x, size_t n);
void vec_copy(float *out, const float *x, size_t n);
void vec_scale(float *x, float a, size_t n);			/* x *= a */
void vec_axpby(float *y, float a, const float *x, float b, size_t n);
						/* y = a x + b y */
void vec_round_bf16(float *x, size_t n);	/* as weights are packed in bf16 */

#endif
