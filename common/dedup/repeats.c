/* repeats.c - finds documents that came before: see repeats.h */
#include "common/dedup/repeats.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/dedup/seen.h"

/* Fractions of the memory: a document has one text, but many lines. */
enum { SHARE_PARAGRAPH = 8, SHARE_LINE = 16 };

struct repeats {
	struct repeats_options o;
	struct minhash *minhash;
	struct seen *url, *exact, *parts;
	struct seen **near;		/* one per band */
	struct clusters clusters;
	struct buf text;
	uint64_t nparts, nbytes;
};

static size_t shares(const struct repeats_options *o)
{
	size_t n = 0;

	if (o->modes & REPEAT_URL)
		n += 1;
	if (o->modes & REPEAT_EXACT)
		n += 1;
	if (o->modes & REPEAT_NEAR)
		n += (size_t)o->bands;
	if (o->modes & REPEAT_LINE)
		n += SHARE_LINE;
	else if (o->modes & REPEAT_PARAGRAPH)
		n += SHARE_PARAGRAPH;
	return n ? n : 1;
}

size_t repeats_least_memory(const struct repeats_options *o)
{
	return shares(o) * seen_least(o->clusters);
}

struct repeats *repeats_new(const struct repeats_options *o)
{
	struct repeats *r = xcalloc(1, sizeof *r);
	size_t share = o->memory / shares(o);
	int i;

	r->o = *o;
	if (o->modes & REPEAT_URL)
		r->url = seen_new(share, o->clusters);
	if (o->modes & REPEAT_EXACT)
		r->exact = seen_new(share, o->clusters);
	if (o->modes & REPEAT_NEAR) {
		r->minhash = minhash_new(o->bands, o->rows, o->nword, o->seed);
		r->near = xcalloc((size_t)o->bands, sizeof *r->near);
		for (i = 0; i < o->bands; i++)
			r->near[i] = seen_new(share, o->clusters);
	}
	if (o->modes & (REPEAT_LINE | REPEAT_PARAGRAPH))
		r->parts = seen_new(share * (o->modes & REPEAT_LINE ?
			SHARE_LINE : SHARE_PARAGRAPH), false);
	return r;
}

static void free_table(struct seen *s)
{
	if (s)
		seen_free(s);
}

void repeats_free(struct repeats *r)
{
	int i;

	free_table(r->url);
	free_table(r->exact);
	free_table(r->parts);
	for (i = 0; r->near && i < r->o.bands; i++)
		seen_free(r->near[i]);
	free(r->near);
	if (r->minhash)
		minhash_free(r->minhash);
	clusters_free(&r->clusters);
	buf_free(&r->text);
	free(r);
}

void repeat_marks_free(struct repeat_marks *k)
{
	free(k->near);
	free(k->part);
	*k = (struct repeat_marks){ 0 };
}

void repeat_scratch_free(struct repeat_scratch *s)
{
	minhash_scratch_free(&s->minhash);
	free(s->sig);
	buf_free(&s->url);
	*s = (struct repeat_scratch){ 0 };
}

/* ---- keys ---- */

static void mark_url(struct repeat_scratch *s, struct doc *doc,
	struct repeat_marks *k)
{
	struct buf raw = { 0 };
	struct json v;

	k->has_url = false;
	if (!doc_get(doc, "metadata.url", &v) || v.type != JSON_STRING)
		v = doc->source;
	if (!json_string(&v, &raw))
		return;
	buf_reset(&s->url);
	k->has_url = repeats_url_key(raw.p, raw.n, &s->url);
	if (k->has_url)
		k->url = hash64(s->url.p, s->url.n);
	buf_free(&raw);
}

static void mark_near(const struct repeats *r, struct repeat_scratch *s,
	const char *text, size_t n, struct repeat_marks *k)
{
	if (!s->sig)
		s->sig = xcalloc((size_t)minhash_length(r->minhash),
			sizeof *s->sig);
	if (!k->near)
		k->near = xcalloc((size_t)r->o.bands, sizeof *k->near);
	k->has_near = minhash_sign(r->minhash, &s->minhash, text, n,
		s->sig) > 0;
	if (k->has_near)
		minhash_keys(r->minhash, s->sig, k->near);
}

/* Adds the part text[at..at+len), keyed by its trimmed content. A part that is
 * only white space is always kept. */
static void add_part(const struct repeats *r, struct repeat_marks *k,
	const char *text, size_t at, size_t len)
{
	const char *s = text + at;
	size_t n = ascii_trim(&s, len, ascii_space);

	k->part = grow(k->part, k->npart, &k->part_cap, sizeof *k->part);
	k->part[k->npart++] = (struct repeat_part){
		hash64(s, n), at, len, n && n >= r->o.least };
}

/* The length of the line at s including its newline. */
static size_t line_length(const char *s, size_t n)
{
	const char *nl = memchr(s, '\n', n);

	return nl ? (size_t)(nl - s) + 1 : n;
}

