/* words.c - splits a text into words: see words.h
 *
 * A span is the text between two runs of white space. The ends of its words
 * are kept as a flag per character, set by prefixes, suffixes, infixes and
 * exceptions.
 */
#include "common/filter/words.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/filter/uchar.h"

struct words_span {
	const char *text;
	uint32_t *c;		/* code points */
	uint32_t *at;		/* their byte offsets in text; n + 1 */
	uint16_t *k;		/* their classes */
	char *cut;		/* a word ends before character i; n + 1 */
	size_t n, cap;
};

/* ---- affixes of s[lo..hi) ---- */

static bool is_digit(uint32_t c)
{
	return c - '0' < 10;
}

static size_t prefix_length(const struct words_span *s, size_t lo, size_t hi)
{
	const uint32_t *c = s->c + lo;
	size_t n = hi - lo, i;

	switch (c[0]) {
	case 0xa7: case '%': case '=': case 0x2014: case 0x2013:
		return 1;
	case '+':
		return n < 2 || !is_digit(c[1]);
	case '.':
		for (i = 1; i < n && c[i] == '.'; i++)
			;
		return i > 1 ? i : 0;
	case 'U':
		return n > 2 && c[1] == 'S' && c[2] == '$' ? 3 : 0;
	case 'C': case 'A':
		return n > 1 && c[1] == '$' ? 2 : 0;
	}
	return !!(s->k[lo] & (UC_AFFIX | UC_CURRENCY | UC_ICON));
}

/* Split off when they follow a digit. */
static const char *const units[] = {
	"km", "km²", "km³", "m", "m²", "m³", "dm", "dm²", "dm³", "cm", "cm²",
	"cm³", "mm", "mm²", "mm³", "ha", "µm", "nm", "yd", "in", "ft", "kg",
	"g", "mg", "µg", "t", "lb", "oz", "m/s", "km/h", "kmh", "mph", "hPa",
	"Pa", "mbar", "mb", "MB", "kb", "KB", "gb", "GB", "tb", "TB", "T",
	"G", "M", "K", "%", "км", "км²", "км³", "м", "м²", "м³", "дм", "дм²",
	"дм³", "см", "см²", "см³", "мм", "мм²", "мм³", "нм", "кг", "г", "мг",
	"м/с", "км/ч", "кПа", "Па", "мбар", "Кб", "КБ", "кб", "Мб", "МБ",
	"мб", "Гб", "ГБ", "гб", "Тб", "ТБ", "كم²", "كم³", "م", "م²", "م³",
	"سم", "سم²", "سم³", "مم", "مم²", "مم³", "كم", "غرام", "جرام", "جم",
	"كغ", "ملغ", "كوب", "اكواب", "US$", "C$", "A$"
};

static bool is_unit(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i]) == len && !memcmp(units[i], s, len))
			return true;
	return false;
}

/* The length of the unit after a number at the end of s[lo..hi). */
static size_t unit_length(const struct words_span *s, size_t lo, size_t hi)
{
	size_t i;

	for (i = hi; i > lo && hi - i <= 5 && !is_digit(s->c[i - 1]); i--)
		;
	if (i == hi || i == lo || !is_digit(s->c[i - 1]))
		return 0;
	if (hi - i == 1 && (s->k[i] & UC_CURRENCY || s->c[i] == '+'))
		return 1;
	return is_unit(s->text + s->at[i], s->at[hi] - s->at[i]) ? hi - i : 0;
}

/* Whether the full stop at i, the last character of s[lo..), ends a sentence
 * rather than an abbreviation. */
static bool is_stop(const struct words_span *s, size_t lo, size_t i)
{
	uint32_t c;

	if (i == lo)
		return false;
	c = s->c[i - 1];
	if (is_digit(c) || s->k[i - 1] & (UC_LOWER | UC_AFFIX) || c == '%' ||
		c == 0xb2 || c == '-' || c == '+' || c == '|')
		return true;
	if (i - lo < 2)
		return false;
	if (s->c[i - 2] == 0xb0 && strchr("FfCcKk", (int)(c < 128 ? c : 'x')))
		return true;
	return s->k[i - 1] & s->k[i - 2] & UC_UPPER;
}

