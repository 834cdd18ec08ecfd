/* prompt_source.h - the prompts of JSON lines, for the engine
 *
 * Reads a record, encodes its prompt and queues it in the reorder buffer, when
 * the engine asks for the next one. Bad records are reported and skipped.
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
	struct records *records;	/* NULL: requests come otherwise */
	int64_t length;		/* tokens of an answer at most; 0: only the
				 * prompt is read, which may fill the context */
	size_t samples;

	/* Sets q->prompt.key, of the random numbers; NULL, or why the request
	 * is refused. q->ids and q->fields are set. */
	const char *(*identify)(struct request *q);
};

/* The next good prompt, or NULL at the end; what the engine's next calls, with
 * a struct prompt_source as ctx. */
struct prompt *prompt_source_next(void *ctx);

/* Queues a request whose ids are set; NULL, or why it cannot be answered: the
 * caller still owns it then. */
const char *prompt_source_add(struct prompt_source *s, struct request *q);

#endif
