/* decoder.h - a model over keys and values that are kept
 *
 * Reads prompts in one pass and steps many sequences by one token at once.
 * The numbers are those of the training forward pass (forward.h) to rounding,
 * and a sequence's numbers have the same bits whatever is decoded beside it:
 * the kernels compute a row of a batch as they compute it alone.
 */
#ifndef PIPELM_DECODER_H
#define PIPELM_DECODER_H

#include <stddef.h>
#include <stdint.h>

#include "common/model/model.h"
#include "common/sample/kvcache.h"

struct decoder;

/* Steps of up to rows sequences. m, packed for speed (model_load_packed) or
 * flat, must outlive it and not change; the numbers are the same. */
struct decoder *decoder_new(const struct model *m, size_t rows);
void decoder_free(struct decoder *d);

const struct model_config *decoder_config(const struct decoder *d);
size_t decoder_rows(const struct decoder *d);

/* Reads n > 0 tokens behind those that run holds, and adds them to it.
 * logits (vocab) of the last one, unless NULL. run->n + n is at most the
 * context, ids are below the vocabulary. */
void decoder_read(struct decoder *d, struct kvrun *run, const uint32_t *ids,
	size_t n, float *logits);

/* A sequence in a step: its next token, which is added to own. */
struct decode_row {
	struct kvrun *prefix;	/* shared, not changed; or NULL */
	struct kvrun *own;
	uint32_t id;
};

/* logits (n, vocab) behind the token of each of n sequences, n from 1 to rows.
 * Sequences of one prefix should be adjacent: it is read once for them. */
void decoder_step(struct decoder *d, const struct decode_row *row, size_t n,
	float *logits);

#endif
