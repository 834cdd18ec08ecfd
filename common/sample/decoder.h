/* decoder.h - runs a model with a KV cache
 *
 * A pass advances many sequences by one token and reads prompts, or parts of them,
 * at the same time: the matrix products have a row for each of these tokens, and
 * attention is computed per sequence (mixed batches; Agrawal et al. 2023).
 * A sequence's results have the bits of the training forward pass (forward.h),
 * whatever is decoded with it and wherever its prompt is divided: the kernels compute a
 * row of a batch exactly as they compute it alone.
 */
#ifndef PIPELM_DECODER_H
#define PIPELM_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include "common/model/model.h"
#include "common/sample/kvcache.h"

struct decoder;

/* For steps of up to rows sequences, whose keys and values are stored as type kv,
 * DTYPE_F32 or DTYPE_BF16; with the latter, results differ from those of the
 * training forward pass as its rounding makes them. m must outlive the decoder
 * and not change; it may be packed, for speed (model_load_packed), or flat: the
 * results are the same. */
struct decoder *decoder_new(const struct model *m, size_t rows, enum dtype kv);
void decoder_free(struct decoder *d);

/* Bytes that it takes, with its passes, for sequences of up to `context` tokens;
 * without their segments. */
double decoder_bytes(const struct model_config *c, size_t rows, size_t context);

const struct model_config *decoder_config(const struct decoder *d);
size_t decoder_rows(const struct decoder *d);

enum dtype decoder_kv(const struct decoder *d);

/* An empty segment for its sequences. */
struct kv_segment *decoder_segment(const struct decoder *d);

/* A sequence in a step: its next token, which is appended to own. */
struct decode_row {
	struct kv_segment *prefix;	/* shared, not changed; or NULL */
	struct kv_segment *own;
	uint32_t id;
};

/* A prompt, read in one pass or several: run has its first run->n tokens, less
 * than n. */
struct decode_prompt {
	struct kv_segment *run;
	const uint32_t *ids;	/* (n), below the vocabulary size */
	size_t n;		/* at most the context */

	/* Called in each pass for successive parts of its tokens: logits (n,
	 * vocab) after the tokens at, at + 1, ... of ids, at most DECODER_PART.
	 * It may change them. NULL: not needed. */
	void (*each)(void *ctx, size_t at, float *logits, size_t n);
	void *ctx;
};

/* Limits of a pass: prompts, and tokens of them; rows of logits for `each`. */
enum { DECODER_PROMPTS = 32, DECODER_TOKENS = 256, DECODER_PART = 32 };

/* One pass: a step of n sequences, 0 to `rows`, and as many tokens of prompts as
 * a pass takes, the first prompts first. Returns how many of these it has
 * completed: the first ones. logits (n + that, vocab): after the next token of
 * each sequence, then after each prompt completed. Sequences with the same prefix
 * should be adjacent: it is read once for them. */
size_t decoder_pass(struct decoder *d, const struct decode_row *row, size_t n,
	const struct decode_prompt *prompt, size_t nprompt, float *logits);

/* Tokens of these prompts that such a pass reads. */
size_t decoder_takes(const struct decode_prompt *prompt, size_t nprompt);

#endif
