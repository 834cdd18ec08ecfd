/* texts.c - documents or conversations as token ids: see texts.h */
#include "common/score/texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/format/conversation.h"
#include "common/format/doc.h"
#include "common/format/jsonwrite.h"
#include "common/token/template.h"

#define BATCH_DOCS 4096
#define BATCH_CONVERSATIONS 64

struct texts {
	struct texts_options o;
	struct generator *g;
	struct docs *docs;		/* one of these */
	struct conversations *conversations;
	struct doc_batch batch;
	struct doc **doc;		/* the valid ones of the batch */
	size_t doc_cap;
	struct encoder **encoders;	/* one per thread */
	struct text *v;
	size_t n, cap;
};

int64_t texts_first(const struct generator *g)
{
	int64_t bos = g->model->config.bos;

	return bos >= 0 ? bos : vocab_eot(g->vocab);
}

struct texts *texts_open(char **files, struct generator *g,
	const struct texts_options *o)
{
	struct texts *t = xcalloc(1, sizeof *t);

	t->o = *o;
	t->g = g;
	if (o->chat)
		t->conversations = conversations_open(files, "conversation");
	else
		t->docs = docs_open(files);
	t->encoders = xcalloc((size_t)parallel_count(), sizeof *t->encoders);
	return t;
}

void texts_close(struct texts *t)
{
	size_t i;

	if (t->docs)
		docs_close(t->docs);
	else
		conversations_close(t->conversations);
	doc_batch_free(&t->batch);
	for (i = 0; i < t->cap; i++) {
		buf_free(&t->v[i].id);
		ids_free(&t->v[i].ids);
		free(t->v[i].mask);
	}
	for (i = 0; i < (size_t)parallel_count(); i++)
		encoder_free(t->encoders[i]);
	free(t->encoders);
	free(t->doc);
	free(t->v);
	free(t);
}

/* Makes room for n texts, keeping the memory of earlier ones. */
static void make_room(struct texts *t, size_t n)
{
	if (n <= t->cap)
		return;
	t->v = xrealloc(t->v, n, sizeof *t->v);
	memset(t->v + t->cap, 0, (n - t->cap) * sizeof *t->v);
	t->cap = n;
}

static struct text *next_text(struct texts *t)
{
	struct text *x;

	if (t->n == t->cap)
		make_room(t, 2 * t->n + 16);
	x = &t->v[t->n++];
	buf_reset(&x->id);
	x->ids.n = 0;
	return x;
}

/* ---- documents ---- */

/* Without a first token, that of the text is not predicted. */
static void encode(void *ctx, size_t i, int thread)
{
	struct texts *t = ctx;
	struct text *x = &t->v[i];
	const char *s, *id;
	size_t n, first = 0;

	if (!t->encoders[thread])
		t->encoders[thread] = encoder_new(t->g->vocab);
	encoder_place(t->encoders[thread], t->doc[i]->rec.file,
		t->doc[i]->rec.line);
	id = doc_id(t->doc[i], &n);
	json_add_string(&x->id, id, n);
	if (t->o.first >= 0)
		ids_add(&x->ids, (uint32_t)t->o.first);
	s = doc_text(t->doc[i], &n);
	tok_encode(t->encoders[thread], s, n, &x->ids);
	if (t->o.first < 0 && x->ids.n)
		tok_bytes(t->g->vocab, -1, x->ids.v[0], &first);
	x->bytes = n - (first < n ? first : n);
}

static bool next_documents(struct texts *t)
{
	size_t i;

	if (!docs_batch_texts(t->docs, &t->batch, t->o.batch, BATCH_DOCS))
		return false;
	t->n = 0;
	for (i = 0; i < t->batch.n; i++) {
		if (!doc_batch_good(t->docs, &t->batch, i))
			continue;
		t->doc = grow(t->doc, t->n, &t->doc_cap, sizeof *t->doc);
		t->doc[t->n] = &t->batch.v[i];
		next_text(t);
	}
	parallel_for(t->n, encode, t);
	return true;
}

/* ---- conversations ---- */

/* Another value is no name, and may have tabs in it. */
static void add_conversation_id(struct text *x, const struct conversation *c)
{
	struct buf place = { 0 };
	struct json id;

	if (json_get(&c->json, "id", &id) && (id.type == JSON_STRING ||
			id.type == JSON_NUMBER)) {
		buf_add(&x->id, id.p, id.n);
		return;
	}
	buf_printf(&place, "%s:%" PRIu64, c->rec.file, c->rec.line);
	json_add_string(&x->id, place.p, place.n);
	buf_free(&place);
}

/* Bytes of what is predicted; special tokens have none. */
static void take_mask(struct texts *t, struct text *x,
	const struct rendered *r)
{
	size_t i, n;

	x->bytes = 0;
	x->mask = xrealloc(x->mask, r->ids.n, sizeof *x->mask);
	for (i = 0; i < r->ids.n; i++) {
		ids_add(&x->ids, r->ids.v[i]);
		x->mask[i] = i && r->mask[i];
		if (x->mask[i] && !vocab_is_special(t->g->vocab, r->ids.v[i]) &&
			tok_bytes(t->g->vocab, i ? (int64_t)r->ids.v[i - 1] : -1,
				r->ids.v[i], &n))
			x->bytes += n;
	}
}

static const char *take_conversation(struct texts *t,
	const struct conversation *c)
{
	struct rendered *r = &t->g->rendered;
	const char *why = template_conversation(&t->g->template,
		t->g->encoder, c, false, r);
	struct text *x;

	if (why)
		return why;
	if (r->ids.n < 2 || !memchr(r->mask + 1, 1, r->ids.n - 1))
		return "there is no message of the assistant to score";
	x = next_text(t);
	add_conversation_id(x, c);
	take_mask(t, x, r);
	return NULL;
}

static bool next_conversations(struct texts *t)
{
	struct conversation c = { 0 };

	t->n = 0;
	while (t->n < BATCH_CONVERSATIONS &&
		conversations_next(t->conversations, &c)) {
		const char *why = take_conversation(t, &c);

		if (why)
			conversations_bad(t->conversations, why);
	}
	return t->n > 0;
}

struct text *texts_next(struct texts *t, size_t *n)
{
	do
		if (!(t->o.chat ? next_conversations : next_documents)(t))
			return NULL;
	while (!t->n);
	*n = t->n;
	return t->v;
}

/* ---- sums ---- */

void tally_text(struct tally *t, const struct text *x)
{
	size_t i;

	*t = (struct tally){ .texts = 1, .bytes = x->bytes };
	for (i = 1; i < x->ids.n; i++) {
		if (x->mask && !x->mask[i])
			continue;
		t->tokens++;
		t->loss -= (double)x->scores.logprob[i];
	}
}

void tally_add(struct tally *sum, const struct tally *t)
{
	sum->texts += t->texts;
	sum->tokens += t->tokens;
	sum->bytes += t->bytes;
	sum->loss += t->loss;
}

void tally_write(const struct tally *t, struct buf *out)
{
	double loss = t->tokens ? t->loss / (double)t->tokens : NAN;

	json_add_key(out, "tokens");
	json_add_int(out, (int64_t)t->tokens);
	json_add_key(out, "bytes");
	json_add_int(out, (int64_t)t->bytes);
	json_add_key(out, "loss");
	json_add_double(out, loss);
	json_add_key(out, "perplexity");
	json_add_double(out, exp(loss));
	json_add_key(out, "bits_per_byte");
	json_add_double(out, t->tokens && t->bytes ?
		t->loss / log(2) / (double)t->bytes : NAN);
}