static void mark_lines(const struct repeats *r, const char *text, size_t n,
	struct repeat_marks *k)
{
	size_t at, len;

	for (at = 0; at < n; at += len) {
		len = line_length(text + at, n - at);
		add_part(r, k, text, at, len);
	}
}

/* A paragraph includes the blank lines after it. */
static void mark_paragraphs(const struct repeats *r, const char *text,
	size_t n, struct repeat_marks *k)
{
	size_t at = 0, from = 0, len;
	bool gap = false;

	for (; at < n; at += len) {
		bool blank;

		len = line_length(text + at, n - at);
		blank = ascii_only(text + at, len, ascii_space);
		if (gap && !blank) {
			add_part(r, k, text, from, at - from);
			from = at;
		}
		gap = blank;
	}
	if (from < n)
		add_part(r, k, text, from, n - from);
}

void repeats_mark(const struct repeats *r, struct repeat_scratch *s,
	struct doc *doc, struct repeat_marks *k)
{
	const char *text = NULL;
	size_t n = 0;

	if (r->o.modes & ~REPEAT_URL)
		text = doc_text(doc, &n);
	if (r->o.modes & REPEAT_URL)
		mark_url(s, doc, k);
	if (r->o.modes & REPEAT_EXACT)
		k->exact = hash64(text, n);
	if (r->o.modes & REPEAT_NEAR)
		mark_near(r, s, text, n, k);
	k->npart = 0;
	if (r->o.modes & REPEAT_LINE)
		mark_lines(r, text, n, k);
	else if (r->o.modes & REPEAT_PARAGRAPH)
		mark_paragraphs(r, text, n, k);
}

/* ---- tables ---- */

/* Whether key is known; if so, joins the document with the key's first one. */
static bool known(struct repeats *r, struct seen *table, uint64_t key,
	uint32_t number)
{
	uint32_t first = seen_put(table, key, number);

	if (first == SEEN_NEVER)
		return false;
	if (r->o.clusters)
		clusters_join(&r->clusters, first, number);
	return true;
}

static bool known_near(struct repeats *r, const struct repeat_marks *k,
	uint32_t number)
{
	bool any = false;
	int i;

	if (!k->has_near)
		return false;
	for (i = 0; i < r->o.bands; i++)
		seen_prefetch(r->near[i], k->near[i]);
	for (i = 0; i < r->o.bands; i++)
		any |= known(r, r->near[i], k->near[i], number);
	return any;
}

/* Concatenates the parts that are new. False when there were parts that count
 * and none of them is left. */
static bool drop_parts(struct repeats *r, struct doc *doc,
	const struct repeat_marks *k)
{
	size_t i, n, kept = 0, dropped = 0;
	const char *text = doc_text(doc, &n);

	buf_reset(&r->text);
	for (i = 0; i < k->npart; i++) {
		const struct repeat_part *p = &k->part[i];

		if (p->counts &&
			seen_put(r->parts, p->key, 0) != SEEN_NEVER) {
			dropped++;
			r->nparts++;
			r->nbytes += p->len;
			continue;
		}
		kept += !ascii_only(text + p->at, p->len,
			ascii_space);
		buf_add(&r->text, text + p->at, p->len);
	}
	if (!dropped)
		return true;
	if (kept)
		doc_set_text(doc, r->text.p, r->text.n);
	return kept > 0;
}

int repeats_judge(struct repeats *r, struct doc *doc,
	const struct repeat_marks *k)
{
	uint32_t number = r->o.clusters ? clusters_add(&r->clusters) : 0;

	if (r->url && k->has_url && known(r, r->url, k->url, number))
		return REPEAT_URL;
	if (r->exact && known(r, r->exact, k->exact, number))
		return REPEAT_EXACT;
	if (r->near && known_near(r, k, number))
		return REPEAT_NEAR;
	if (r->parts && !drop_parts(r, doc, k))
		return r->o.modes & REPEAT_LINE ? REPEAT_LINE :
			REPEAT_PARAGRAPH;
	return 0;
}

struct clusters *repeats_clusters(struct repeats *r)
{
	return &r->clusters;
}

static void add_counts(const struct seen *s, struct repeats_counts *c)
{
	if (!s)
		return;
	c->known += seen_count(s);
	if (seen_turns(s) > c->turns)
		c->turns = seen_turns(s);
	if (seen_room(s) < c->room)
		c->room = seen_room(s);
}

void repeats_count(const struct repeats *r, struct repeats_counts *c)
{
	int i;

	*c = (struct repeats_counts){ r->nparts, r->nbytes, 0, UINT64_MAX, 0 };
	add_counts(r->url, c);
	add_counts(r->exact, c);
	add_counts(r->parts, c);
	for (i = 0; r->near && i < r->o.bands; i++)
		add_counts(r->near[i], c);
}
