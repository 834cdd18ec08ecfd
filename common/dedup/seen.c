/* seen.c - remembers keys in bounded memory: see seen.h. Linear probing. The
 * home slot of a key is its position among all 64-bit numbers scaled to the
 * size of the table, so any size works and enlarging reads both tables in order.
 */
#include "common/dedup/seen.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define FIRST_SLOTS ((size_t)1 << 12)

struct table {
	uint64_t *keys;		/* 0: free */
	uint32_t *numbers;	/* NULL without numbers */
	size_t nslot, n;
};

struct seen {
	struct table now, old;
	size_t most;		/* slots of a table at its maximum size */
	bool has_numbers;
	unsigned turns;
};

static void table_new(struct table *t, size_t nslot, bool numbers)
{
	t->nslot = nslot;
	t->n = 0;
	t->keys = xcalloc(nslot, sizeof *t->keys);
	t->numbers = numbers ? xmalloc(nslot * sizeof *t->numbers) : NULL;
}

static void table_free(struct table *t)
{
	free(t->keys);
	free(t->numbers);
	*t = (struct table){ 0 };
}

static inline size_t home(const struct table *t, uint64_t key)
{
	return (size_t)((unsigned __int128)key * t->nslot >> 64);
}

/* The slot that holds key, or the free one where it belongs. */
static inline size_t find(const struct table *t, uint64_t key)
{
	size_t i = home(t, key);

	while (t->keys[i] && t->keys[i] != key)
		if (++i == t->nslot)
			i = 0;
	return i;
}

static bool is_full(const struct table *t)
{
	return t->n >= t->nslot / 4 * 3;
}

static size_t slot_bytes(bool numbers)
{
	return sizeof(uint64_t) + (numbers ? sizeof(uint32_t) : 0);
}

size_t seen_least(bool numbers)
{
	return 2 * FIRST_SLOTS * slot_bytes(numbers);
}

struct seen *seen_new(size_t bytes, bool numbers)
{
	struct seen *s = xcalloc(1, sizeof *s);

	s->most = bytes / 2 / slot_bytes(numbers);
	if (s->most < FIRST_SLOTS)
		s->most = FIRST_SLOTS;
	s->has_numbers = numbers;
	table_new(&s->now, FIRST_SLOTS, numbers);
	return s;
}

void seen_free(struct seen *s)
{
	table_free(&s->now);
	table_free(&s->old);
	free(s);
}

static void enlarge(struct seen *s)
{
	struct table bigger;
	size_t nslot = 2 * s->now.nslot, i, k;

	table_new(&bigger, nslot < s->most ? nslot : s->most, s->has_numbers);
	for (i = 0; i < s->now.nslot; i++) {
		if (!s->now.keys[i])
			continue;
		k = find(&bigger, s->now.keys[i]);
		bigger.keys[k] = s->now.keys[i];
		if (s->has_numbers)
			bigger.numbers[k] = s->now.numbers[i];
	}
	bigger.n = s->now.n;
	table_free(&s->now);
	s->now = bigger;
}

static void turn(struct seen *s)
{
	size_t nslot = s->now.nslot;

	table_free(&s->old);
	s->old = s->now;
	table_new(&s->now, nslot, s->has_numbers);
	s->turns++;
}

void seen_prefetch(const struct seen *s, uint64_t key)
{
	size_t i = home(&s->now, key);

	__builtin_prefetch(&s->now.keys[i]);
	if (s->old.keys)
		__builtin_prefetch(&s->old.keys[home(&s->old, key)]);
}

/* Puts key, which is missing, into slot i of the current table. */
static void put_new(struct seen *s, size_t i, uint64_t key, uint32_t number)
{
	s->now.keys[i] = key;
	if (s->has_numbers)
		s->now.numbers[i] = number;
	s->now.n++;
	if (is_full(&s->now)) {
		if (s->now.nslot < s->most)
			enlarge(s);
		else
			turn(s);
	}
}

static uint32_t number_at(const struct seen *s, const struct table *t,
	size_t i)
{
	return s->has_numbers ? t->numbers[i] : 0;
}

uint32_t seen_put(struct seen *s, uint64_t key, uint32_t number)
{
	uint32_t known = SEEN_NEVER;
	size_t i, k;

	key += !key;
	i = find(&s->now, key);
	if (s->now.keys[i])
		return number_at(s, &s->now, i);
	if (s->old.keys) {
		k = find(&s->old, key);
		if (s->old.keys[k])
			known = number_at(s, &s->old, k);
	}
	/* A key found only in the old table moves to the new one. */
	put_new(s, i, key, known == SEEN_NEVER ? number : known);
	return known;
}

uint64_t seen_count(const struct seen *s)
{
	return s->now.n + s->old.n;
}

unsigned seen_turns(const struct seen *s)
{
	return s->turns;
}

uint64_t seen_room(const struct seen *s)
{
	return s->most / 4 * 3;
}
