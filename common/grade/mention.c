/* mention.c - numbers and the words between them: see mention.h */
#include "common/grade/mention.h"

#include <string.h>

#include "common/base/ascii.h"
#include "common/grade/words.h"

enum { LINK_BYTES = 80 };	/* between neighbours */

void mentions_read(struct mentions *m, const char *text, size_t n, size_t from,
	size_t to)
{
	m->text = text;
	m->n = n;
	m->count = 0;
	while (from < to) {
		struct mention *v = &m->v[m->count];
		size_t len = number_read(text, from, to, &v->x);

		v->at = from;
		v->end = from + len;
		from += len ? len : 1;
		if (!len || v->x.script)
			continue;
		if (++m->count == MENTIONS) {
			m->count = MENTIONS / 2;
			memmove(m->v, m->v + MENTIONS / 2,
				sizeof *m->v * m->count);
		}
	}
}

/* ---- links ---- */

/* What is between two numbers. */
struct between {
	int before, after;	/* words, without those that connect */
	bool either;		/* "or" and words that say the same */
	bool nearly, instead, comma, ends, closed, box, cue, other;
};

static bool is_or(const char *s, size_t n, const char *last, size_t len)
{
	if (word_in(s, n, "or oder ou o y/o или lub atau maybe perhaps possibly "
			"alternatively 或 或者 または 혹은"))
		return true;
	return word_in(s, n, "also be") && word_in(last, len,
		"could might may also");
}

/* A connecting character of Chinese or Japanese within a word. */
static bool has_or(const char *s, size_t n)
{
	static const char *const list[] = { "或", "または", "还是" };
	size_t i;

	for (i = 0; i < sizeof list / sizeof *list; i++) {
		size_t len = strlen(list[i]), k;

		for (k = 0; n < 16 && k + len <= n; k++)
			if (!memcmp(s + k, list[i], len))
				return true;
	}
	return false;
}

static void see_word(struct between *b, const char *s, size_t n,
	const char *last, size_t len)
{
	if (is_or(s, n, last, len) || has_or(s, n))
		b->either = true;
	else if (word_in(s, n, "about approximately roughly nearly around"))
		b->nearly = true;
	else if (word_in(s, n, "no wait actually sorry correction oops mean "
			"scratch nope"))
		b->instead = true;
	else if (word_in(s, n, "answer answers answer:"))
		b->cue = true;
	else if (word_in(s, n, "and"))
		b->comma = true;
	else if (n > 1 && !word_in(s, n, "the final is it's"))
		b->other = true;
	if (b->either)
		b->after++;
	else
		b->before++;
}

/* Skips a TeX command or a tag, which are no words. *closed: a box or an answer
 * has ended. */
static const char *skip_markup(const char *s, const char *end, bool *closed)
{
	const char *p = s + 1;

	if (*s == '\\') {
		while (p < end && ascii_letter(*p))
			p++;
		return p;
	}
	if (*s != '<' || p == end || !(*p == '/' || ascii_letter(*p)))
		return NULL;
	p = memchr(s, '>', (size_t)(end - s));
	*closed |= p && p - s == 8 && !memcmp(s, "</answer", 8);
	return p ? p + 1 : NULL;
}

/* False for text that makes the second number a part of a sum or a sentence of
 * its own. */
static bool see(struct between *b, const char *s, const char *end)
{
	const char *last = s, *next;
	size_t len = 0;

	while (s < end) {
		size_t n = word_after(s, end);

		if (n && n + 2 < (size_t)(end - s) && s[n] == '\'')
			n += 1 + word_after(s + n + 1, end);
		if (n) {
			see_word(b, s, n, last, len);
			last = s;
			len = n;
			s += n;
			continue;
		}
		if (*s == '\\' || *s == '<') {
			next = skip_markup(s, end, &b->closed);
			b->box |= b->closed && next && next - s == 6 &&
				!memcmp(s, "\\boxed", 6);
			b->box |= b->closed && next && *s == '<' && s[1] == 'a';
			if (!next)
				return false;
			s = next;
			continue;
		}
		if (strchr("+*^>", *s) && !(*s == '*' && end - s > 1))
			return false;
		b->closed |= *s == '}';
		b->comma |= *s == ',' || *s == ';' || *s == '&';
		b->ends |= *s == '.' || *s == ':' || *s == '\n' || *s == '=' ||
			*s == '(' || *s == '#' || *s == '?' || *s == '[';
		s++;
	}
	return true;
}

/* Whether mention i is itself said to be the answer. */
static bool after_cue(const struct mentions *m, size_t i)
{
	const char *end = m->text + m->v[i].at;
	const char *s = m->v[i].at > 30 ? end - 30 : m->text;

	if (i && m->text + m->v[i - 1].end > s)
		s = m->text + m->v[i - 1].end;
	return s < end && words_find(s, end, "answer");
}

