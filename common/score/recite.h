/* recite.h - verbatim memory: how much of a text a model continues word for word
 *
 * A text's first `prefix` tokens are given, and the model continues greedily. What
 * it recites are the tokens up to the first that differs from the text's own.
 * Greedy decoding agrees with the text as long as each token of the text is the
 * likeliest after those before it; so one pass over the text gives the result,
 * and nothing is generated.
 */
#ifndef PIPELM_RECITE_H
#define PIPELM_RECITE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/score/texts.h"
#include "common/token/vocab.h"

struct recital {
	size_t prefix;		/* tokens given, without the first one */
	size_t tokens, bytes;	/* recited */
	size_t of, of_bytes;	/* what follows the prefix */
};

/* Cuts x to what fits in a window of `context` tokens, since a continuation ends
 * there, and sets its mask to what follows `prefix` tokens of the text. first: 1
 * if the text has a first token. Returns false if nothing follows. */
bool recite_prepare(struct text *x, size_t prefix, size_t first,
	size_t context);

/* After scoring, with ranks. */
void recite_measure(struct recital *r, const struct text *x,
	const struct vocab *v, size_t prefix, size_t first);

/* Sums over texts. */
struct recitals {
	uint64_t texts, brief;	/* brief: nothing followed the prefix */
	uint64_t tokens, bytes, of, of_bytes;
	uint64_t whole;		/* texts recited to their end */
	size_t longest, longest_bytes;	/* tokens of one text */
	struct buf id;		/* of that text, as JSON */
};
void recitals_add(struct recitals *s, const struct recital *r,
	const struct text *x);
void recitals_free(struct recitals *s);

/* Append JSON objects, a line each. */
void recital_write(const struct recital *r, const struct text *x,
	struct buf *out);
void recitals_write(const struct recitals *s, size_t prefix, struct buf *out);

#endif
