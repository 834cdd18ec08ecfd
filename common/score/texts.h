/* texts.h - documents or conversations as token ids, to be scored
 *
 * A document is the model's first token (begin of text or, if it has none, the
 * token that ends documents), which gives the first token of the text something
 * to follow, and then the text. A conversation is what the chat template renders;
 * only what the assistant writes is predicted, with the mask that sft trains on.
 */
#ifndef PIPELM_TEXTS_H
#define PIPELM_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/sample/generator.h"
#include "common/score/scorer.h"

struct text {
	struct buf id;		/* as JSON: the record's own, or "FILE:LINE" */
	struct ids ids;
	unsigned char *mask;	/* (ids.n) what is predicted; NULL: all */
	size_t bytes;		/* of what is predicted, in UTF-8 */
	struct scores scores;	/* (ids.n), owned by whoever scores it */
};

struct texts_options {
	bool chat;		/* conversations(5), not documents(5) */
	int64_t first;		/* id before a document; -1: none */
	size_t batch;		/* bytes of documents in memory at once */
};

struct texts;

/* g must outlive it. files as for records_open. */
struct texts *texts_open(char **files, struct generator *g,
	const struct texts_options *o);
void texts_close(struct texts *t);

/* The next texts, *n of them, valid until the next call; NULL at the end. Invalid
 * records were reported and are not among them. */
struct text *texts_next(struct texts *t, size_t *n);

/* The token before a document, or -1 if the model has none. */
int64_t texts_first(const struct generator *g);

/* The predicted tokens of a text, the sum of their losses in nats. */
struct tally {
	uint64_t texts, tokens, bytes;
	double loss;
};
void tally_text(struct tally *t, const struct text *x);

/* The same for all, from the parts. */
void tally_add(struct tally *sum, const struct tally *t);

/* Appends the keys tokens, bytes, loss (nats per token), perplexity and
 * bits_per_byte; null where nothing was predicted. */
void tally_write(const struct tally *t, struct buf *out);

#endif