static size_t suffix_length(const struct words_span *s, size_t lo, size_t hi)
{
	size_t n = hi - lo, unit, i;
	uint32_t last, before;

	if (!n)
		return 0;
	last = s->c[hi - 1];
	before = n > 1 ? s->c[hi - 2] : 0;
	if (last == '.') {
		for (i = hi; i > lo && s->c[i - 1] == '.'; i--)
			;
		return hi - i > 1 ? hi - i : is_stop(s, lo, hi - 1);
	}
	if (last == 0x2026)
		return before == 0x2026 ? 2 : 1;
	if ((last == 's' || last == 'S') && (before == '\'' || before == 0x2019))
		return 2;
	if ((unit = unit_length(s, lo, hi)) > 0)
		return unit;
	return s->k[hi - 1] & (UC_AFFIX | UC_ICON) || last == 0x2014 ||
		last == 0x2013;
}

/* ---- infixes ---- */

/* The length of a dash at i that joins two words. */
static size_t dash_length(const struct words_span *s, size_t i, size_t hi)
{
	size_t run, n;

	if (s->c[i] == 0x2013 || s->c[i] == '~')
		return i + 1 < hi && s->k[i + 1] & UC_ALPHA;
	if (s->c[i] != '-' && s->c[i] != 0x2014)
		return 0;
	run = s->c[i] == '-' ? 3 : 2;
	for (n = 1; n <= run; n++) {
		if (i + n < hi && s->k[i + n] & UC_ALPHA)
			return n;
		if (i + n >= hi || s->c[i + n] != s->c[i])
			return 0;
	}
	return 0;
}

static size_t infix_between(const struct words_span *s, size_t i, size_t hi)
{
	uint32_t c = s->c[i], next = i + 1 < hi ? s->c[i + 1] : 0;
	unsigned kb = s->k[i - 1], kn = i + 1 < hi ? s->k[i + 1] : 0;
	bool digit = is_digit(s->c[i - 1]);

	if ((c == '+' || c == '-' || c == '*' || c == '^') && digit &&
		(is_digit(next) || next == '-'))
		return 1;
	if (c == '.')
		return kb & (UC_LOWER | UC_QUOTE) && kn & (UC_UPPER | UC_QUOTE);
	if (c == ',')
		return kb & kn & UC_ALPHA ? 1 : 0;
	if (!(kb & UC_ALPHA) && !digit)
		return 0;
	if (c == ':' || c == '<' || c == '>' || c == '=' || c == '/')
		return kn & UC_ALPHA ? 1 : 0;
	return dash_length(s, i, hi);
}

/* The length of the infix at i, inside s[lo..hi). */
static size_t infix_length(const struct words_span *s, size_t lo, size_t i,
	size_t hi)
{
	size_t j;

	if (s->c[i] == '.' && i + 1 < hi && s->c[i + 1] == '.') {
		for (j = i; j < hi && s->c[j] == '.'; j++)
			;
		return j - i;
	}
	if (s->c[i] == 0x2026 || s->k[i] & UC_ICON)
		return 1;
	if (s->k[i] & (UC_LETTER | UC_DIGIT))
		return 0;
	return i > lo ? infix_between(s, i, hi) : 0;
}

static void cut_infixes(struct words_span *s, size_t lo, size_t hi)
{
	size_t i, n;

	for (i = lo; i < hi; i += n ? n : 1) {
		n = infix_length(s, lo, i, hi);
		if (n && i > lo)
			s->cut[i] = s->cut[i + n] = 1;
	}
}

/* ---- a span ---- */

static bool special_at(const struct words_span *s, size_t lo, size_t hi,
	struct words_special *sp)
{
	return words_special(s->text + s->at[lo], s->at[hi] - s->at[lo], sp);
}

