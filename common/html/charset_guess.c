/* charset_guess.c - guesses the encoding: see charset_guess.h */
#include "common/html/charset_guess.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/base/bytes.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/html/charset.h"
#include "common/html/charset_encodings.h"

enum {
	SAMPLE = 1024,		/* bytes of words */
	UNIT = 16,		/* costs are in 1/16 nat */
	OTHER = 7		/* surcharge in nats on all but windows-1252 */
};

/* Classes of characters in an alphabet; its letters start at FIRST. */
enum { BOUND, ASCII, LETTER, MARK, SYMBOL, INVALID, FIRST, UPPER = 0x80 };

extern const unsigned char data_charset[];

struct sample {
	unsigned char s[SAMPLE + 2];
	size_t n, high;
};

struct contest {
	const struct sample *sample;
	struct charset_guess best;
};

static uint32_t take_u32(const unsigned char **p)
{
	uint32_t v = get_le32(*p);

	*p += 4;
	return v;
}

/* Bytes that in every encoding stand between two characters: in GB 18030,
 * digits may be part of a character, in other encodings letters. */
static bool parts_words(unsigned char c)
{
	return c < 0x30 || (c > 0x39 && c < 0x40);
}

/* Collects the words with a byte above 0x7f, each surrounded by blanks. */
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
		if (i - from > SAMPLE - to->n)	/* an endless word */
			i = from + SAMPLE - to->n;
		memcpy(to->s + to->n, s + from, i - from);
		to->n += i - from;
		to->s[to->n++] = ' ';
		to->high += high;
	}
}

/* head: the surcharge for a rare encoding. */
static void enter(struct contest *c, const char *name, double cost,
	double head)
{
	cost += head + (strcmp(name, "windows-1252") ? OTHER : 0);
	if (cost < c->best.cost) {
		c->best.cost = cost;
		c->best.name = name;
	}
}

/* ---- alphabets ---- */

struct alphabet {
	unsigned nletter, nmark, nencoding;
	const unsigned char *letters, *marks, *costs, *encodings;
	unsigned char ascii[128];	/* classes of ASCII */
};

enum { ENCODING = 16 };		/* bytes of a name with its cost */