bool mention_ends_sum(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].at;
	const char *from = i ? m->text + m->v[i - 1].end : m->text;

	while (s > from && (s[-1] == ' ' || s[-1] == '$'))
		s--;
	return i && s > from && strchr("+-*/", s[-1]);
}

enum mention_link mention_link(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].end;
	const char *end = m->text + m->v[i + 1].at;
	struct between b = { 0 };

	if (s > end || end - s > LINK_BYTES || !see(&b, s, end))
		return MENTION_APART;
	if (b.either && mention_ends_sum(m, i))
		return MENTION_APART;
	if (b.either && b.before <= 3 && b.after <= 5)
		return b.nearly ? MENTION_NEARLY : MENTION_OR;
	if (b.instead && b.before <= 5)
		return MENTION_INSTEAD;
	if (b.other || b.either)
		return MENTION_APART;
	if (b.box || (b.cue && after_cue(m, i)))
		return MENTION_AGAIN;
	return b.comma && !b.ends ? MENTION_LIST : MENTION_APART;
}

/* ---- asides ---- */

/* The word before s, past signs of currency and markup; sets *word. */
static size_t last_word(const char *text, const char *s, const char **word)
{
	size_t n;

	while (s > text && !word_byte(s[-1]) && *(s - 1) != '\n' &&
		strchr(" $*_~(\"", s[-1]))
		s--;
	n = word_before(text, s);
	*word = s - n;
	return n;
}

bool mention_denied(const struct mentions *m, size_t i)
{
	const char *word, *before;
	size_t n = last_word(m->text, m->text + m->v[i].at, &word), len;

	if (word_in(word, n, "not isn't"))
		return true;
	if (n == 1 && *word == 't' && word - m->text >= 4 && word[-1] == '\'')
		return true;
	len = last_word(m->text, word, &before);
	return (word_in(word, n, "than") && word_in(before, len, "rather")) ||
		(word_in(word, n, "of") && word_in(before, len, "instead")) ||
		(word_in(word, n, "be") && word_in(before, len,
			"cannot can't not"));
}

static bool in_parentheses(const char *s, const char *end)
{
	int depth = 0;

	for (; s < end; s++) {
		if (*s == '\\')	/* \( is TeX's */
			s++;
		else
			depth += (*s == '(') - (*s == ')');
	}
	return depth > 0;
}

/* "to drive 180 miles", but not "has to pay 40"; the verb has n bytes. */
static bool is_purpose(const char *text, const char *verb, size_t n)
{
	const char *to, *who;
	size_t len = last_word(text, verb, &to);

	if (!word_in(to, len, "to"))
		return false;
	len = last_word(text, to, &who);
	if (word_in(verb, n, "find get obtain be equal make give have"))
		return false;
	return !word_in(who, len, "has have had need needs needed going able "
		"got used want wants likely");
}

/* Whether the words before the number make it an aside. */
static bool aside_before(const char *text, const char *s)
{
	const char *word, *before;
	bool money = s > text && (s[-1] == '$' || (s[-1] & 0x80));
	size_t n = last_word(text, s, &word);
	size_t len = last_word(text, word, &before);
	int skipped;

	for (skipped = 0; skipped < 3 && word_in(word, n, "the those these a "
			"all her his their its our my last first next other "
			"remaining") && !word_in(before, len, "of to"); skipped++) {
		word = before;
		n = len;
		len = last_word(text, word, &before);
	}
	if (word_in(word, n, "the") && word_in(before, len, "of"))
		return true;
	if (word_in(word, n, "of"))
		return word_in(before, len, "out");
	if (word_in(word, n, "for"))
		return !money;
	if (n && is_purpose(text, word, n))
		return true;
	return word_in(word, n, "in over per within on during than with group "
		"day "
		"step question part class grade room table problem chapter "
		"option case week month year");
}

static bool aside_after(const char *s, const char *end)
{
	if (end - s > 1 && *s == '-' && ascii_letter(s[1]))
		return true;
	while (s < end && *s == ' ')
		s++;
	return word_at(s, end, "more than") || word_at(s, end, "less than") ||
		word_at(s, end, "fewer than") || word_at(s, end, "of wh") ||
		word_at(s, end, "of them");
}

/* A subordinate clause begins between two numbers. */
static bool clause_between(const char *s, const char *end)
{
	for (; s < end; s++) {
		size_t n = word_after(s, end);

		if (word_in(s, n, "after because since when if working "
				"that who whose"))
			return true;
		s += n;
		if (s == end)
			break;
	}
	return false;
}

bool mention_aside(const struct mentions *m, size_t i, size_t from)
{
	const char *text = m->text, *s = text + m->v[i].at;
	const char *before = text + m->v[i - 1].end;

	return (before <= s && clause_between(before, s)) ||
		in_parentheses(text + from, s) || aside_before(text, s) ||
		aside_after(text + m->v[i].end, text + m->n);
}

