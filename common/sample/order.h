/* order.h - answers come in any order, and leave in that of the prompts
 *
 * Zero-initialise struct order and set write and ctx.
 */
#ifndef PIPELM_ORDER_H
#define PIPELM_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "common/format/records.h"
#include "common/sample/engine.h"

/* A prompt with its answers. */
struct asking {
	struct prompt prompt;	/* first: it is what the engine hands around */
	struct ids ids;		/* prompt.ids */
	char *line;		/* the record it came from, or NULL */
	struct json_fields fields;	/* of line, parsed once */
	struct buf id;		/* JSON of what stands for a missing id, or
				 * empty */
	struct buf top;		/* JSON of the largest logits, or empty */

	struct asking *next;
	struct answer **answers;
	size_t written;		/* samples that have left */
};

struct order {
	/* Called for each answer when its turn comes; keeps nothing. */
	void (*write)(void *ctx, struct asking *q, struct answer *a);
	void *ctx;

	struct asking *first, *last;
};

/* A new prompt with nothing set; with a copy of a record, whose fields are
 * listed. NULL and *e when the record is no object. */
struct asking *order_add(void);
struct asking *order_add_record(const struct record *rec,
	struct json_error *e);

/* Puts it at the end of the queue, which owns it from now on with all that it
 * points to; sets what prompt takes from ids and samples, 1 at least. */
void order_ready(struct order *o, struct asking *q, size_t samples);

/* Frees it instead: it could not be asked. */
void order_drop(struct asking *q);

/* An answer has ended; writes and frees what can leave. */
void order_done(struct order *o, struct answer *a);

#endif
