/* prompt_source.h - prompts for the engine, from JSON lines or only one
 *
 * When the engine requests the next prompt, reads a record, encodes its prompt
 * and queues it in the reorder buffer. Invalid records are reported and
 * skipped.
 */
#ifndef PIPELM_PROMPT_SOURCE_H
#define PIPELM_PROMPT_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "common/sample/prompts.h"
#include "common/sample/reorder.h"

struct prompt_source {
	struct generator *generator;
	const struct prompt_format *format;
	struct reorder *reorder;
	struct records *records;	/* NULL: there is one request */
	struct request *single;	/* that one, until the engine takes it */
	int64_t length;		/* maximum tokens of an answer; 0: only process
				 * the prompt, which may fill the context */
	size_t samples;

	/* Sets q->prompt.key, for the random numbers. Returns NULL, or why the
	 * request is refused. q->ids and q->fields are already set. */
	const char *(*identify)(struct request *q);
};

/* The next valid prompt, or NULL at the end, or while the reorder buffer is full:
 * for the engine's callback `next` of an open_ended run, with a struct
 * prompt_source as ctx. */
struct prompt *prompt_source_next(void *ctx);

/* Without records: q, whose ids are set, is the only request. Returns NULL, or
 * why it cannot be answered; the caller then still owns it. */
const char *prompt_source_only(struct prompt_source *s, struct request *q);

#endif
