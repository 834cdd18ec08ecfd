/* lexicon.c - word counts in one pass over the bytes: see lexicon.h */
#include "common/extract/lexicon.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/ascii.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"

enum { LEX_STOP = 1, LEX_PLATE = 2, LEX_HARD = 4, LEX_MONEY = 8, LEX_SLOTS = 2048 };

static const char stop_words[] =
	"the a an and or but of to in on at by for with from as is are was "
	"were be been has have had do does did not this that these those it "
	"its he she they we you i his her their our your my me him them who "
	"which what when where how if than then so can will would could "
	"should may about into over after before more some any all no up out "
	"there just also der die das und ist nicht ein eine mit von zu den im "
	"für auf sich dem des le la les et est un une dans que qui pour pas "
	"sur avec au du en ce il el los las y es por con para se del lo como "
	"más o os da do que não uma em um na di che è per non si della het van "
	"een dat niet zijn voor met op";
static const char plate_words[] =
	"share subscribe sign log login cookie cookies privacy terms "
	"newsletter related read more reply cart comments comment follow "
	"advertisement previous next back menu search skip copyright rights "
	"reserved email view all home contact about help download buy shop "
	"free shipping posted by views likes report quote edit loading close "
	"show filter sort page javascript account facebook twitter category "
	"tags author ago continue print save joined location members online "
	"users topic topics forum policy learn click explore discover";
static const char hard_words[] =
	"share subscribe cookie cookies privacy newsletter login cart skip "
	"javascript menu reserved advertisement sign facebook twitter policy "
	"terms account filter loading";

struct lexicon {
	struct {
		uint64_t hash;
		unsigned flags;
	} slot[LEX_SLOTS];
};

static const uint64_t HASH_START = 0x2d358dccaa6c78a5u;

static inline uint64_t add_char(uint64_t h, uint32_t c)
{
	return (h ^ c) * 0x9fb21c651e98df25u;
}

static size_t lexicon_slot(const struct lexicon *l, uint64_t hash)
{
	size_t i = hash % LEX_SLOTS;

	while (l->slot[i].flags && l->slot[i].hash != hash)
		i = (i + 1) % LEX_SLOTS;
	return i;
}

static void lexicon_add(struct lexicon *l, const char *list, unsigned flag)
{
	const char *end = list + strlen(list);

	while (list < end) {
		uint64_t h = HASH_START;
		size_t i;

		while (list < end && *list != ' ') {
			uint32_t c;

			list += utf8_decode(list, (size_t)(end - list), &c, NULL);
			h = add_char(h, c);
		}
		h = hash_mix(h);
		i = lexicon_slot(l, h);
		l->slot[i].hash = h;
		l->slot[i].flags |= flag;
		list += list < end;
	}
}

struct lexicon *lexicon_new(void)
{
	struct lexicon *l = xcalloc(1, sizeof *l);

	lexicon_add(l, stop_words, LEX_STOP);
	lexicon_add(l, plate_words, LEX_PLATE);
	lexicon_add(l, hard_words, LEX_HARD);
	lexicon_add(l, "usd eur gbp", LEX_MONEY);
	return l;
}

void lexicon_free(struct lexicon *l)
{
	free(l);
}

/* The words at the position of the scan, as pointers into the text. */
struct scan {
	const struct lexicon *lexicon;
	struct word_hashes *words;
	struct word_counts *counts;
	const char *start, *end;	/* the text */
	const char *word;		/* the current word; NULL between words */
	const char *before, *before_end;	/* the previous word, or NULL */
	uint64_t hash;
};

static bool all_digits(const char *s, const char *end)
{
	while (s < end && ascii_digit(*s))
		s++;
	return s == end;
}

static bool is_month(const char *s, size_t n)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	int i;

	for (i = 0; n >= 3 && i < 36; i += 3)
		if (!strncasecmp(s, names + i, 3))
			return true;
	return false;
}

static bool is_time_unit(const char *s, size_t n)
{
	static const char *const units[] = { "hour", "day", "week", "month",
		"year", "min", "minute" };
	size_t i;

	if (n && (s[n - 1] | 32) == 's')
		n--;
	for (i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i]) == n && !strncasecmp(s, units[i], n))
			return true;
	return false;
}

/* Whether the word w[0..n), which starts with a digit, is a year, a time of day
 * or, together with the word before it, a month and day. */
static bool ends_date(const struct scan *s, const char *w, size_t n)
{
	const char *b = s->before, *be = s->before_end;

	if (n == 4 && (!memcmp(w, "19", 2) || !memcmp(w, "20", 2)) &&
		all_digits(w, w + 4))
		return true;
	if (!b)
		return false;
	if (n == 2 && w - be == 1 && *be == ':' && be - b <= 2)
		return all_digits(b, be) && all_digits(w, w + 2);
	if ((w - be == 1 && *be == ' ') || (w - be == 2 && !memcmp(be, ". ", 2)))
		return is_month(b, (size_t)(be - b));
	return false;
}

