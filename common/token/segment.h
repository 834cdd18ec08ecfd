/* segment.h - the smallest groups of tokens that make whole characters, for
 * showing them
 *
 *	if (segment_add(&s, v, id)) {
 *		... s.bytes, s.ids ...
 *		segment_reset(&s);
 *	}
 */
#ifndef PIPELM_SEGMENT_H
#define PIPELM_SEGMENT_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/token/encode.h"

/* Zero-initialise; segment_free. */
struct segment {
	struct buf bytes;
	struct ids ids;
};

/* Adds a token; whether the characters are whole now. */
bool segment_add(struct segment *s, const struct vocab *v, uint32_t id);
void segment_reset(struct segment *s);
void segment_free(struct segment *s);

#endif
