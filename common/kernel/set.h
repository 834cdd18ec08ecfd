/* set.h - the inner loops behind kernel.h, one table per instruction set
 *
 * Private to common/kernel. For each topic there is a driver NAME.c (threads,
 * working memory, dispatch), NAME_plain.c, whose table NAME_c is the reference,
 * and NAME_simd.c, compiled once for each set of common/base/isa.h. The functions
 * in a table run in the calling thread; arguments have the same meaning as in the
 * public function in kernel.h.
 */
#ifndef PIPELM_KERNEL_SET_H
#define PIPELM_KERNEL_SET_H

#include "common/kernel/fetch.h"
#include "common/kernel/kernel.h"

/* Parts of a matrix product: see tile_simd.c. A tile of C with rows by cols
 * elements is kept in registers. A and B are packed as words of 32 bits: a float,
 * or, where the processor multiplies pairs in bf16, two consecutive terms (the
 * first in the upper half; a missing one is 0). Below, p counts words. */
struct tile_set {
	size_t rows, cols;
	size_t terms;		/* of a word: 1 or 2 */
	size_t square;		/* A has whole squares of this side: 1, or 16
				 * where 16 rows of 16 words are a register */
	size_t block;		/* terms of a block of K */
	size_t part;		/* rows that a thread packs at once, at most */

	/* What is packed of B at once, at most; terms are whole blocks. Deep: fewer
	 * columns and more terms, so that most of a large C's sums are finished
	 * before it leaves the level 2 cache. */
	struct extent {
		size_t columns, terms;
	} wide, deep;

	/* A tile of m <= rows rows: out[p*m + i] = a[i*row + p*col]. With squares
	 * of side s, m and k rounded up and the rest 0:
	 * out[(p/s * m + i) * s + p%s]. */
	void (*pack_a)(float *out, struct values a, size_t row, size_t col,
		size_t m, size_t k);

	/* A panel of n <= cols columns, padded with zeros: out[p*cols + j]
	 * = b[p*row + j*col]. out is 64-byte aligned. */
	void (*pack_b)(float *out, struct values b, size_t row, size_t col,
		size_t n, size_t k);

	/* c (m,n) = a b [+ bias] [+ add], a from pack_a, b from pack_b; a round
	 * of fetch is a word. */
	void (*tile)(size_t m, size_t n, size_t k, const float *a,
		const float *b, float *c, size_t c_row, const float *bias,
		const float *add, size_t add_row, struct fetch fetch);

	/* c (1,n) = a b [+ bias] [+ add]: one row, the columns of at most two
	 * panels, the second one `stride` words after the first. NULL if it
	 * would be no faster than tile. */
	void (*row)(size_t n, size_t k, const float *a, const float *b,
		size_t stride, float *c, const float *bias, const float *add);

	/* c (m,n) += a b, where a is given as panels in the layout of pack_b,
	 * transposed: a[i,p] = a[p/cols * a_panel + i*cols + p%cols]; k is a
	 * multiple of cols. Only in fp32. */
	void (*tile_panels)(size_t m, size_t n, size_t k, const float *a,
		size_t a_panel, const float *b, float *c, size_t c_row);

	/* What a thread does before its first tile and after its last one of a
	 * product; NULL: nothing. */
	void (*begin)(void);
	void (*end)(void);
};

/* Panels of weights that are not fp32: see panel.h. */
struct panel_set {
	/* The first k terms of a panel in fp32, laid out as by pack_b. */
	void (*expand)(enum dtype type, float *out, const void *panel,
		size_t k);

	/* Like tile for m <= PANEL_ROWS rows, with a from pack_a, and the
	 * columns of at most two panels, the second one `stride` bytes after the
	 * first: the same bits as from expand and tile. */
	void (*rows)(enum dtype type, size_t m, size_t n, size_t k,
		const float *a, const void *b, size_t stride, float *c,
		size_t c_row, const float *bias, const float *add,
		size_t add_row);
};
enum { PANEL_ROWS = 4 };

/* Parts of attention: see attention.c. A panel has a row for each of n keys,
 * with the values of tile_set's cols queries adjacent. Weights are e_j of kernel.h;
 * their sum is in units of 1 / ATTENTION_ONE. */
#define ATTENTION_ONE 0x1p30f
struct attention_set {
	/* out = n keys, head_size floats at the given stride, in blocks as kv.c
	 * has them; the last one is padded with zeros. */
	void (*pack_keys)(float *out, const float *k, size_t stride, size_t n,
		size_t head_size);

	/* The panel s of the scores of n keys in blocks, a multiple of KV_BLOCK; q
	 * (head_size, cols) is from pack_b. */
	void (*score_panel)(float *s, const float *keys, const float *q,
		size_t n, size_t head_size);

	/* Replaces scores by weights; max and sum (cols) are those of columns. */
	void (*softmax_panel)(float *s, size_t n, float scale, float *max,
		uint64_t *sum);

	/* p = exp(scale*s - lse) into s; scale * p * (dp - delta) into dp. */
	void (*grad_panel)(float *s, float *dp, size_t n, float scale,
		const float *lse, const float *delta);

	/* out[q*stride + d] = x[d*cols + q] * by[q], n queries, d < head_size:
	 * transposes columns back to rows. */
	void (*rows_of_panel)(float *out, size_t stride, const float *x,
		const float *by, size_t n, size_t head_size);

