/* reply.h - answers in OpenAI's JSON
 *
 * Objects chat.completion, chat.completion.chunk and text_completion. Log
 * probabilities cover all tokens generated, also the one that ended the answer
 * and those of a stop string, which the text does not have. They are those of
 * the unmodified model: temperature 1, no bias, no penalty.
 *
 * Results of tools are not tokens of the model: they have no log
 * probabilities, and usage counts them separately. The content of a chat has
 * neither calls nor results; the text of a completion has them as the model saw
 * them. Both list the calls at executed_tools, as Groq's compound models do.
 */
#ifndef PIPELM_SERVE_REPLY_H
#define PIPELM_SERVE_REPLY_H

#include "common/base/buf.h"
#include "common/serve/job.h"

/* Appends the whole answer to a job, all of whose choices have ended. */
void reply_whole(struct buf *b, const struct job *j);

/* Streams: each appends an event. The start of a choice; what of its text is
 * settled from a->shown on, its tokens and calls that have not been told, with
 * the reason if it has ended, or nothing if there is nothing new; usage; the end;
 * an error. */
void reply_start(struct buf *b, const struct job *j,
	const struct job_choice *c);
void reply_piece(struct buf *b, const struct job *j, struct job_choice *c);
void reply_usage(struct buf *b, const struct job *j);
void reply_done(struct buf *b);
void reply_error(struct buf *b, const struct api_error *e);

#endif
