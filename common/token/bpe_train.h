/* bpe_train.h - learns a byte-level BPE vocabulary from word counts
 *
 * Starts with the 256 bytes. Repeatedly, the most frequent pair of adjacent
 * tokens becomes a token; of pairs with equal counts, the one with the smallest
 * (left id, right id). A run of three equal tokens counts as two pairs; merging
 * goes from left to right. Counts have 64 bits.
 */
#ifndef PIPELM_BPE_TRAIN_H
#define PIPELM_BPE_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/token/vocab.h"
#include "common/token/wordcount.h"

struct bpe_options {
	uint32_t size;		/* ordinary tokens, including the 256 bytes */
	uint64_t min_count;	/* of a pair to be merged; at least 1 */
	bool hf_ties;		/* number the bytes in the order of their
				 * characters, as Hugging Face's trainer does;
				 * ties and ids are then the same as there */
};

/* Returns the vocabulary, without special tokens; free it with vocab_free. It
 * is smaller than requested when no pair is left. */
struct vocab *bpe_train(const struct wordcount *words, const char *pattern,
	const struct bpe_options *o);

#endif
