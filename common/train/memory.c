/* memory.c - the memory of a training run: see memory.h */
#include "common/train/memory.h"

#include "common/base/size.h"

/* The memory of a trainer besides model and data: measured 14M with one thread
 * and less than 1M for each additional one, plus the rounding of memory blocks
 * up to huge pages. */
#define PROGRAM ((double)((size_t)32 << 20))
#define MESSAGES ((double)((size_t)24 << 20))	/* of MPI and exchange.c */
#define TOKEN_OF_VOCABULARY 256	/* bytes, with its merge and its hash */
#define TOKEN_OF_BATCH 40	/* ids, target, pos, start, weights, logprobs */

/* ---- the model ---- */

static double matrices(const struct model_config *c)
{
	return (double)c->layers * (double)c->width * (double)
		(model_qkv_width(c) + c->heads * c->head_size +
		model_up_width(c) + c->ffn);
}

/* Embeddings, head and positions; gains and biases are too few to count. */
static double embeddings(const struct model_config *c)
{
	return (double)c->vocab * (double)c->width * (c->tied || c->reward ? 1 : 2) +
		(c->positions == POSITIONS_LEARNED ?
		(double)c->context * (double)c->width : 0);
}

/* Muon's scratch: two copies of the largest matrix, and two square matrices of
 * its shorter side. */
static double muon_scratch(const struct model_config *c)
{
	double width = (double)c->width, longest = (double)size_max(
		size_max(c->ffn, model_qkv_width(c)), c->width);

	return 2 * width * longest + 2 * width * width;
}

static double ranks_of(const struct training_size *s)
{
	return s->ranks > 1 ? (double)s->ranks : 1;
}

/* The rows of an update that a process computes. */
static size_t share(const struct training_size *s)
{
	size_t n = s->ranks > 1 ? s->ranks : 1;

	return size_max((s->batch + n - 1) / n, 1);
}

/* Parameters, gradient and moments: two per parameter for AdamW, one for Muon, divided
 * among the ranks. Of a frozen model there are only weights, once. */
static double model_bytes(const struct training_size *s)
{
	const struct model_config *c = s->config;
	double n = matrices(c), rest = embeddings(c);
	double moments = (s->moments == DTYPE_BF16 ? 1 : 2) / ranks_of(s);
	double adamw = 2 + moments, muon = 2 + 1 / ranks_of(s);

	if (s->trained)
		return s->frozen + sizeof(float) * adamw * (double)s->trained;
	if (s->optimizer == OPTIMIZER_MUON)
		return sizeof(float) * (muon * n + adamw * rest + muon_scratch(c));
	return sizeof(float) * adamw * (n + rest);
}

/* ---- activations ---- */

/* The floats per token of the outputs of a block's norms and activation, */
static size_t output_floats(const struct model_config *c, bool halves)
{
	size_t n = 2 * c->width + c->ffn;

	return halves ? (n + 1) / 2 : n;
}

/* and of all of its forward pass; */
static size_t block_floats(const struct model_config *c, bool halves)
{
	size_t raw = c->qk_norm ?
		(c->heads + c->kv_heads) * (c->head_size + 1) : 0;

	return 2 * c->width + model_qkv_width(c) + raw +
		c->heads * c->head_size + model_up_width(c) +
		output_floats(c, halves);
}

/* those of them that exist once, */
static size_t shared_floats(const struct training_size *s)
{
	const struct model_config *c = s->config;

	switch (s->keep) {
	case KEEP_PRODUCTS:
		return output_floats(c, s->halves);
	case KEEP_INPUTS:
		return block_floats(c, s->halves) - c->width;
	default:
		return 0;
	}
}

/* and those that each block keeps: the others. */
static size_t kept_floats(const struct training_size *s)
{
	return block_floats(s->config, s->halves) - shared_floats(s);
}

static double row_bytes(const struct training_size *s)
{
	const struct model_config *c = s->config;
	size_t d_up = s->halves ? (model_up_width(c) + 1) / 2 : 0;

	return (double)(s->time * sizeof(float) *
		(c->layers * kept_floats(s) + shared_floats(s) + 4 * c->width +
			model_qkv_width(c) + c->ffn + d_up));
}

/* Logits and log-probabilities. */
static double logit_bytes(const struct model_config *c, double tokens)
{
	double chunk = (double)logits_at_once(c);

	return 2 * sizeof(float) * (double)logits_row(c) *
		(tokens < chunk ? tokens : chunk);
}

/* Statistics of norms and attention, and the other arrays of a batch. */
static double small_bytes(const struct training_size *s, double tokens)
{
	const struct model_config *c = s->config;

	return tokens * (double)(sizeof(float) * c->layers * (4 + c->heads) +
		TOKEN_OF_BATCH);
}

struct training_bytes training_bytes(const struct training_size *s, size_t rows)
{
	const struct model_config *c = s->config;
	double tokens = (double)rows * (double)s->time;
	struct training_bytes b = {
		.program = PROGRAM + (s->ranks > 1 ? MESSAGES : 0),
		.model = model_bytes(s),
		.activations = (double)rows * row_bytes(s) +
			logit_bytes(c, tokens) + small_bytes(s, tokens),
		.data = s->data + TOKEN_OF_VOCABULARY * (double)c->vocab +
			TOKEN_OF_BATCH * (double)s->batch * (double)s->time
	};

	if (s->reference) {
		b.model += sizeof(float) * (matrices(c) + embeddings(c));
		b.activations += tokens * sizeof(float) *
			(double)block_floats(c, false) + logit_bytes(c, tokens);
	}
	return b;
}

double training_sum(const struct training_bytes *b)
{
	return b->program + b->model + b->activations + b->data;
}

size_t training_rows_within(const struct training_size *s, double activations)
{
	double rows = activations / row_bytes(s);

	return rows < 1 ? 1 : rows > (double)share(s) ? share(s) :
		(size_t)rows;
}

size_t training_rows(const struct training_size *s, double memory)
{
	size_t low = 0, high = share(s);

	while (low < high) {
		size_t rows = high - (high - low) / 2;
		struct training_bytes b = training_bytes(s, rows);

		if (training_sum(&b) <= memory)
			low = rows;
		else
			high = rows - 1;
	}
	return low;
}
