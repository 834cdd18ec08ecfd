/* nfc.c - Normalization Form C: see nfc.h
 *
 * A text is split before each character of kind 0: nothing is reordered or
 * composed across such a position. Segments of one character stay; the others
 * are decomposed, ordered by combining class and composed.
 */
#include "common/base/nfc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

extern const unsigned char data_nfc[];

#define HEADER 12
#define ROW 12
#define S_BASE 0xac00u
#define L_BASE 0x1100u
#define V_BASE 0x1161u
#define T_BASE 0x11a7u
#define V_COUNT 21u
#define T_COUNT 28u
#define S_COUNT 11172u

struct mark {
	uint32_t c;
	uint32_t place;		/* keeps the sort stable */
};

struct segment {
	struct mark *v;
	size_t n, cap;
};

static unsigned kind(uint32_t c)
{
	const unsigned char *stage = data_nfc + HEADER +
		ROW * ((size_t)get_le32(data_nfc) + get_le32(data_nfc + 4));

	return stage[4352 + stage[c >> 8] * 256 + (c & 255)];
}

static unsigned combining(uint32_t c)
{
	unsigned k = kind(c);

	return k == 255 ? 0 : k;
}

/* The row that starts with first, and with second if that is not 0. */
static const unsigned char *find_row(const unsigned char *rows, size_t n,
	uint32_t first, uint32_t second)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		const unsigned char *row = rows + ROW * mid;
		uint32_t a = get_le32(row), b = second ? get_le32(row + 4) : 0;

		if (a == first && b == second)
			return row;
		if (a < first || (a == first && b < second))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* ---- decomposition ---- */

static void add_mark(struct segment *s, uint32_t c)
{
	s->v = grow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n] = (struct mark){ c, (uint32_t)s->n };
	s->n++;
}

static void decompose(struct segment *s, uint32_t c)
{
	const unsigned char *row;

	if (c - S_BASE < S_COUNT) {
		uint32_t i = c - S_BASE;

		add_mark(s, L_BASE + i / (V_COUNT * T_COUNT));
		add_mark(s, V_BASE + i / T_COUNT % V_COUNT);
		if (i % T_COUNT)
			add_mark(s, T_BASE + i % T_COUNT);
		return;
	}
	row = find_row(data_nfc + HEADER, get_le32(data_nfc), c, 0);
	if (!row) {
		add_mark(s, c);
		return;
	}
	decompose(s, get_le32(row + 4));	/* at most four levels */
	if (get_le32(row + 8))
		add_mark(s, get_le32(row + 8));
}

static int by_class(const void *x, const void *y)
{
	const struct mark *a = x, *b = y;
	unsigned p = combining(a->c), q = combining(b->c);

	return p != q ? (p < q ? -1 : 1) : a->place < b->place ? -1 : 1;
}

static void order_marks(struct segment *s)
{
	size_t i, from;

	for (i = 0; i < s->n; i++) {
		for (from = i; i < s->n && combining(s->v[i].c); i++)
			;
		if (i > from + 1)
			qsort(s->v + from, i - from, sizeof *s->v, by_class);
	}
}

/* ---- composition ---- */

static uint32_t compose_pair(uint32_t a, uint32_t b)
{
	size_t nsplit = get_le32(data_nfc), npair = get_le32(data_nfc + 4);
	const unsigned char *row;

	if (a - L_BASE < 19 && b - V_BASE < V_COUNT)
		return S_BASE + ((a - L_BASE) * V_COUNT + b - V_BASE) *
			T_COUNT;
	if (a - S_BASE < S_COUNT && (a - S_BASE) % T_COUNT == 0 &&
		b > T_BASE && b - T_BASE < T_COUNT)
		return a + b - T_BASE;
	row = find_row(data_nfc + HEADER + ROW * nsplit, npair, a, b);
	return row ? get_le32(row + 8) : 0;
}

/* A mark combines with the last starter unless a character between has the same
 * or a higher class, or is a starter itself. */
static void compose(struct segment *s)
{
	size_t starter = SIZE_MAX, i, n = 0;
	unsigned last = 0;	/* class of the last one kept after the starter */

	for (i = 0; i < s->n; i++) {
		uint32_t c = s->v[i].c, joined = 0;
		unsigned k = combining(c);

		if (starter != SIZE_MAX && (n == starter + 1 || last < k))
			joined = compose_pair(s->v[starter].c, c);
		if (joined) {
			s->v[starter].c = joined;
			continue;
		}
		if (!k)
			starter = n;
		last = k;
		s->v[n++].c = c;
	}
	s->n = n;
}

static void flush_segment(struct buf *b, struct segment *s)
{
	size_t i;

	order_marks(s);
	compose(s);
	for (i = 0; i < s->n; i++)
		b->n += (size_t)utf8_encode(buf_room(b, 4), s->v[i].c);
	s->n = 0;
}

/* ---- texts ---- */

/* The first position at or after `at` with a character that is not of kind 0, or
 * n. All characters below U+0300, whose bytes are below 0xcc, are of kind 0. */
static size_t find_unsettled(const char *s, size_t n, size_t at)
{
	uint32_t c;
	bool valid;

	while (at < n) {
		size_t len;

		if ((unsigned char)s[at] < 0xcc) {
			at++;
			continue;
		}
		len = (size_t)utf8_decode(s + at, n - at, &c, &valid);
		if (valid && kind(c))
			return at;
		at += len;
	}
	return n;
}

bool nfc_is(const char *s, size_t n)
{
	return find_unsettled(s, n, 0) == n;
}

/* The start of the character before `at`, if it is valid and after from; else
 * at. */
static size_t starter_before(const char *s, size_t from, size_t at)
{
	size_t back = at;
	uint32_t c;
	bool valid;

	while (back > from && at - back < 4) {
		back--;
		if (((unsigned char)s[back] & 0xc0) != 0x80)
			return utf8_decode(s + back, at - back, &c, &valid) ==
				(int)(at - back) && valid ? back : at;
	}
	return at;
}

void nfc_add(struct buf *b, const char *s, size_t n)
{
	struct segment segment = { 0 };
	size_t at = 0, from;
	uint32_t c;
	bool valid;

	while ((from = find_unsettled(s, n, at)) < n) {
		size_t start = starter_before(s, at, from);

		buf_add(b, s + at, start - at);
		for (at = start; at < n; ) {
			size_t len = (size_t)utf8_decode(s + at, n - at, &c,
				&valid);

			if (!valid || (at > start && !kind(c)))
				break;
			decompose(&segment, c);
			at += len;
		}
		flush_segment(b, &segment);
	}
	buf_add(b, s + at, n - at);
	free(segment.v);
}
