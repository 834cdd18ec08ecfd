/* answer.h - one answer as it grows: ids, logprobs, text, and where it ends */
#ifndef PIPELM_ANSWER_H
#define PIPELM_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/sample/sampler.h"
#include "common/token/encode.h"

/* What ends an answer before its greatest length. */
struct stop_criteria {
	const struct vocab *vocab;	/* for the text; NULL: there is none */
	const uint32_t *ids;		/* one of these tokens */
	size_t nid;
	const char *const *strings;	/* one of these in the text */
	size_t nstring;
};

enum answer_stop {
	ANSWER_GOES_ON,
	ANSWER_EOS,		/* a token of stop_criteria.ids, the last one */
	ANSWER_LENGTH,
	ANSWER_STOP,		/* a string of stop_criteria.strings, its end
				 * drawn: the text ends before it, ids go on to
				 * where it was seen */
	ANSWER_CANCELLED
};
const char *answer_stop_name(enum answer_stop stop);	/* "eos" */

struct answer {
	struct ids ids;
	float *logprob;		/* ids.n, of the model as it is */
	float *sample_logprob;	/* ids.n, of the distribution drawn from */
	unsigned char *mask;	/* ids.n: 1 drawn, 0 forced */
	struct buf text;
	size_t shown;		/* bytes of text that the caller has put out */
	enum answer_stop stop;
	size_t index;		/* which sample of its prompt */
	void *prompt;		/* the caller's */

	/* Tokens that come next instead of drawn ones: results of tools. They
	 * have mask 0, and no token or string among them ends the answer. */
	struct ids forced;
	size_t nforced;		/* of them already taken */
	bool waiting;		/* for them: engine.h */
	size_t cap;		/* of logprob, sample_logprob, mask */
};

struct answer *answer_new(void *prompt, size_t index);
void answer_free(struct answer *a);

/* Adds the next token and its text; sets stop when it ends the answer or
 * makes it `most` tokens long; of a character that is cut off there, nothing
 * is in the text. */
void answer_add(struct answer *a, const struct stop_criteria *e, size_t most,
	const struct choice *c, bool drawn);

/* Bytes of text that will stay and are whole: behind them may stand the begin
 * of a stop string, or of a character. */
size_t answer_settled(const struct answer *a, const struct stop_criteria *e);

#endif