static void cut_special(struct words_span *s, size_t lo, size_t hi,
	uint32_t cuts)
{
	size_t i;

	for (i = lo + 1; i < hi; i++)
		s->cut[i] = cuts >> (i - lo - 1) & 1;
}

/* Splits off affixes until nothing changes or an exception remains; the rest is
 * *lo, *hi. True: it is the exception *sp. */
static bool cut_affixes(struct words_span *s, size_t *lo, size_t *hi,
	bool use_special, struct words_special *sp)
{
	size_t pre, suf;

	while (*lo < *hi) {
		if (use_special && special_at(s, *lo, *hi, sp))
			return true;
		pre = prefix_length(s, *lo, *hi);
		if (pre && *lo + pre < *hi && use_special &&
			special_at(s, *lo + pre, *hi, sp)) {
			s->cut[*lo += pre] = 1;
			return true;
		}
		suf = suffix_length(s, *lo + pre, *hi);
		if (suf && *lo < *hi - suf && use_special &&
			special_at(s, *lo, *hi - suf, sp)) {
			s->cut[*hi -= suf] = 1;
			return true;
		}
		if (!pre && !suf)
			return false;
		s->cut[*lo += pre] = 1;
		s->cut[*hi -= suf] = 1;
	}
	return false;
}

static void cut_span(struct words_span *s, bool use_special)
{
	struct words_special sp;
	size_t lo = 0, hi = s->n;

	memset(s->cut, 0, s->n + 1);
	if (cut_affixes(s, &lo, &hi, use_special, &sp))
		cut_special(s, lo, hi, sp.cuts);
	else if (lo < hi && !words_is_url(s->c + lo, s->k + lo, hi - lo))
		cut_infixes(s, lo, hi);
	s->cut[s->n] = 1;
}

/* The word ends inside s[lo..hi) as a mask. */
static uint32_t cuts_of(const struct words_span *s, size_t lo, size_t hi)
{
	uint32_t cuts = 0;
	size_t i;

	for (i = lo + 1; i < hi; i++)
		cuts |= (uint32_t)(s->cut[i] != 0) << (i - lo - 1);
	return cuts;
}

/* Several words that together form an exception, such as ":" and ")", are split
 * as the exception says; the longest match from the left wins. */
static void join_specials(struct words_span *s)
{
	struct words_special sp;
	size_t lo, hi;

	for (lo = 0; lo < s->n; lo = hi) {
		for (hi = lo + 16 < s->n ? lo + 16 : s->n; hi > lo + 1; hi--)
			if (s->cut[hi] && special_at(s, lo, hi, &sp) &&
				sp.plain && cuts_of(s, lo, hi) == sp.plain)
				break;
		if (hi > lo + 1)
			cut_special(s, lo, hi, sp.cuts);
		else
			while (!s->cut[hi])
				hi++;
	}
}

static void span_room(struct words_span *s, size_t n)
{
	if (n <= s->cap)
		return;
	s->cap = n + n / 2;
	s->c = xrealloc(s->c, s->cap, sizeof *s->c);
	s->at = xrealloc(s->at, s->cap + 1, sizeof *s->at);
	s->k = xrealloc(s->k, s->cap, sizeof *s->k);
	s->cut = xrealloc(s->cut, s->cap + 1, 1);
}

/* Decodes text[at..end) into s. */
static void span_fill(struct words_span *s, const char *text, size_t at,
	size_t end)
{
	s->text = text;
	s->n = 0;
	span_room(s, end - at);
	while (at < end) {
		size_t len = (size_t)utf8_decode(text + at, end - at,
			&s->c[s->n], NULL);

		s->k[s->n] = (uint16_t)uchar_class(s->c[s->n]);
		s->at[s->n++] = (uint32_t)at;
		at += len;
	}
	s->at[s->n] = (uint32_t)end;
}

/* ---- texts ---- */

