/* batch_encoder.c - encodes documents in parallel: see tokenize.h */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/tokenize/tokenize.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/token/encode.h"

#define PIECE ((size_t)1 << 20)	/* bytes of text a thread takes at once */

struct piece {
	const char *text;
	size_t len;
	bool first, last;	/* of its document */
	struct place place;
	struct ids ids;
};

struct batch_encoder {
	const struct vocab *vocab;
	struct sink *sink;
	struct piece *v;
	size_t n, cap;
	struct encoder **encoders;	/* one per thread */
};

struct batch_encoder *batch_encoder_new(const struct vocab *v,
	struct sink *sink)
{
	struct batch_encoder *e = xcalloc(1, sizeof *e);

	e->vocab = v;
	e->sink = sink;
	e->encoders = xcalloc((size_t)parallel_count(), sizeof *e->encoders);
	return e;
}

static void add(struct batch_encoder *e, const char *text, size_t len,
	bool first, bool last, struct place place)
{
	struct piece *p;

	if (e->n == e->cap) {
		size_t cap = e->cap ? 2 * e->cap : 256;

		e->v = xrealloc(e->v, cap, sizeof *e->v);
		memset(e->v + e->cap, 0, (cap - e->cap) * sizeof *e->v);
		e->cap = cap;
	}
	p = &e->v[e->n++];
	p->text = text;
	p->len = len;
	p->first = first;
	p->last = last;
	p->place = place;
	p->ids.n = 0;
}

void batch_encoder_add(struct batch_encoder *e, const char *text, size_t len,
	struct place place)
{
	const char *begin = text;

	while (len > 2 * PIECE) {
		size_t cut = tok_safe_cut(e->vocab, text, len, PIECE);

		if (cut == len)
			break;
		add(e, text, cut, text == begin, false, place);
		text += cut;
		len -= cut;
	}
	add(e, text, len, text == begin, true, place);
}

static void encode(void *ctx, size_t i, int thread)
{
	struct batch_encoder *e = ctx;
	struct piece *p = &e->v[i];

	if (!e->encoders[thread])
		e->encoders[thread] = encoder_new(e->vocab);
	encoder_place(e->encoders[thread], p->place.file, p->place.line);
	tok_encode_at(e->encoders[thread], p->first ? TOK_START : TOK_INSIDE,
		p->text, p->len, &p->ids);
}

void batch_encoder_flush(struct batch_encoder *e)
{
	size_t i;

	parallel_for(e->n, encode, e);
	for (i = 0; i < e->n; i++) {
		struct piece *p = &e->v[i];

		sink_piece(e->sink, p->place, p->len, p->ids.v, p->ids.n,
			p->last);
		if (p->ids.cap > 4 * PIECE)
			ids_free(&p->ids);
	}
	e->n = 0;
	if (progress_due()) {
		struct sink_totals t = sink_totals(e->sink);

		progress_print("documents=%" PRIu64 " tokens=%" PRIu64,
			t.documents, t.tokens);
	}
}

void batch_encoder_free(struct batch_encoder *e)
{
	size_t i;

	for (i = 0; i < e->cap; i++)
		ids_free(&e->v[i].ids);
	for (i = 0; i < (size_t)parallel_count(); i++)
		encoder_free(e->encoders[i]);
	free(e->v);
	free(e->encoders);
	free(e);
}
