/* charset_guess.c - the likeliest encoding: see charset_guess.h */
#include "common/text/charset_guess.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/utf8.h"
#include "common/text/charset.h"
#include "common/text/charset_encodings.h"

enum {
	SAMPLE = 4096,		/* bytes of words */
	UPPER = 0x80,		/* of a class: an upper-case letter */
	BOUND = 0, FIRST = 6,	/* classes: none of a word; the first letter */
	UNIT = 16		/* costs are in 1/16 nat */
};

extern const unsigned char data_charset[];

struct sample {
	unsigned char s[SAMPLE + 2];
	size_t n, high;
};

struct contest {
	const struct sample *sample;
	const char *claim;
	struct charset_guess best;
};

static uint32_t take_u32(const unsigned char **p)
{
	uint32_t v = (*p)[0] | (uint32_t)(*p)[1] << 8 |
		(uint32_t)(*p)[2] << 16 | (uint32_t)(*p)[3] << 24;

	*p += 4;
	return v;
}

/* Bytes at which every encoding is between two characters: in GB 18030 digits
 * may be inside one, elsewhere letters. */
static bool parts_words(unsigned char c)
{
	return c < 0x30 || (c > 0x39 && c < 0x40);
}

/* Keeps the words that have a byte above 0x7f, with a blank around each. */
static void collect(struct sample *to, const unsigned char *s, size_t n)
{
	size_t i = 0, from, high;

	to->n = to->high = 0;
	to->s[to->n++] = ' ';
	while (i < n && to->n < SAMPLE) {
		while (i < n && parts_words(s[i]))
			i++;
		for (from = i, high = 0; i < n && !parts_words(s[i]); i++)
			high += s[i] >= 0x80;
		if (!high)
			continue;
		if (i - from > SAMPLE - to->n)	/* one without an end */
			i = from + SAMPLE - to->n;
		memcpy(to->s + to->n, s + from, i - from);
		to->n += i - from;
		to->s[to->n++] = ' ';
		to->high += high;
	}
}

static bool same(const char *a, const char *b)
{
	if (!strncmp(a, "ISO-8859-8", 10))
		a = "ISO-8859-8";
	if (!strncmp(b, "ISO-8859-8", 10))
		b = "ISO-8859-8";
	if (!strcmp(b, "GBK"))
		b = "gb18030";
	return !strcmp(a, b);
}

/* head: what its rarity costs, which a claim makes up for. */
static void enter(struct contest *c, const char *name, double cost,
	double head)
{
	struct charset_guess *best = &c->best;

	if (c->claim && same(name, c->claim) && cost < best->claimed)
		best->claimed = cost;
	if (cost + head < best->cost) {
		best->cost = cost + head;
		best->name = name;
	}
}

/* ---- alphabets ---- */

/* Costs of lower and upper case behind nothing, lower and upper, in nats. */
static const double case_cost[3][2] = {
	{ .3, 1.4 }, { 0, 6 }, { .7, .7 }
};

/* The cost of the sample where a byte is of class[byte]. */
static double spell(const struct sample *sample, const unsigned char *class,
	const unsigned char *table, unsigned n)
{
	unsigned prev = BOUND, shape = 0;
	uint64_t sum = 0;
	double cases = 0;
	size_t i;

	for (i = 0; i < sample->n; i++) {
		unsigned k = class[sample->s[i]], letter = k & ~(unsigned)UPPER;

		if (prev != BOUND || letter != BOUND)
			sum += table[prev * n + letter];
		if (letter >= FIRST) {
			cases += case_cost[shape][k >= UPPER];
			shape = k >= UPPER ? 2 : 1;
		} else if (letter == BOUND) {
			shape = 0;
		}
		prev = letter;
	}
	return (double)sum / UNIT + cases;
}

static const unsigned char *alphabets(struct contest *c,
	const unsigned char *p)
{
	uint32_t languages = take_u32(&p);
	unsigned char class[256];

	for (; languages; languages--) {
		unsigned n = p[0], m = p[1];
		const unsigned char *table = p + 2 + 128;

		memcpy(class, p + 2, 128);
		for (p = table + n * n; m; m--, p += 17 + 128) {
			memcpy(class + 128, p + 17, 128);
			enter(c, (const char *)p,
				spell(c->sample, class, table, n),
				p[16] / (double)UNIT);
		}
	}
	return p;
}

/* ---- characters ---- */

struct frequencies {
	const unsigned char *chars, *costs;
	uint32_t n;
};

static double frequency_cost(const struct frequencies *f, uint32_t c)
{
	size_t lo = 0, hi = f->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		uint32_t have = f->chars[2 * mid] |
			(uint32_t)f->chars[2 * mid + 1] << 8;

		if (have == c)
			return f->costs[mid] / (double)UNIT;
		if (have < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 15;
}

/* The cost of text[0..n), UTF-8. */
static double read_characters(const struct frequencies *f, const char *text,
	size_t n)
{
	enum { BLANK, LETTER, WIDE } prev = BLANK, now;
	static const double ascii[2][3] = { { 0, 1.5, 2.5 }, { 4, 3.2, 7 } };
	double sum = 0;
	uint32_t c;
	size_t i;

	for (i = 0; i < n; prev = now) {
		i += (size_t)utf8_decode(text + i, n - i, &c, NULL);
		now = c >= 0x80 ? WIDE : c >= 0x40 ? LETTER : BLANK;
		if (now != WIDE)
			sum += ascii[now][prev];
		else
			sum += frequency_cost(f, c) + (prev == LETTER ? 3 : 0);
	}
	return sum;
}

static void characters(struct contest *c, const unsigned char *p)
{
	static const struct { const char *language, *name; double head; } all[] = {
		{ "zh", "GBK", 1 }, { "zh-Hant", "Big5", 1 },
		{ "ja", "Shift_JIS", 1 }, { "ja", "EUC-JP", 1.5 },
		{ "ko", "EUC-KR", 1 }, { "zh-Hant", "GBK", 4 }
	};
	uint32_t languages = take_u32(&p);
	struct frequencies f;
	struct buf text = { 0 };
	size_t i;

	for (; languages; languages--) {
		const char *language = (const char *)p;

		p += 8;
		f.n = take_u32(&p);
		f.chars = p;
		f.costs = p + 2 * f.n;
		p += 3 * f.n;
		for (i = 0; i < sizeof all / sizeof *all; i++) {
			if (strcmp(all[i].language, language))
				continue;
			buf_reset(&text);
			charset_decode(&text, (const char *)c->sample->s,
				c->sample->n, all[i].name);
			enter(c, all[i].name, read_characters(&f, text.p,
				text.n), all[i].head);
		}
	}
	buf_free(&text);
}

struct charset_guess charset_guess(const char *page, size_t n,
	const char *claim)
{
	struct sample sample;
	struct contest c = {
		&sample, claim, { "windows-1252", INFINITY, INFINITY, 0 }
	};

	collect(&sample, (const unsigned char *)page, n);
	c.best.length = sample.n;
	if (sample.high)
		characters(&c, alphabets(&c, data_charset + 4));
	return c.best;
}
