/* reply_logprobs.h - "logprobs" of a choice: see reply.h */
#ifndef PIPELM_SERVE_REPLY_LOGPROBS_H
#define PIPELM_SERVE_REPLY_LOGPROBS_H

#include "common/base/buf.h"
#include "common/serve/job.h"

/* Appends the key with the tokens that were sampled of c's answer from c->told
 * on, or null if they were not asked for; before them those of prompt p, unless it is NULL.
 * Counts their characters in c->chars. */
void reply_logprobs(struct buf *b, const struct job *j,
	const struct job_prompt *p, struct job_choice *c);

#endif
