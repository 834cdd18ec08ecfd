/* answer.h - an answer in progress: ids, logprobs, text, and where it ends */
#ifndef PIPELM_ANSWER_H
#define PIPELM_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/sample/sampler.h"
#include "common/token/encode.h"

/* What ends an answer before its maximum length. */
struct stop_criteria {
	const struct vocab *vocab;	/* for the text; or NULL */
	const uint32_t *ids;		/* one of these tokens */
	size_t nid;
	const char *const *strings;	/* one of these in the text */
	size_t nstring;
};

bool stop_has_id(const struct stop_criteria *e, uint32_t id);

enum answer_stop {
	ANSWER_GOES_ON,
	ANSWER_EOS,		/* its last token is in stop_criteria.ids */
	ANSWER_LENGTH,
	ANSWER_STOP,		/* a string of stop_criteria.strings was
				 * generated: the text ends before it, ids
				 * include it. Or the constraint allows
				 * nothing after it, not even an end token */
	ANSWER_CANCELLED,
	ANSWER_STUCK		/* the constraint allows no token, but the text
				 * is not complete */
};
const char *answer_stop_name(enum answer_stop stop);	/* "eos" */

struct answer {
	struct ids ids;
	float *logprob;		/* (ids.n) of the unmodified model */
	float *sample_logprob;	/* (ids.n) of the distribution sampled from */
	unsigned char *mask;	/* (ids.n) 1 sampled, 0 forced */
	size_t ntop;		/* alternatives to each token */
	struct alternative *top;	/* (ids.n, ntop) of the unmodified model */
	int64_t before;		/* the token before them, of the prompt, or -1 */
	struct buf text;
	size_t shown;		/* bytes of text that the caller has printed */
	enum answer_stop stop;
	bool incomplete;	/* the text does not satisfy the constraint */
	uint64_t key;		/* of its random numbers: sampler.h */
	size_t index;		/* among the samples of its prompt */
	void *prompt;		/* for the caller */

	/* Tokens to append next instead of sampled ones: results of tools. They
	 * have mask 0, and no token or string among them ends the answer. */
	struct ids forced;
	size_t nforced;		/* how many of them have been appended */
	bool waiting;		/* for forced tokens: engine.h */
	struct tool_track *tools;	/* its calls: tool_track.h; or NULL */
	size_t cap;		/* of logprob, sample_logprob, mask */
};

struct answer *answer_new(void *prompt, size_t index);
void answer_free(struct answer *a);

/* Bytes of memory of one that has ended. */
size_t answer_memory(const struct answer *a);

/* Appends the next token and its text; sets stop if that ends the answer or
 * makes it `most` tokens long. The text then omits an incomplete last
 * character. top: the a->ntop alternatives. */
void answer_add(struct answer *a, const struct stop_criteria *e, size_t most,
	const struct choice *c, const struct alternative *top, bool drawn);

/* The bytes that id adds to the text as token i, i <= ids.n; NULL if it is not in
 * the vocabulary. */
const char *answer_bytes(const struct answer *a, const struct stop_criteria *e,
	size_t i, uint32_t id, size_t *n);

/* The number of bytes of text that are final: what follows them may be the
 * start of a stop string, or of an incomplete character. */
size_t answer_settled(const struct answer *a, const struct stop_criteria *e);

#endif
