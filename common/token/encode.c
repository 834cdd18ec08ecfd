/* encode.c - encodes words by cache and merging: see encode.h */
#include "common/token/encode.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/nfc.h"
#include "common/token/cache.h"
#include "common/token/vocab_parts.h"

/* The number of words whose slots are prefetched at once. */
#define BATCH 32

struct encoder {
	const struct vocab *v;
	struct split split;
	struct cache cache;
	struct merge_scratch scratch;
	struct pieces pieces;	/* for a vocabulary with several steps */
	struct buf nfc, kept, spaced;
	enum tok_place place;	/* of the text to be encoded next */
	uint64_t dropped;	/* bytes without a token; words with such bytes
				 * are not cached */
};

uint32_t *ids_room(struct ids *ids, size_t n)
{
	if (ids->cap - ids->n < n) {
		size_t cap = ids->cap ? 2 * ids->cap : 256;

		ids->cap = cap < ids->n + n ? ids->n + n : cap;
		ids->v = xrealloc(ids->v, ids->cap, sizeof *ids->v);
	}
	return ids->v + ids->n;
}

void ids_add(struct ids *ids, uint32_t id)
{
	*ids_room(ids, 1) = id;
	ids->n++;
}

void ids_free(struct ids *ids)
{
	free(ids->v);
	*ids = (struct ids){ 0 };
}

struct encoder *encoder_new(const struct vocab *v)
{
	struct encoder *e = xcalloc(1, sizeof *e);

	e->v = v;
	cache_init(&e->cache);
	return e;
}

void encoder_free(struct encoder *e)
{
	if (!e)
		return;
	__atomic_fetch_add(e->v->dropped, e->dropped, __ATOMIC_RELAXED);
	split_free(&e->split);
	pieces_free(&e->pieces);
	buf_free(&e->nfc);
	buf_free(&e->kept);
	buf_free(&e->spaced);
	cache_free(&e->cache);
	merge_scratch_free(&e->scratch);
	free(e);
}

void encoder_place(struct encoder *e, const char *name, uint64_t line)
{
	e->split.name = e->pieces.split.name = name;
	e->split.line = e->pieces.split.line = line;
}

/* A word in which bytes without a token become unk, or nothing, so that their
 * neighbours may be merged. */
static size_t encode_lacking(struct encoder *e, const char *word, size_t len,
	uint32_t *out)
{
	const struct vocab *v = e->v;
	bool last = false;
	size_t i;

	buf_reset(&e->kept);
	for (i = 0; i < len; i++) {
		bool lacks = v->lacks[(unsigned char)word[i]];

		e->dropped += lacks && v->unk < 0;
		if (!lacks || (v->unk >= 0 && !(last && v->fuse_unk)))
			buf_putc(&e->kept, word[i]);
		last = lacks;
	}
	return merge_word(&v->table, &e->scratch, e->kept.n ? e->kept.p : "",
		e->kept.n, out);
}

/* A word that is in no cache. */
static size_t encode_word(struct encoder *e, const char *word, size_t len,
	uint32_t *out)
{
	int64_t id;

	if (e->v->spaces)
		return metaspace_encode(e->v, &e->scratch, word, len, out);
	if (e->v->whole_words && (id = vocab_find(e->v, word, len)) >= 0) {
		*out = (uint32_t)id;
		return 1;
	}
	if (e->v->lacking)
		return encode_lacking(e, word, len, out);
	return merge_word(&e->v->table, &e->scratch, word, len, out);
}

static void encode_long(struct encoder *e, const char *word, size_t len,
	struct ids *out)
{
	uint64_t hash = 0, before;
	size_t n;
	const uint32_t *known = cache_find_long(&e->cache, word, len, &n, &hash);
	uint32_t *to = ids_room(out, len);

	if (known) {
		memcpy(to, known, n * sizeof *to);
	} else {
		before = e->dropped;
		n = encode_word(e, word, len, to);
		if (e->dropped == before)
			cache_put_long(&e->cache, hash, word, len, to, n);
	}
	out->n += n;
}

