/* surprise.h - writes each predicted token of a text with its probability
 *
 * A line per token, in the order of the text: its place, id and text, its
 * log-probability in nats and its surprise in bits, its rank (0: no token was
 * likelier), the entropy of the prediction in bits, and the likeliest tokens.
 */
#ifndef PIPELM_SURPRISE_H
#define PIPELM_SURPRISE_H

#include <stdbool.h>

#include "common/base/io.h"
#include "common/score/texts.h"
#include "common/token/vocab.h"

/* The header line of the tab-separated form. */
void surprise_write_header(struct output *out);

/* top: how many likeliest tokens x->scores has per token. tsv: tab-separated,
 * without them; else JSON lines. line: working memory. */
void surprise_write(struct output *out, const struct vocab *v,
	const struct text *x, size_t top, bool tsv, struct buf *line);

#endif
