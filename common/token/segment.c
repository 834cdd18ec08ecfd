/* segment.c - groups of tokens that make whole characters: see segment.h */
#include "common/token/segment.h"

#include "common/base/utf8.h"

bool segment_add(struct segment *s, const struct vocab *v, uint32_t id)
{
	ids_add(&s->ids, id);
	tok_decode(v, &id, 1, &s->bytes);
	return !utf8_partial(s->bytes.p, s->bytes.n);
}

void segment_reset(struct segment *s)
{
	s->ids.n = 0;
	buf_reset(&s->bytes);
}

void segment_free(struct segment *s)
{
	ids_free(&s->ids);
	buf_free(&s->bytes);
}