static void add_word(struct words *w, const struct words_span *s, size_t lo,
	size_t hi)
{
	struct text_word *v;
	size_t i;

	w->v = grow(w->v, w->n, &w->cap, sizeof *w->v);
	v = &w->v[w->n++];
	*v = (struct text_word){ s->at[lo], s->at[hi] - s->at[lo],
		(uint32_t)(hi - lo), 0, ~0u };
	for (i = lo; i < hi; i++) {
		v->classes |= s->k[i];
		v->common &= s->k[i];
	}
}

static void add_span(struct words *w, const char *text, size_t at, size_t end)
{
	struct words_span *s = w->span;
	size_t lo, hi;

	span_fill(s, text, at, end);
	cut_span(s, true);
	if (s->n > 1)
		join_specials(s);
	for (lo = 0; lo < s->n; lo = hi) {
		for (hi = lo + 1; !s->cut[hi]; hi++)
			;
		add_word(w, s, lo, hi);
	}
}

/* Handles ASCII letters, which only an exception can split, without decoding. */
static bool add_plain(struct words *w, const char *text, size_t at, size_t len)
{
	struct words_special sp;
	struct text_word *v;

	if (words_special(text + at, len, &sp))
		return false;
	w->v = grow(w->v, w->n, &w->cap, sizeof *w->v);
	v = &w->v[w->n++];
	*v = (struct text_word){ (uint32_t)at, (uint32_t)len, (uint32_t)len,
		UC_LETTER | UC_ALPHA, UC_LETTER | UC_ALPHA };
	return true;
}

static bool is_ascii_letter(unsigned char c)
{
	return (unsigned)(c | 32) - 'a' < 26;
}

/* The length of the white space at text[at], else 0. */
static size_t space_at(const char *text, size_t at, size_t len)
{
	unsigned char b = (unsigned char)text[at];
	uint32_t c;
	size_t n;

	if (b < 128)
		return uchar_class(b) & UC_SPACE;
	if (b != 0xc2 && b != 0xe1 && b != 0xe2 && b != 0xe3)
		return 0;
	n = (size_t)utf8_decode(text + at, len - at, &c, NULL);
	return uchar_class(c) & UC_SPACE ? n : 0;
}

void words_split(struct words *w, const char *text, size_t len)
{
	size_t at = 0, end, space;

	if (!w->span)
		w->span = xcalloc(1, sizeof *w->span);
	while (at < len) {
		if ((space = space_at(text, at, len)) > 0) {
			at += space;
			continue;
		}
		for (end = at; end < len && is_ascii_letter(
				(unsigned char)text[end]); end++)
			;
		if ((end == len || space_at(text, end, len)) &&
			add_plain(w, text, at, end - at)) {
			at = end;
			continue;
		}
		while (end < len && !space_at(text, end, len))
			end++;
		add_span(w, text, at, end);
		at = end;
	}
}

void words_free(struct words *w)
{
	if (w->span) {
		free(w->span->c);
		free(w->span->at);
		free(w->span->k);
		free(w->span->cut);
		free(w->span);
	}
	free(w->v);
	memset(w, 0, sizeof *w);
}

/* ---- */

static struct words_span init_span;

static void set_plain(const char *text, size_t len, struct words_special *sp)
{
	span_fill(&init_span, text, 0, len);
	cut_span(&init_span, false);
	sp->plain = cuts_of(&init_span, 0, init_span.n);
}

void words_init(void)
{
	if (init_span.c)
		return;
	words_special_init();
	words_special_each(set_plain);
}

size_t words_sentences(const char *text, size_t end, const struct text_word *v,
	size_t n)
{
	bool after_stop = false;
	size_t i, count = 1, gap, gap_at;

	for (i = 0; i <= n; i++) {
		bool stop = i < n && v[i].chars == 1 &&
			v[i].classes & UC_SENTENCE;

		if (after_stop) {
			gap_at = v[i - 1].at + v[i - 1].len;
			gap = (i < n ? v[i].at : end) - gap_at;
			if (gap > 1 || (gap == 1 && text[gap_at] != ' ') ||
				(i < n && !stop &&
				!(v[i].common & UC_PUNCT))) {
				count++;
				after_stop = false;
			}
		}
		after_stop |= stop;
	}
	return count;
}