static void encode_short(struct encoder *e, const char *word, size_t len,
	struct cache_key key, size_t place, struct ids *out)
{
	const struct cache_slot *s = e->cache.slots + place;
	uint32_t *to = ids_room(out, CACHE_WORD);
	uint64_t before;
	size_t n;

	if (s->key.lo != key.lo || s->key.hi != key.hi)
		s++;
	if (s->key.lo == key.lo && s->key.hi == key.hi) {
		memcpy(to, s->ids, sizeof s->ids);
		to[0] &= ((uint32_t)1 << 28) - 1;
		out->n += s->ids[0] >> 28;
		return;
	}
	before = e->dropped;
	n = encode_word(e, word, len, to);
	if (n <= CACHE_IDS && e->dropped == before)
		cache_put(&e->cache, key, place, to, n);
	out->n += n;
}

/* Encodes at most BATCH words of split from index i on; the first starts at
 * start. */
static void encode_batch(struct encoder *e, size_t start, const size_t *ends,
	size_t n, struct ids *out)
{
	const struct split *w = &e->split;
	struct cache_key keys[BATCH];
	size_t places[BATCH], i, at;

	cache_make_room(&e->cache);
	for (i = 0, at = start; i < n; at = ends[i++]) {
		if (ends[i] - at > CACHE_WORD)
			continue;
		keys[i] = cache_key(w->text, w->len, at, ends[i] - at);
		places[i] = cache_place(&e->cache, keys[i]);
		__builtin_prefetch(e->cache.slots + places[i]);
	}
	for (i = 0, at = start; i < n; at = ends[i++]) {
		size_t len = ends[i] - at;

		if (len > CACHE_WORD)
			encode_long(e, w->text + at, len, out);
		else
			encode_short(e, w->text + at, len, keys[i], places[i],
				out);
	}
}

/* ---- texts ---- */

static void encode_words(struct encoder *e, const char *text, size_t len,
	struct ids *out)
{
	size_t start = 0, n, i;

	split_start(&e->split, e->v->splitter, text, len);
	while ((n = split_next(&e->split)) > 0) {
		const size_t *ends = e->split.ends;

		for (i = 0; i < n; i += BATCH) {
			size_t some = n - i < BATCH ? n - i : BATCH;

			encode_batch(e, start, ends + i, some, out);
			start = ends[i + some - 1];
		}
	}
}

static void encode_one(struct encoder *e, const char *text, size_t len,
	size_t at, size_t n, struct ids *out)
{
	struct cache_key key;

	cache_make_room(&e->cache);
	if (n > CACHE_WORD) {
		encode_long(e, text + at, n, out);
		return;
	}
	key = cache_key(text, len, at, n);
	encode_short(e, text + at, n, key, cache_place(&e->cache, key), out);
}

static void encode_steps(struct encoder *e, const char *text, size_t len,
	struct ids *out)
{
	const struct pieces *p = &e->pieces;
	size_t i;

	pretokenizer_run(e->v->steps, &e->pieces, text, len);
	for (i = 0; i < p->n; i++)
		encode_one(e, p->text, p->len, p->v[i].at,
			p->v[i].end - p->v[i].at, out);
}

/* ---- texts with spaces in front ---- */

static bool needs_space(const struct encoder *e, const char *text, size_t len)
{
	enum metaspace_prefix p = e->v->spaces->prefix;

	if (p == METASPACE_NEVER || !len || e->place == TOK_INSIDE ||
		(p == METASPACE_FIRST && e->place != TOK_START))
		return false;
	return p == METASPACE_ALWAYS || (*text != ' ' && (len < 3 ||
		memcmp(text, METASPACE_CHAR, 3)));
}

