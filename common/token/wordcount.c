/* wordcount.c - counts how often each word occurs: see wordcount.h
 *
 * Words of up to 15 bytes are their own keys in the table; for longer words it
 * holds a hash and a pointer to the bytes.
 */
#include "common/token/wordcount.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/buf.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/format/whatis.h"
#include "common/token/cache.h"

#define LONG 0xff	/* highest byte of key.hi of a long word */
#define BATCH 32

/* key.hi = 0: free. A long word: key.lo is its hash, key.hi its pointer. */
struct count_slot {
	struct cache_key key;
	uint64_t count;
};

struct long_word {
	size_t len;
	char p[];
};

struct wordcount {
	struct count_slot *slots;
	size_t n, mask;
	uint64_t total;
	struct arena longs;
};

struct wordcount *wordcount_new(void)
{
	struct wordcount *c = xcalloc(1, sizeof *c);

	c->mask = ((size_t)1 << 15) - 1;
	c->slots = xcalloc(c->mask + 1, sizeof *c->slots);
	return c;
}

void wordcount_free(struct wordcount *c)
{
	if (!c)
		return;
	free(c->slots);
	arena_free(&c->longs);
	free(c);
}

static bool is_long(struct cache_key k)
{
	return k.hi >> 56 == LONG;
}

static const struct long_word *long_word(struct cache_key k)
{
	return (const struct long_word *)(uintptr_t)(k.hi << 8 >> 8);
}

static uint64_t key_hash(struct cache_key k)
{
	if (is_long(k))
		return k.lo;
	return hash_mix(k.lo ^ k.hi * 0x9e3779b97f4a7c15u);
}

static void enlarge(struct wordcount *c)
{
	struct count_slot *old = c->slots;
	size_t i, k, n = c->mask + 1;

	c->mask = 2 * n - 1;
	c->slots = xcalloc(2 * n, sizeof *c->slots);
	for (i = 0; i < n; i++) {
		if (!old[i].key.hi)
			continue;
		k = key_hash(old[i].key) & c->mask;
		while (c->slots[k].key.hi)
			k = (k + 1) & c->mask;
		c->slots[k] = old[i];
	}
	free(old);
}

static void new_word(struct wordcount *c, struct count_slot *s,
	struct cache_key key, uint64_t n)
{
	s->key = key;
	s->count = n;
	if (2 * ++c->n > c->mask)
		enlarge(c);
}

static void add_short(struct wordcount *c, struct cache_key key, uint64_t hash,
	uint64_t n)
{
	size_t i = hash & c->mask;

	for (; c->slots[i].key.hi; i = (i + 1) & c->mask) {
		struct count_slot *s = &c->slots[i];

		if (s->key.lo == key.lo && s->key.hi == key.hi) {
			s->count += n;
			return;
		}
	}
	new_word(c, &c->slots[i], key, n);
}

static void add_long(struct wordcount *c, const char *word, size_t len,
	uint64_t n)
{
	struct cache_key key = { hash64(word, len), 0 };
	struct long_word *w;
	size_t i = key.lo & c->mask;

	for (; c->slots[i].key.hi; i = (i + 1) & c->mask) {
		struct count_slot *s = &c->slots[i];
		const struct long_word *there = long_word(s->key);

		if (is_long(s->key) && s->key.lo == key.lo &&
			there->len == len && !memcmp(there->p, word, len)) {
			s->count += n;
			return;
		}
	}
	w = arena_alloc(&c->longs, sizeof *w + len);
	w->len = len;
	memcpy(w->p, word, len);
	key.hi = (uint64_t)LONG << 56 | (uint64_t)(uintptr_t)w << 8 >> 8;
	new_word(c, &c->slots[i], key, n);
}

static void add_count(struct wordcount *c, const char *word, size_t len,
	uint64_t n)
{
	struct cache_key key;

	c->total += n;
	if (len > CACHE_WORD) {
		add_long(c, word, len, n);
	} else if (len) {
		key = cache_key(word, len, 0, len);
		add_short(c, key, key_hash(key), n);
	}
}

/* BATCH words at once, so that their slots are fetched from memory together. */
static void add_batch(struct wordcount *c, const struct split *w, size_t at,
	const size_t *ends, size_t n)
{
	struct cache_key keys[BATCH];
	uint64_t hashes[BATCH];
	size_t i, start = at;

	for (i = 0; i < n; at = ends[i++]) {
		if (ends[i] - at > CACHE_WORD)
			continue;
		keys[i] = cache_key(w->text, w->len, at, ends[i] - at);
		hashes[i] = key_hash(keys[i]);
		__builtin_prefetch(&c->slots[hashes[i] & c->mask]);
	}
	for (i = 0, at = start; i < n; at = ends[i++]) {
		if (ends[i] - at > CACHE_WORD)
			add_long(c, w->text + at, ends[i] - at, 1);
		else
			add_short(c, keys[i], hashes[i], 1);
	}
	c->total += n;
}