	/* score[h*stride + j] = q_h . k_j for n cached keys and `heads` queries,
	 * q (heads, head_size); minus infinity up to the end of the last block. */
	void (*scores)(enum dtype type, float *score, size_t stride,
		const float *q, size_t heads, const void *k, size_t n,
		size_t head_size);

	/* Replaces n scores, a multiple of KV_BLOCK, by weights; returns the
	 * sum. */
	uint64_t (*softmax)(float *score, size_t n, float scale);

	/* out_h += sum of weight[h*stride + j] * v_j over n cached values; out
	 * (heads, head_size). */
	void (*weighted_sum)(enum dtype type, float *out, const float *weight,
		size_t stride, size_t heads, const void *v, size_t n,
		size_t head_size);
};

/* A sum of weights as a number. */
static inline float attention_total(uint64_t sum)
{
	return (float)sum / ATTENTION_ONE;
}

struct norm_set {
	void (*layernorm)(struct values_out out, float *mean, float *rstd, const float *x,
		const float *w, const float *b, size_t rows, size_t n,
		float eps);
	void (*layernorm_backward)(float *d_x, float *d_w, float *d_b,
		const float *d_out, const float *x, const float *w,
		const float *mean, const float *rstd, size_t rows, size_t n);
	void (*rmsnorm)(struct values_out out, float *rstd, const float *x,
		const float *w, size_t rows, size_t n, float eps);
	void (*rmsnorm_backward)(float *d_x, float *d_w, const float *d_out,
		const float *x, const float *w, const float *rstd, size_t rows,
		size_t n);
};

struct activation_set {
	void (*gelu)(struct values_out out, const float *x, size_t n);
	void (*gelu_backward)(struct values_out d_x, const float *d_out,
		const float *x, size_t n);
	/* One row of n. */
	void (*swiglu)(struct values_out out, const float *gate, const float *up,
		size_t n);
	void (*swiglu_backward)(struct values_out d_gate, struct values_out d_up,
		const float *d_out, const float *gate, const float *up,
		size_t n);
	/* The heads of one token by one row of rope_table; sign -1 rotates back. */
	void (*rope)(float *x, size_t heads, size_t head_size,
		const float *table, float sign);
};

struct loss_set {
	/* One row: see cross_entropy; weight NULL leaves x unchanged. entropy may
	 * be NULL. Returns the target's logprob. */
	float (*cross_entropy)(float *x, size_t vocab, size_t target,
		const float *weight, float *entropy);
	void (*log_softmax)(float *x, size_t n);
	/* w = exp((x - max) * inverse), unless it is NULL, for n <= LOGITS_BLOCK;
	 * returns the sum. */
	double (*weigh)(float *w, const float *x, size_t n, float max,
		float inverse);
};

struct vec_set {
	double (*sum_squares)(const float *x, size_t n);
	bool (*finite)(const float *x, size_t n);
	void (*scale)(float *x, float a, size_t n);
	void (*add)(float *out, const float *x, const float *y, size_t n);
	void (*axpby)(float *y, float a, const float *x, float b, size_t n);
	/* sum (n) += the sum of the rows, with the given stride. */
	void (*column_sums)(float *sum, struct values x, size_t rows, size_t n,
		size_t stride);
	void (*adamw)(const struct adamw *o, float *p, float *m, float *v,
		const float *g, size_t n);
	/* out = n numbers in bf16. */
	void (*widen)(float *out, const uint16_t *x, size_t n);
	/* As in moments.h; upper is 0 or 16. */
	void (*narrow)(uint16_t *out, const float *x, size_t n, uint32_t seed,
		uint32_t index, int upper);
};

struct kernel_set {
	const struct tile_set *tile;	/* NULL in plain C, as are the next two */
	const struct tile_set *bf16;	/* rounds A and B: see bf16.h */
	const struct panel_set *panel;
	const struct int8_set *int8;
	const struct attention_set *attention;
	const struct norm_set *norm;
	const struct activation_set *activation;
	const struct loss_set *loss;
	const struct vec_set *vec;
};

/* The set in use. */
const struct kernel_set *kernel_set(void);

/* Replaces one; for tests. */
void kernel_replace(enum isa isa, const struct kernel_set *s);

#define DECLARE_SET(name)                                                      \
	extern const struct attention_set attention_##name;                    \
	extern const struct norm_set norm_##name;                              \
	extern const struct activation_set activation_##name;                  \
	extern const struct loss_set loss_##name;                              \
	extern const struct vec_set vec_##name;                                \
	extern const struct int8_set int8_##name;
#define DECLARE_FAST(name, member, width, fp32, int8, bf16, flags, has)        \
	DECLARE_SET(name) extern const struct tile_set tile_##name;            \
	extern const struct tile_set bf16_##name;                              \
	extern const struct panel_set panel_##name;
DECLARE_SET(c)
ISA_SETS(DECLARE_FAST)

/* The references for matmul and attention, plain loops: every other form is
 * tested against them, and PIPELM_ISA=c runs them (bf16.h has that for products
 * of bf16). The second and third compute the heads of one sequence that share
 * key-value head kv; prob is NULL, or wanted instead of out. */
void matmul_plain(const struct matmul *p);
void attention_plain(const struct attention *s, size_t batch, size_t kv,
	float *out, float *lse, float *prob, const float *q, const void *k,
	const void *v);
void attention_plain_backward(const struct attention *s, size_t batch,
	size_t kv, float *d_q, float *d_k, float *d_v, const float *d_out,
	const float *out, const float *lse, const float *q, const float *k,
	const float *v);

#endif
