/* recite.c - verbatim memory: see recite.h */
#include "common/score/recite.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/format/jsonwrite.h"

bool recite_prepare(struct text *x, size_t prefix, size_t first,
	size_t context)
{
	size_t i;

	if (x->ids.n > context + 1)
		x->ids.n = context + 1;
	x->mask = xrealloc(x->mask, x->ids.n, sizeof *x->mask);
	for (i = 0; i < x->ids.n; i++)
		x->mask[i] = i && i >= first + prefix;
	return x->ids.n > first + prefix && x->ids.n > 1;
}

void recite_measure(struct recital *r, const struct text *x,
	const struct vocab *v, size_t prefix, size_t first)
{
	size_t i = first + prefix, n;
	bool same = true;

	*r = (struct recital){ .prefix = prefix };
	for (i = i ? i : 1; i < x->ids.n; i++) {
		if (!tok_bytes(v, x->ids.v[i - 1], x->ids.v[i], &n))
			n = 0;
		same = same && x->scores.rank[i] == 0;
		r->tokens += same;
		r->bytes += same ? n : 0;
		r->of++;
		r->of_bytes += n;
	}
}

void recitals_add(struct recitals *s, const struct recital *r,
	const struct text *x)
{
	s->texts++;
	s->tokens += r->tokens;
	s->bytes += r->bytes;
	s->of += r->of;
	s->of_bytes += r->of_bytes;
	s->whole += r->tokens == r->of;
	if (r->tokens <= s->longest)
		return;
	s->longest = r->tokens;
	s->longest_bytes = r->bytes;
	buf_reset(&s->id);
	buf_add(&s->id, x->id.p, x->id.n);
}

void recitals_free(struct recitals *s)
{
	buf_free(&s->id);
}

static void add_counts(struct buf *out, uint64_t tokens, uint64_t bytes,
	uint64_t of, uint64_t of_bytes)
{
	json_add_key(out, "tokens");
	json_add_int(out, (int64_t)tokens);
	json_add_key(out, "bytes");
	json_add_int(out, (int64_t)bytes);
	json_add_key(out, "of_tokens");
	json_add_int(out, (int64_t)of);
	json_add_key(out, "of_bytes");
	json_add_int(out, (int64_t)of_bytes);
	json_add_key(out, "share");
	json_add_double(out, of ? (double)tokens / (double)of : NAN);
}

void recital_write(const struct recital *r, const struct text *x,
	struct buf *out)
{
	buf_str(out, "{\"id\":");
	buf_add(out, x->id.p, x->id.n);
	add_counts(out, r->tokens, r->bytes, r->of, r->of_bytes);
	buf_str(out, "}\n");
}

void recitals_write(const struct recitals *s, size_t prefix, struct buf *out)
{
	buf_putc(out, '{');
	json_add_key(out, "documents");
	json_add_int(out, (int64_t)s->texts);
	json_add_key(out, "too_short");
	json_add_int(out, (int64_t)s->brief);
	json_add_key(out, "prefix");
	json_add_int(out, (int64_t)prefix);
	add_counts(out, s->tokens, s->bytes, s->of, s->of_bytes);
	json_add_key(out, "whole");
	json_add_int(out, (int64_t)s->whole);
	json_add_key(out, "longest");
	json_add_int(out, (int64_t)s->longest);
	json_add_key(out, "longest_bytes");
	json_add_int(out, (int64_t)s->longest_bytes);
	if (s->id.n) {
		json_add_key(out, "longest_id");
		buf_add(out, s->id.p, s->id.n);
	}
	buf_str(out, "}\n");
}
