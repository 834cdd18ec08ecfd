/* reorder.h - a reorder buffer: answers end in any order, and leave in the order of
 * their prompts
 *
 * Zero-initialise struct reorder and set write and ctx.
 */
#ifndef PIPELM_REORDER_H
#define PIPELM_REORDER_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/records.h"
#include "common/sample/engine.h"

/* A prompt with its answers. */
struct request {
	struct prompt prompt;	/* first, since the engine passes this around */
	struct ids ids;		/* prompt.ids */
	char *line;		/* the record it came from, or NULL */
	struct json_fields fields;	/* of line, parsed once */
	struct buf id;		/* JSON that replaces a missing id, or empty */
	struct buf top;		/* JSON of the largest logits, or empty */

	struct request *next;
	struct answer **answers;
	size_t written;		/* samples that were written */
};

/* A new request with nothing set; or with a copy of a record, whose fields are
 * listed. NULL and *e when the record is not an object. */
struct request *request_new(void);
struct request *request_parse(const struct record *rec, struct json_error *e);
void request_free(struct request *q);

struct reorder {
	/* Called for each answer in its turn; keeps nothing. */
	void (*write)(void *ctx, struct request *q, struct answer *a);
	void *ctx;

	struct request *first, *last;
};

/* Adds a request to the end of the queue, which then owns it; sets what prompt takes
 * from ids, and samples, at least 1. */
void reorder_push(struct reorder *r, struct request *q, size_t samples);

/* An answer has ended; writes and frees what can leave. */
void reorder_done(struct reorder *r, struct answer *a);

#endif
