/* bpe_train.h - learning a byte-level BPE vocabulary from word counts
 *
 * Starts with the 256 bytes. The pair of neighbouring tokens that occurs most
 * often becomes a token, again and again; of equal counts the pair with the
 * smallest (left id, right id) goes first. A pair in a run of three equal
 * tokens counts twice; joins go from left to right. Counts have 64 bits.
 */
#ifndef PIPELM_BPE_TRAIN_H
#define PIPELM_BPE_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/token/vocab.h"
#include "common/token/wordcount.h"

struct bpe_options {
	uint32_t size;		/* ordinary tokens, the 256 bytes included */
	uint64_t min_count;	/* of a pair to become a token; 1 or more */
	bool hf_ties;		/* number the bytes in the order of their
				 * characters, as Hugging Face's trainer does;
				 * ties and ids are then the same as there */
};

/* The vocabulary, without special tokens; the caller frees it with vocab_free.
 * It is smaller than asked for when no pair is left. */
struct vocab *bpe_train(const struct wordcount *words, const char *pattern,
	const struct bpe_options *o);

#endif