void wordcount_text(struct wordcount *c, struct split *w,
	const struct splitter *s, const char *text, size_t len)
{
	size_t start = 0, n, i;

	split_start(w, s, text, len);
	while ((n = split_next(w)) > 0) {
		for (i = 0; i < n; i += BATCH) {
			size_t some = n - i < BATCH ? n - i : BATCH;

			add_batch(c, w, start, w->ends + i, some);
			start = w->ends[i + some - 1];
		}
	}
}

void wordcount_merge(struct wordcount *c, const struct wordcount *from)
{
	struct word_count w;
	size_t state = 0;

	while (wordcount_next(from, &state, &w))
		add_count(c, w.p, w.len, w.count);
}

size_t wordcount_size(const struct wordcount *c)
{
	return c->n;
}

uint64_t wordcount_total(const struct wordcount *c)
{
	return c->total;
}

static void get_word(const struct count_slot *s, struct word_count *w)
{
	w->count = s->count;
	if (is_long(s->key)) {
		w->p = long_word(s->key)->p;
		w->len = long_word(s->key)->len;
	} else {
		memcpy(w->copy, &s->key, 16);
		w->p = w->copy;
		w->len = s->key.hi >> 56;
	}
}

bool wordcount_next(const struct wordcount *c, size_t *state, struct word_count *w)
{
	while (*state <= c->mask) {
		const struct count_slot *s = &c->slots[(*state)++];

		if (s->key.hi) {
			get_word(s, w);
			return true;
		}
	}
	return false;
}

/* ---- files ---- */

static int by_count(const void *left, const void *right)
{
	struct word_count a, b;
	size_t n;
	int order;

	get_word(*(const struct count_slot *const *)left, &a);
	get_word(*(const struct count_slot *const *)right, &b);
	if (a.count != b.count)
		return a.count > b.count ? -1 : 1;
	n = a.len < b.len ? a.len : b.len;
	order = memcmp(a.p, b.p, n);
	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static void write_escaped(struct output *out, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		switch (s[i]) {
		case '\\':
			output_str(out, "\\\\");
			break;
		case '\n':
			output_str(out, "\\n");
			break;
		case '\r':
			output_str(out, "\\r");
			break;
		case '\t':
			output_str(out, "\\t");
			break;
		default:
			output_putc(out, s[i]);
		}
	}
}

void wordcount_write(const struct wordcount *c, const char *pattern,
	const char *name)
{
	const struct count_slot **order = xmalloc((c->n + 1) * sizeof *order);
	struct output *out = output_open(name);
	size_t i, n = 0;

	for (i = 0; i <= c->mask; i++)
		if (c->slots[i].key.hi)
			order[n++] = &c->slots[i];
	qsort(order, n, sizeof *order, by_count);
	output_str(out, "#words 1\t");
	write_escaped(out, pattern, strlen(pattern));
	output_putc(out, '\n');
	for (i = 0; i < n; i++) {
		struct word_count w;

		get_word(order[i], &w);
		output_printf(out, "%" PRIu64 "\t", w.count);
		write_escaped(out, w.p, w.len);
		output_putc(out, '\n');
	}
	output_close(out);
	free(order);
}

/* Reverses write_escaped, into b; false for an invalid escape. */
static bool read_escaped(struct buf *b, const char *s, size_t n)
{
	static const char from[] = "\\nrt", to[] = "\\\n\r\t";
	size_t i;

	buf_reset(b);
	for (i = 0; i < n; i++) {
		const char *e;

		if (s[i] != '\\') {
			buf_putc(b, s[i]);
			continue;
		}
		if (++i == n || !s[i] || !(e = strchr(from, s[i])))
			return false;
		buf_putc(b, to[e - from]);
	}
	buf_end(b);
	return true;
}

static void read_header(struct input *in, struct buf *b, char **pattern)
{
	static const char magic[] = "#words 1\t";
	const size_t n = sizeof magic - 1;
	char *line;
	size_t len;

	if (!input_line(in, &line, &len, 1 << 20) || len < n ||
		memcmp(line, magic, n) || !read_escaped(b, line + n, len - n))
		die("%s: not a file of word counts as written by --counts%s",
			input_name(in), whatis_note(input_name(in)));
	if (*pattern && strcmp(*pattern, b->p))
		die("%s: its words were split by the pattern '%s', not '%s'",
			input_name(in), b->p, *pattern);
	if (!*pattern)
		*pattern = xstrdup(b->p);
}

void wordcount_read(struct wordcount *c, const char *name, char **pattern)
{
	struct input *in = input_open(name);
	struct buf word = { 0 };
	char *line;
	size_t len, i;

	read_header(in, &word, pattern);
	while (input_line(in, &line, &len, 0)) {
		uint64_t count = 0;

		for (i = 0; i < len && line[i] >= '0' && line[i] <= '9' &&
			count < UINT64_MAX / 20; i++)
			count = 10 * count + (uint64_t)(line[i] - '0');
		if (!count || i + 1 >= len || line[i] != '\t' ||
			!input_ended_in_newline(in) ||
			!read_escaped(&word, line + i + 1, len - i - 1))
			die("%s:%" PRIu64 ": not a count, a tab and a word",
				input_name(in), input_lineno(in));
		add_count(c, word.p, word.n, count);
	}
	buf_free(&word);
	input_close(in);
}
