/* encode.c - words to ids by cache and merging, ids to bytes: see encode.h */
#include "common/token/encode.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/token/cache.h"
#include "common/token/vocab_parts.h"

/* Words whose slots are fetched from memory at once. */
#define BATCH 32

struct encoder {
	const struct vocab *v;
	struct split split;
	struct cache cache;
	struct merge_scratch scratch;
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
	split_free(&e->split);
	cache_free(&e->cache);
	merge_scratch_free(&e->scratch);
	free(e);
}

/* A word that no cache holds. */
static size_t encode_word(struct encoder *e, const char *word, size_t len,
	uint32_t *out)
{
	int64_t id;

	if (e->v->whole_words && (id = vocab_find(e->v, word, len)) >= 0) {
		*out = (uint32_t)id;
		return 1;
	}
	return merge_word(&e->v->table, &e->scratch, word, len, out);
}

static void encode_long(struct encoder *e, const char *word, size_t len,
	struct ids *out)
{
	uint64_t hash = 0;
	size_t n;
	const uint32_t *known = cache_find_long(&e->cache, word, len, &n, &hash);
	uint32_t *to = ids_room(out, len);

	if (known) {
		memcpy(to, known, n * sizeof *to);
	} else {
		n = encode_word(e, word, len, to);
		cache_put_long(&e->cache, hash, word, len, to, n);
	}
	out->n += n;
}

static void encode_short(struct encoder *e, const char *word, size_t len,
	struct cache_key key, size_t place, struct ids *out)
{
	const struct cache_slot *s = e->cache.slots + place;
	uint32_t *to = ids_room(out, CACHE_WORD);
	size_t n;

	if (s->key.lo != key.lo || s->key.hi != key.hi)
		s++;
	if (s->key.lo == key.lo && s->key.hi == key.hi) {
		memcpy(to, s->ids, sizeof s->ids);
		to[0] &= ((uint32_t)1 << 28) - 1;
		out->n += s->ids[0] >> 28;
		return;
	}
	n = encode_word(e, word, len, to);
	if (n <= CACHE_IDS)
		cache_put(&e->cache, key, place, to, n);
	out->n += n;
}

/* Words i.. of split, at most BATCH of them, the first begins at start. */
static void encode_batch(struct encoder *e, size_t start, const size_t *ends,
	size_t n, struct ids *out)
{
	const struct split *w = &e->split;
	struct cache_key keys[BATCH];
	size_t places[BATCH], i, at;

	for (i = 0, at = start; i < n; at = ends[i++]) {
		if (ends[i] - at > CACHE_WORD)
			continue;
		keys[i] = cache_key(w->text, w->len, at, ends[i] - at);
		places[i] = cache_place(keys[i]);
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

void tok_encode(struct encoder *e, const char *text, size_t len,
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

/* ---- back to bytes ---- */

static size_t decode(const struct vocab *v, const uint32_t *ids, size_t n,
	bool specials, struct buf *out)
{
	size_t i, len, skipped = 0;

	for (i = 0; i < n; i++) {
		const char *bytes = vocab_bytes(v, ids[i], &len);

		if (!bytes)
			skipped++;
		else if (specials || !vocab_is_special(v, ids[i]))
			buf_add(out, bytes, len);
	}
	return skipped;
}

size_t tok_decode(const struct vocab *v, const uint32_t *ids, size_t n,
	struct buf *out)
{
	return decode(v, ids, n, true, out);
}

size_t tok_decode_text(const struct vocab *v, const uint32_t *ids, size_t n,
	struct buf *out)
{
	return decode(v, ids, n, false, out);
}