static void word_end(struct scan *s, const char *p)
{
	struct word_counts *c = s->counts;
	struct word_hashes *w = s->words;
	uint64_t hash = hash_mix(s->hash);
	size_t n = (size_t)(p - s->word);
	size_t i = lexicon_slot(s->lexicon, hash);
	unsigned flags = s->lexicon->slot[i].flags;

	w->hash = grow(w->hash, w->n, &w->cap, sizeof *w->hash);
	w->hash[w->n++] = hash;
	c->words++;
	c->stop += flags & LEX_STOP;
	c->plate += flags >> 1 & 1;
	c->hard += flags >> 2 & 1;
	c->price |= flags >> 3 & 1;
	if (ascii_digit(*s->word))
		c->date |= ends_date(s, s->word, n);
	else if (n == 3 && s->before && !strncasecmp(s->word, "ago", 3) &&
		s->word - s->before_end == 1)
		c->date |= is_time_unit(s->before,
			(size_t)(s->before_end - s->before));
	s->before = s->word;
	s->before_end = p;
	s->word = NULL;
}

static void word_begin(struct scan *s, const char *p, bool capital)
{
	s->word = p;
	s->hash = HASH_START;
	s->counts->capital += capital;
}

/* Whether closing quotes, if any, and then space or the end follow the end mark
 * at p. */
static bool ends_sentence(const char *p, const char *end)
{
	for (;;) {
		if (p == end || *p == ' ' || (*p >= '\t' && *p <= '\r'))
			return true;
		if (*p == '"' || *p == '\'' || *p == ')' || *p == ']')
			p++;
		else if (end - p >= 3 && (!memcmp(p, "\u201d", 3) ||
			!memcmp(p, "\u2019", 3)))
			p += 3;
		else
			return false;
	}
}

/* Whether there is a number next to the currency sign of n bytes at p. */
static bool beside_number(const struct scan *s, const char *p, int n)
{
	const char *after = p + n, *before = p;

	if (after < s->end && *after == ' ')
		after++;
	if (after < s->end && ascii_digit(*after))
		return true;
	if (before > s->start && before[-1] == ' ')
		before--;
	return before > s->start && ascii_digit(before[-1]);
}

static void ascii_mark(struct scan *s, const char *p)
{
	if (*p == '.' || *p == '!' || *p == '?')
		s->counts->sentences += ends_sentence(p + 1, s->end);
	else if (*p == '$')
		s->counts->price |= beside_number(s, p, 1);
}

static bool is_ideograph(uint32_t c)
{
	return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x3400 && c <= 0x9fff) ||
		(c >= 0xac00 && c <= 0xd7af) || (c >= 0x20000 && c < 0x32000);
}

/* Processes the non-ASCII character at p. Returns its length in bytes. */
static int wide_char(struct scan *s, const char *p)
{
	uint32_t c;
	int n = utf8_decode(p, (size_t)(s->end - p), &c, NULL);
	unsigned class = unicode_class(c);

	if (class & UNI_ALNUM) {
		if (!s->word)
			word_begin(s, p, class & UNI_UPPER);
		s->hash = add_char(s->hash,
			class & UNI_UPPER ? unicode_lower(c) : c);
		s->counts->ideographs += is_ideograph(c);
		return n;
	}
	if (s->word)
		word_end(s, p);
	if (c == 0x3002 || c == 0xff01 || c == 0xff1f)
		s->counts->sentences++;
	else if (c == 0xa3 || c == 0xa5 || c == 0x20ac || c == 0x20b9)
		s->counts->price |= beside_number(s, p, n);
	return n;
}

/* 1: lower-case letter, digit or underscore; 2: capital letter; 0: other. */
static const unsigned char kind_of[128] = {
	['0'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['_'] = 1,
	['a'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	['A'] = 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
	2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2,
};

static bool is_ended(const char *s, size_t n)
{
	static const char *const marks[] = { "\u3002", "\uff01", "\uff1f",
		"\u2026", "\u201d" };
	size_t i;

	while (n && (s[n - 1] == ' ' || s[n - 1] == '\n'))
		n--;
	if (n && strchr(".!?\":", s[n - 1]) && s[n - 1])
		return true;
	for (i = 0; n >= 3 && i < sizeof marks / sizeof *marks; i++)
		if (!memcmp(s + n - 3, marks[i], 3))
			return true;
	return false;
}

void lexicon_count(const struct lexicon *l, const char *text, size_t n,
	struct word_hashes *w, struct word_counts *c)
{
	struct scan s = { .lexicon = l, .words = w, .counts = c,
		.start = text, .end = text + n };
	const char *p = text;

	*c = (struct word_counts){ 0 };
	while (p < s.end) {
		unsigned char b = (unsigned char)*p;

		c->chars++;
		if (b >= 0x80) {
			p += wide_char(&s, p);
			continue;
		}
		if (kind_of[b]) {
			if (!s.word)
				word_begin(&s, p, kind_of[b] == 2);
			s.hash = add_char(s.hash, kind_of[b] == 2 ? b | 32u : b);
		} else {
			if (s.word)
				word_end(&s, p);
			if (b != ' ')
				ascii_mark(&s, p);
		}
		p++;
	}
	if (s.word)
		word_end(&s, p);
	c->ended = is_ended(text, n);
}
