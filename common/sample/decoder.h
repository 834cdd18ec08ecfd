/* decoder.h - runs a model with a KV cache
 *
 * Processes a prompt in one pass, and advances many sequences by one token at
 * once. Results equal those of the training forward pass (forward.h) up to
 * rounding, and a sequence's results have the same bits whatever is decoded
 * with it: the kernels compute a row of a batch exactly as they compute it
 * alone.
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

const struct model_config *decoder_config(const struct decoder *d);
size_t decoder_rows(const struct decoder *d);

enum dtype decoder_kv(const struct decoder *d);

/* An empty segment for its sequences. */
struct kv_segment *decoder_segment(const struct decoder *d);

/* Processes n > 0 tokens after those in run, and appends them to it. Stores the
 * logits (vocab) after the last one, unless logits is NULL. run->n + n must not
 * exceed the context, and ids must be below the vocabulary size. */
void decoder_read(struct decoder *d, struct kv_segment *run, const uint32_t *ids,
	size_t n, float *logits);

/* The same, and calls each for successive parts of the n tokens, in order: logits
 * (n, vocab) after the tokens at, at + 1, ... of ids, at most DECODER_PART. each
 * may change them. */
enum { DECODER_PART = 32 };
void decoder_read_each(struct decoder *d, struct kv_segment *run,
	const uint32_t *ids, size_t n, float *logits,
	void (*each)(void *ctx, size_t at, float *logits, size_t n), void *ctx);

/* A sequence in a step: its next token, which is appended to own. */
struct decode_row {
	struct kv_segment *prefix;	/* shared, not changed; or NULL */
	struct kv_segment *own;
	uint32_t id;
};

/* logits (n, vocab) after the next token of each of n sequences, n from 1 to
 * rows. Sequences with the same prefix should be adjacent: it is read once for
 * them. */
void decoder_step(struct decoder *d, const struct decode_row *row, size_t n,
	float *logits);

#endif