/* The index of c among n ascending u16 values; n if it is missing. */
static unsigned find(const unsigned char *sorted, unsigned n, uint32_t c)
{
	unsigned lo = 0, hi = n;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		uint32_t have = get_le16(sorted + 2 * mid);

		if (have == c)
			return mid;
		if (have < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return n;
}

/* The class of c, plus UPPER for an upper-case letter. */
static unsigned classify(const struct alphabet *a, uint32_t c)
{
	uint32_t low = unicode_lower(c);
	unsigned kinds = unicode_class(c);
	unsigned i = find(a->letters, a->nletter, low);

	if (i < a->nletter)
		return (FIRST + i) | (low != c ? UPPER : 0);
	if (c < 0x80)
		return kinds & UNI_LETTER ? ASCII : BOUND;
	if (kinds & (UNI_LETTER | UNI_MARK))
		return c < 0x2000 ? LETTER : INVALID;
	if (c < 0xa0 || c == 0xfffd)
		return INVALID;
	return find(a->marks, a->nmark, c) < a->nmark ? MARK : SYMBOL;
}

/* Reads the alphabet at p; returns the end of it. */
static const unsigned char *take_alphabet(struct alphabet *a,
	const unsigned char *p)
{
	unsigned classes = FIRST + p[0], i;

	a->nletter = p[0];
	a->nmark = p[1];
	a->nencoding = p[2];
	a->letters = p + 3;
	a->marks = a->letters + 2 * a->nletter;
	a->costs = a->marks + 2 * a->nmark;
	a->encodings = a->costs + classes * classes;
	for (i = 0; i < 128; i++)
		a->ascii[i] = (unsigned char)classify(a, i);
	return a->encodings + ENCODING * a->nencoding;
}

/* The state of scoring a text, and its cost so far. */
struct reading {
	unsigned prev, shape;
	uint64_t sum;
	double cases;
};

/* Costs in nats of a lower-case and an upper-case letter after no letter, a
 * lower-case one and an upper-case one. */
static const double case_cost[3][2] = {
	{ .3, 1.4 }, { 0, 6 }, { .7, .7 }
};

static inline void read_class(struct reading *r, const struct alphabet *a,
	unsigned class)
{
	unsigned letter = class & ~(unsigned)UPPER;

	if (r->prev != BOUND || letter != BOUND)
		r->sum += a->costs[r->prev * (FIRST + a->nletter) + letter];
	if (letter >= FIRST) {
		r->cases += case_cost[r->shape][class >= UPPER];
		r->shape = class >= UPPER ? 2 : 1;
	} else if (letter == BOUND) {
		r->shape = 0;
	}
	r->prev = letter;
}

static double cost_of(const struct reading *r)
{
	return (double)r->sum / UNIT + r->cases;
}

/* The cost of the sample; `table` decodes bytes from 0x80 on. */
static double spell(const struct sample *sample, const struct alphabet *a,
	const uint16_t *table)
{
	struct reading r = { 0 };
	unsigned char class[256];
	unsigned i;

	memcpy(class, a->ascii, 128);
	for (i = 0; i < 128; i++)
		class[128 + i] = (unsigned char)(table[i] ?
			classify(a, table[i]) : INVALID);
	for (i = 0; i < sample->n; i++)
		read_class(&r, a, class[sample->s[i]]);
	return cost_of(&r);
}

/* The same for text[0..n) in UTF-8. */
static double spell_text(const struct alphabet *a, const char *text, size_t n)
{
	struct reading r = { 0 };
	uint32_t c;
	size_t i = 0;

	while (i < n) {
		i += (size_t)utf8_decode(text + i, n - i, &c, NULL);
		read_class(&r, a, classify(a, c));
	}
	return cost_of(&r);
}

/* Enters every encoding of every language; returns the end of the alphabets. */
static const unsigned char *alphabets(struct contest *c,
	const unsigned char *p)
{
	uint32_t languages = take_u32(&p);
	struct alphabet a;
	unsigned i;

	for (; languages; languages--) {
		p = take_alphabet(&a, p);
		for (i = 0; i < a.nencoding; i++) {
			const unsigned char *e = a.encodings + ENCODING * i;
			const char *name = (const char *)e;

			enter(c, charset_named(name)->name, spell(c->sample,
				&a, charset_named(name)->table),
				e[ENCODING - 1] / (double)UNIT);
		}
	}
	return p;
}

/* ---- characters ---- */

struct frequencies {
	const char *language;
	const unsigned char *chars, *costs;
	uint32_t n;
};

static double frequency_cost(const struct frequencies *f, uint32_t c)
{
	unsigned i = find(f->chars, f->n, c);

	return i < f->n ? f->costs[i] / (double)UNIT : 15;
}

/* Reads the language at p; returns the end of it. */
static const unsigned char *take_frequencies(struct frequencies *f,
	const unsigned char *p)
{
	f->language = (const char *)p;
	p += 8;
	f->n = take_u32(&p);
	f->chars = p;
	f->costs = p + 2 * f->n;
	return f->costs + f->n;
}

/* The cost of text[0..n) in UTF-8. */
static double read_characters(const struct frequencies *f, const char *text,
	size_t n)
{
	enum { BLANK, LATIN, WIDE } prev = BLANK, now;
	static const double ascii[2][3] = { { 0, 1.5, 2.5 }, { 4, 3.2, 7 } };
	double sum = 0;
	uint32_t c;
	size_t i;

	for (i = 0; i < n; prev = now) {
		i += (size_t)utf8_decode(text + i, n - i, &c, NULL);
		now = c >= 0x80 ? WIDE : c >= 0x40 ? LATIN : BLANK;
		if (now != WIDE)
			sum += ascii[now][prev];
		else
			sum += frequency_cost(f, c) + (prev == LATIN ? 3 : 0);
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
		p = take_frequencies(&f, p);
		for (i = 0; i < sizeof all / sizeof *all; i++) {
			if (strcmp(all[i].language, f.language))
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

/* The lowest cost of text[0..n), UTF-8, in any CJK language; their tables are
 * at p. */
static double least_of_characters(const unsigned char *p, const char *text,
	size_t n)
{
	uint32_t languages = take_u32(&p);
	struct frequencies f;
	double least = INFINITY;

	for (; languages; languages--) {
		p = take_frequencies(&f, p);
		least = fmin(least, read_characters(&f, text, n));
	}
	return least;
}

static bool same(const char *a, const char *b)
{
	const struct encoding *e = charset_named(a), *f = charset_named(b);

	return e->kind == f->kind && e->table == f->table;
}

/* The cost of the declared encoding, in the likeliest of all languages. */
static double cost_of_claim(const struct sample *sample, const char *claim)
{
	const uint16_t *table = charset_named(claim)->table;
	const unsigned char *p = data_charset + 4;
	struct buf text = { 0 };
	struct alphabet a;
	double least = INFINITY;
	uint32_t n;

	charset_decode(&text, (const char *)sample->s, sample->n, claim);
	for (n = take_u32(&p); n; n--) {
		p = take_alphabet(&a, p);
		least = fmin(least, table ? spell(sample, &a, table) :
			spell_text(&a, text.p, text.n));
	}
	least = fmin(least, least_of_characters(p, text.p, text.n));
	buf_free(&text);
	return least;
}

/* Whether there are control bytes that no text has. */
static bool has_controls(const char *s, size_t n)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		found += (unsigned char)s[i] < 0x20 &&
			!memchr("\t\n\f\r\033", s[i], 5);
	return found >= 2 && found >= n / 64;
}

/* UTF-16 text of CJK characters without ASCII has no zero bytes: only the
 * likelihood of its characters shows it. */
static void utf16(struct charset_guess *g, const char *page, size_t n)
{
	static const char *const names[] = { "UTF-16LE", "UTF-16BE" };
	const unsigned char *p = data_charset + 4;
	struct buf text = { 0 };
	struct alphabet a;
	uint32_t k;

	n = n < SAMPLE ? n : SAMPLE;
	n -= n % 2;
	if (!has_controls(page, n))
		return;
	for (k = take_u32(&p); k; k--)
		p = take_alphabet(&a, p);
	for (k = 0; k < 2; k++) {
		double each, best = g->cost / (double)g->length;

		buf_reset(&text);
		charset_decode(&text, page, n, names[k]);
		each = least_of_characters(p, text.p, text.n) / (double)n;
		if (each < 4 && each < .8 * best) {
			g->name = names[k];
			g->cost = each * (double)g->length;
		}
	}
	buf_free(&text);
}

struct charset_guess charset_guess(const char *page, size_t n,
	const char *claim)
{
	struct sample sample;
	struct contest c = {
		&sample, { "windows-1252", INFINITY, INFINITY, 0, 0 }
	};

	collect(&sample, (const unsigned char *)page, n);
	c.best.length = sample.n;
	c.best.high = sample.high;
	if (!sample.high)
		return c.best;
	characters(&c, alphabets(&c, data_charset + 4));
	utf16(&c.best, page, n);
	if (claim && same(c.best.name, claim))
		c.best.claimed = c.best.cost;
	else if (claim)
		c.best.claimed = cost_of_claim(&sample, claim);
	return c.best;
}