bool mention_label(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].at, *end = m->text + m->n, *word;
	const char *p = m->text + m->v[i].end;
	size_t n = last_word(m->text, s, &word);

	if (p >= end || !strchr(".:)", *p) || m->v[i].end - m->v[i].at > 2)
		return false;
	if (word_in(word, n, "step"))
		return true;
	while (s > m->text && s[-1] == ' ')
		s--;
	for (p++; p < end && strchr(" *", *p); p++)
		;
	return p < end && *p != '\n' && (s == m->text || s[-1] == '\n');
}

bool mention_algebra(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].at, *text = m->text;
	const char *p = text + m->v[i].end, *end = text + m->n;

	if (p < end && strchr("xyzn", *p) && (p + 1 == end || !word_byte(p[1])))
		return true;
	s += *s == '+' || *s == '-';
	while (s > text && s[-1] == ' ')
		s--;
	if (s == text || !strchr("+-*", s[-1]))
		return false;
	for (s--; s > text && s[-1] == ' '; s--)
		;
	return s > text && strchr("xyzn", s[-1]) &&
		(s - 1 == text || !word_byte(s[-2]));
}

/* ---- units ---- */

/* A unit in terms of the smallest of its kind; 0: none. */
static uint64_t unit(const struct mentions *m, size_t i, int *kind)
{
	static const struct { const char *words; int kind; uint64_t size; }
	list[] = {
		{ "second seconds sec s", 1, 1 },
		{ "minute minutes min mins", 1, 60 },
		{ "hour hours hr hrs h", 1, 3600 },
		{ "day days", 1, 86400 },
		{ "week weeks", 1, 604800 },
		{ "cent cents", 2, 1 }, { "dollar dollars", 2, 100 },
		{ "mm", 3, 1 }, { "cm", 3, 10 }, { "m meters", 3, 1000 },
		{ "km kilometers", 3, 1000000 },
		{ "g grams", 4, 1 }, { "kg kilograms", 4, 1000 },
		{ "ml", 5, 1 }, { "l liters", 5, 1000 },
		{ "inches inch", 6, 1 }, { "feet foot ft", 6, 12 },
		{ "yards yard", 6, 36 }, { "months month", 7, 1 },
		{ "years year", 7, 12 },
	};
	const char *s = m->text + m->v[i].end, *end = m->text + m->n;
	size_t n, k;

	if (m->v[i].at && m->text[m->v[i].at - 1] == '$') {
		*kind = 2;
		return 100;
	}
	while (s < end && *s == ' ')
		s++;
	n = word_after(s, end);
	for (k = 0; k < sizeof list / sizeof *list; k++)
		if (word_in(s, n, list[k].words)) {
			*kind = list[k].kind;
			return list[k].size;
		}
	*kind = 0;
	return word_in(s, n, "dozen") ? 12 : word_in(s, n, "pairs pair") ? 2 :
		1;
}

/* The scale of a temperature: 'c', 'f', or 0. */
static char scale(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].end, *end = m->text + m->n;
	size_t n;

	while (s < end && (*s == ' ' || word_at(s, end, "degrees ")))
		s += *s == ' ' ? 1 : 8;
	if (word_at(s, end, "°"))
		s += strlen("°");
	n = word_after(s, end);
	return word_in(s, n, "c celsius") ? 'c' :
		word_in(s, n, "f fahrenheit") ? 'f' : 0;
}

/* Whether mention c, in degrees Celsius, is mention f in Fahrenheit. */
static bool same_heat(const struct mentions *m, size_t c, size_t f)
{
	struct rational x = m->v[c].x.value, by;

	rational_set(&by, 9);
	rational_multiply(&x, &by);
	rational_set(&by, 5);
	rational_divide(&x, by);
	rational_set(&by, 32);
	rational_add(&x, &by);
	return x.known && m->v[f].x.value.known &&
		rational_equal(&x, &m->v[f].x.value);
}

bool mention_same(const struct mentions *m, size_t i, size_t j)
{
	struct rational a = m->v[i].x.value, b = m->v[j].x.value, by;
	int of, to;
	uint64_t x, y;

	if (number_same(&m->v[i].x, &m->v[j].x))
		return true;
	if (scale(m, i) + scale(m, j) == 'c' + 'f')
		return scale(m, i) == 'c' ? same_heat(m, i, j) :
			same_heat(m, j, i);
	x = unit(m, i, &of);
	y = unit(m, j, &to);
	if (of != to || !a.known || !b.known)
		return false;
	rational_set(&by, x);
	rational_multiply(&a, &by);
	rational_set(&by, y);
	rational_multiply(&b, &by);
	return rational_equal(&a, &b);
}
