/* reorder.h - a reorder buffer: answers end in any order, and are written in
 * the order of their prompts
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
	size_t bytes;
	struct answer **answers;
	size_t written;		/* samples written so far */
};

/* request_new: a request with nothing set. request_parse: one with a copy of a
 * record, its fields parsed; NULL, and the error in *e, if the record is not an
 * object. */
struct request *request_new(void);
struct request *request_parse(const struct record *rec, struct json_error *e);
void request_free(struct request *q);

struct reorder {
	/* Called for each answer in its turn; must not keep its arguments. */
	void (*write)(void *ctx, struct request *q, struct answer *a);
	void *ctx;

	struct request *first, *last;
	size_t bytes;		/* of requests and of answers that have ended */
};

/* Prompts should wait while a buffer has more than so many bytes. */
enum { REORDER_BYTES = 16 << 20 };

/* Appends a request to the queue, which then owns it; sets the fields of
 * q->prompt that follow from ids, and the number of samples, at least 1. */
void reorder_push(struct reorder *r, struct request *q, size_t samples);

/* An answer has ended: writes and frees those whose turn has come. */
void reorder_done(struct reorder *r, struct answer *a);

#endif