/* A stretch of text that merging sees as a whole. */
static void encode_stretch(struct encoder *e, const char *text, size_t len,
	size_t at, size_t end, struct ids *out)
{
	int64_t id = e->v->whole_words ? vocab_find(e->v, text + at, end - at) :
		-1;
	size_t from;

	if (id >= 0) {
		ids_add(out, (uint32_t)id);
		return;
	}
	for (; at < end; at = from) {
		from = metaspace_word(e->v->spaces, text, end, at);
		encode_one(e, text, len, at, from - at, out);
	}
}

static void encode_spaced(struct encoder *e, const char *text, size_t len,
	struct ids *out)
{
	const struct metaspace *m = e->v->spaces;
	size_t at, end;

	if (m->late)
		metaspace_text(&text, &len, needs_space(e, text, len),
			&e->spaced);
	for (at = 0; at < len; at = end) {
		const char *space = m->split ?
			memchr(text + at + 1, ' ', len - at - 1) : NULL;

		end = space ? (size_t)(space - text) : len;
		encode_stretch(e, text, len, at, end, out);
	}
}

/* ---- added tokens and normalization ---- */

/* Encodes the added tokens of a set, and by `part` the text between them. */
static void encode_around(struct encoder *e, const struct added_set *set,
	void (*part)(struct encoder *, const char *, size_t, struct ids *),
	const char *text, size_t len, struct ids *out)
{
	struct added_match m = { 0 };
	size_t done = 0;

	while (added_next(set, text, len, &m)) {
		if (m.at > done)
			part(e, text + done, m.at - done, out);
		ids_add(out, m.token->id);
		e->place = TOK_AFTER;
		done = m.end;
	}
	if (len > done)
		part(e, text + done, len - done, out);
}

static void encode_normal(struct encoder *e, const char *text, size_t len,
	struct ids *out)
{
	const struct vocab *v = e->v;

	if (v->spaces && !v->spaces->late)
		metaspace_text(&text, &len, needs_space(e, text, len),
			&e->spaced);
	encode_around(e, &v->normalized, v->spaces ? encode_spaced : v->steps ?
		encode_steps : encode_words, text, len, out);
}

static void normalize(struct encoder *e, const char *text, size_t len,
	struct ids *out)
{
	if (e->v->nfc && !nfc_is(text, len)) {
		buf_reset(&e->nfc);
		nfc_add(&e->nfc, text, len);
		encode_normal(e, e->nfc.p, e->nfc.n, out);
	} else {
		encode_normal(e, text, len, out);
	}
}

void tok_encode_at(struct encoder *e, enum tok_place place, const char *text,
	size_t len, struct ids *out)
{
	e->place = place;
	encode_around(e, &e->v->plain, normalize, text, len, out);
}

void tok_encode(struct encoder *e, const char *text, size_t len,
	struct ids *out)
{
	tok_encode_at(e, TOK_START, text, len, out);
}

/* Between a newline and an ASCII character that no merge joins; U+2581 would be a
 * space. */
static size_t cut_spaced(const struct metaspace *m, const char *text,
	size_t len, size_t at)
{
	for (at += !at; at < len; at++) {
		const char *nl = memchr(text + at - 1, '\n', len - at);

		if (!nl)
			return len;
		at = (size_t)(nl - text) + 1;
		if ((unsigned char)text[at] < 128 &&
			metaspace_word(m, text, at + 1, at - 1) == at)
			return at;
	}
	return len;
}

/* Where a pattern allows a cut, between a newline and a letter, no characters
 * compose either; added tokens must not extend across it. */
size_t tok_safe_cut(const struct vocab *v, const char *text, size_t len,
	size_t at)
{
	size_t i;

	if (v->steps || (v->spaces && v->whole_words))
		return len;
	for (i = 0; i < v->nadded; i++) {
		const struct added_token *t = v->added[i];

		if ((!t->special && (t->lstrip || t->rstrip)) ||
			memchr(t->content, '\n', t->len))
			return len;
	}
	return v->spaces ? cut_spaced(v->spaces, text, len, at) :
		split_safe_cut(v->splitter, text, len, at);
}
