/* settle.c - finds the place that counts, and the number there: see settle.h.
 * Only passages of bounded length are looked at more than once.
 */
#include "common/grade/settle.h"

#include <string.h>

#include "common/base/ascii.h"
#include "common/base/unicode.h"
#include "common/base/utf8.h"
#include "common/grade/grade_text.h"
#include "common/grade/mention.h"
#include "common/grade/words.h"

enum {
	NEAR = 160,		/* bytes around a place where neighbours are */
	SENTENCE = 2000,	/* of a sentence that is longer, the end */
	CUES = 64		/* "answer"s, or words in bold, that are tried,
				 * from the last */
};

/* Which number of a place counts. */
enum pick { PICK_FIRST, PICK_LAST, PICK_CLAUSE, PICK_SENTENCE };

struct place {
	size_t from, to;
	enum pick pick;
	bool named;		/* as the answer: a list of numbers is no
				 * answer there */
	bool box;
};

/* ---- digits ---- */

/* The value of a decimal digit of another script, or -1. */
static int foreign_digit(uint32_t c)
{
	static const uint32_t zeros[] = { 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6,
		0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0,
		0xf20, 0x1040, 0x17e0, 0x1810, 0xff10 };
	size_t i;

	for (i = 0; i < sizeof zeros / sizeof *zeros; i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return (int)(c - zeros[i]);
	return c >= 0x1d7ce && c <= 0x1d7ff ? (int)(c - 0x1d7ce) % 10 : -1;
}

/* Rewrites digits and separators of other scripts as ASCII. Returns false, and
 * leaves out empty, if there are none. */
static bool plain_digits(const char *s, size_t n, struct buf *out)
{
	size_t i = 0, len, done = 0;

	for (; i < n; i += len) {
		uint32_t c;
		int digit;

		if (!(s[i] & 0x80)) {
			len = 1;
			continue;
		}
		len = (size_t)utf8_decode(s + i, n - i, &c, NULL);
		digit = foreign_digit(c);
		if (digit < 0 && c != 0x66b && c != 0x66c && c != 0xff05 &&
			!(c == 0xff0c && i && i + len < n &&
				(ascii_digit(s[i - 1]) || out->n)))
			continue;
		buf_add(out, s + done, i - done);
		buf_putc(out, digit >= 0 ? '0' + digit : c == 0x66b ? '.' :
			c == 0xff05 ? '%' : ',');
		done = i + len;
	}
	if (!out->n)
		return false;
	buf_add(out, s + done, n - done);
	return true;
}

/* ---- places ---- */

/* The first number after the last "####" that has one before the end of the line
 * or the next "####". */
static bool marked(const char *text, size_t n, struct place *p)
{
	const char *end = text + n, *mark = grade_find(text, n, "####");
	const char *next, *stop, *line;
	struct number x;
	bool any = false;
	size_t at;

	for (; mark; mark = next) {
		size_t from = (size_t)(mark - text) + 4;

		next = grade_find(text + from, n - from, "####");
		stop = next ? next : end;
		line = memchr(text + from, '\n', (size_t)(stop - text) - from);
		if (line)
			stop = line;
		for (at = from; at < (size_t)(stop - text); at++) {
			if (!number_read(text, at, (size_t)(stop - text), &x))
				continue;
			*p = (struct place){ from, (size_t)(stop - text),
				PICK_FIRST, true, false };
			any = true;
			break;
		}
	}
	return any;
}

/* Whether the text was cut off after "####". */
static bool ends_in_mark(const char *text, size_t n)
{
	n = ascii_trim(&text, n, ascii_space);
	return n >= 4 && !memcmp(text + n - 4, "####", 4);
}

static bool has_number(const char *text, size_t from, size_t to)
{
	struct number x;

	while (from < to) {
		size_t len = number_read(text, from, to, &x);

		if (len && !x.script)
			return true;
		from += len ? len : 1;
	}
	return false;
}

/* The last \boxed{} that has a number. */
static bool boxed(const char *text, size_t n, struct place *p)
{
	const char *content;
	size_t at = 0, len;
	bool any = false;

	while (grade_next_boxed(text, n, &at, &content, &len)) {
		size_t from = (size_t)(content - text);

		if (!has_number(text, from, from + len))
			continue;
		*p = (struct place){ from, from + len, PICK_LAST, true, true };
		any = true;
	}
	return any;
}

/* The last <answer>..</answer>; *found even if it has no number. */
static bool tagged(const char *text, size_t n, struct place *p, bool *found)
{
	const char *close = grade_find_last(text, n, "</answer>"), *open;

	*found = false;
	if (!close)
		return false;
	open = grade_find_last(text, (size_t)(close - text), "<answer>");
	if (!open)
		return false;
	*found = true;
	*p = (struct place){ (size_t)(open - text) + 8, (size_t)(close - text),
		PICK_CLAUSE, true, false };
	return has_number(text, p->from, p->to);
}

/* Where the clause ends that says what the answer is. */
static const char *clause_end(const char *s, const char *end)
{
	static const char *const stops[] = { ", which", " which ", ", because",
		" because ", ", since", " since ", ", where", " where ", ", as ",
		", not ", " rather than ", " instead of ", " (", "</", NULL };
	const char *p = s;
	int i;

	for (; p < end; p++)
		for (i = 0; strchr(", <", *p) && stops[i]; i++)
			if (word_at(p, end, stops[i]))
				return p > s + 1 ? p : end;
	return end;
}

/* Past the word that says "is": "to 6 * 7 is 42", ": 42", " = 42", "** 42". */
static const char *connected(const char *s, const char *end)
{
	const char *p = s;

	while (p < end && !word_byte(*p) && strchr(" *_:=\"'-([{$\\<>", *p))
		p++;
	if (p < end && (ascii_digit(*p) || *p == '\\'))
		return s;
	for (p = s; p < end; p++) {
		size_t n;

		if (*p == ':' || *p == '=')
			return p + 1;
		if (*p != ' ')
			continue;
		n = word_after(p + 1, end);
		if (word_in(p + 1, n, "is was are be"))
			return p + 1 + n;
	}
	return NULL;
}

/* "42 is the answer": the place before "is", else NULL. */
static const char *said_before(const char *text, const char *cue)
{
	static const char *const forms = "the my our your correct right final "
		"required";
	const char *s = cue;
	size_t n, i;

	for (i = 0;; i++) {
		while (s > text && s[-1] == ' ')
			s--;
		n = word_before(text, s);
		if (i == 3 || !word_in(s - n, n, forms))
			break;
		s -= n;
	}
	return i && word_in(s - n, n, "is") ? s - n : NULL;
}

static bool is_filling(char c)
{
	return ascii_space(c) || c == '*' || c == '_' || c == ':';
}

/* The place that an "answer" at cue names. */
static bool named_there(const char *text, size_t n, const char *cue,
	struct place *p)
{
	const char *end = text + n, *s = cue + 6, *stop, *before;

	before = said_before(text, cue);
	if (before) {
		stop = sentence_begin(text, before, SENTENCE);
		*p = (struct place){ (size_t)(stop - text),
			(size_t)(before - text), PICK_SENTENCE, true, false };
		return has_number(text, p->from, p->to);
	}
	if (s < end && (*s | 32) == 's')
		s++;
	stop = sentence_end(s, end - s > SENTENCE ? s + SENTENCE : end);
	before = connected(s, stop);
	if (before)
		s = before;
	/* With nothing else on its line, the next line that is not blank. */
	if (ascii_only(s, (size_t)(stop - s), is_filling)) {
		while (s < end && (is_filling(*s) || *s == '$' || *s == '#'))
			s++;
		if (s < end && !ascii_digit(*s) && !strchr("-.\\", *s))
			return false;
		stop = sentence_end(s, end - s > SENTENCE ? s + SENTENCE : end);
	} else if (!before) {
		return false;
	}
	stop = clause_end(s, stop);
	*p = (struct place){ (size_t)(s - text), (size_t)(stop - text),
		PICK_CLAUSE, true, false };
	return has_number(text, p->from, p->to);
}

/* Whether the writer goes back on what was said before s. */
static bool taken_back(const char *s, const char *end)
{
	static const char *const words[] = { "wait", "actually", "oops",
		"correction:", "mistake", "sorry", "scratch that", "hold on" };
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++) {
		const char *p = words_find(s, end, words[i]);

		if (p && has_number(s, (size_t)(p - s), (size_t)(end - s)))
			return true;
	}
	return false;
}

/* The noun "answer"; not "answered", "to answer", "express the answer as". */
static bool is_cue(const char *text, const char *s, const char *end)
{
	size_t n = word_after(s, end), len;
	const char *word = s;

	if (!word_in(s, n, "answer answers"))
		return false;
	while (word > text && word[-1] == ' ')
		word--;
	len = word_before(text, word);
	return !word_in(word - len, len, "to will can he she they") &&
		!word_at(s + n, end, " as a ");
}

/* What the last "answer" with a number is said to be. */
static bool named(const char *text, size_t n, struct place *p)
{
	const char *end = text + n, *cue;
	int tries = 0;

	for (cue = end - 6; cue >= text && tries < CUES; cue--) {
		if ((*cue | 32) != 'a' || !is_cue(text, cue, end))
			continue;
		tries++;
		if (named_there(text, n, cue, p))
			return !taken_back(text + p->to, end);
	}
	return false;
}

/* A number in bold, with a few words at most: **72 clips**. */
static bool bold(const char *text, size_t n, struct place *p)
{
	const char *end = text + n, *close, *open, *s;
	struct mentions m;
	int words, tries = 0;

	for (close = grade_find_last(text, n, "**"); close; close = open) {
		if (tries++ == CUES)
			return false;
		open = grade_find_last(text, (size_t)(close - text), "**");
		if (!open)
			return false;
		s = open + 2;
		words = 0;
		if (close - s > 60 || s == close)
			continue;
		for (; s < close; s += 1 + word_after(s, close))
			words += word_byte(*s);
		mentions_read(&m, text, n, (size_t)(open - text) + 2,
			(size_t)(close - text));
		if (m.count != 1 || words > 4 || close[-1] == ':' ||
			(close + 2 < end && close[2] == ':') ||
			word_at(open + 2, end, "step"))
			continue;
		*p = (struct place){ (size_t)(open - text) + 2,
			(size_t)(close - text), PICK_FIRST, false, false };
		return true;
	}
	return false;
}

/* Whether a number may end at s: most characters do not. */
static bool may_be_number(const char *s)
{
	return ascii_digit(*s) || (s[0] & 0x80) || *s == '\\';
}

/* Whether text[from..to) has a number that is no label. */
static bool has_value(const char *text, size_t n, size_t from, size_t to)
{
	struct mentions m;
	size_t i = 0;

	mentions_read(&m, text, n, from, to);
	while (i < m.count && mention_label(&m, i))
		i++;
	return i < m.count;
}

/* Where a reason begins with which the sentence s..end ends, after a number: that
 * is not the result. */
static const char *reason(const char *s, const char *end)
{
	static const char *const words[] = { " because ", " since ",
		", as " };
	size_t i;

	for (i = 0; i < 3; i++) {
		const char *p = words_find(s, end, words[i]);

		if (p && !words_find(p + 1, end, ", ") &&
				has_number(s, 0, (size_t)(p - s)))
			return p;
	}
	return end;
}

/* The last sentence with a number. */
static bool last_sentence(const char *text, size_t n, bool labels,
	struct place *p)
{
	const char *end = text + n, *s = end, *begin;

	while (s > text) {
		const char *stop = s;

		s--;
		if (!may_be_number(s))
			continue;
		begin = sentence_begin(text, s, SENTENCE);
		stop = sentence_end(stop, end - stop > SENTENCE ?
			stop + SENTENCE : end);
		*p = (struct place){ (size_t)(begin - text),
			(size_t)(reason(begin, stop) - text), PICK_SENTENCE,
			false, false };
		if (labels ? has_number(text, p->from, p->to) :
				has_value(text, n, p->from, p->to))
			return true;
		s = begin;
	}
	return false;
}

/* ---- the number of a place ---- */

/* Where the last equation of text[from..to) has its right side; from when there
 * is none. */
static size_t right_side(const struct mentions *m, size_t from, size_t to)
{
	const char *text = m->text;
	size_t i, found = from;
	int depth = 0;

	for (i = from; i < to; i++) {
		if (text[i] == '\\') {	/* \( is TeX's */
			i++;
			continue;
		}
		depth += (text[i] == '(') - (text[i] == ')');
		if (text[i] == '=' && depth <= 0 && m->count &&
			i < m->v[m->count - 1].end)
			found = i + 1;
	}
	return found;
}

/* 8 = 5 + 3: the sum is on the left. */
static bool is_sum(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].end, *end;

	if (i + 1 >= m->count)
		return false;
	end = m->text + m->v[i + 1].at;
	while (s < end && *s == ' ')
		s++;
	return s < end && strchr("+*/x", *s) && (*s != 'x' || s[1] == ' ');
}

/* 5, I checked: 2 + 3. The result of the sum was said before. */
static bool is_working(const struct mentions *m, size_t i, size_t result)
{
	return !is_sum(m, result) && ((i > result + 1 &&
		mention_ends_sum(m, i)) || is_sum(m, i));
}

/* The text was cut off in a sum after mention i: 10 + */
static bool is_cut(const struct mentions *m, size_t i)
{
	const char *s = m->text + m->v[i].end, *end = m->text + m->n;

	while (s < end && *s == ' ')
		s++;
	if (s == end || !strchr("+-*/=", *s) ||
			(*s == '*' && s[-1] != ' '))
		return false;
	for (s++; s < end && ascii_space(*s); s++)
		;
	return s == end;
}

/* The index of the number that counts among those of place p, or -1. */
static long pick(const struct mentions *m, const struct place *p)
{
	size_t from = right_side(m, p->from, p->to), i;
	long found = -1, before = -1;

	for (i = 0; i < m->count; i++) {
		if (m->v[i].at < p->from || m->v[i].end > p->to ||
			(p->pick != PICK_LAST && mention_denied(m, i)))
			continue;
		if (m->v[i].at < from && p->pick >= PICK_CLAUSE) {
			before = (long)i;
			continue;
		}
		if (p->pick == PICK_CLAUSE && is_sum(m, i) && before >= 0)
			return before;
		if (found < 0 && p->pick != PICK_LAST) {
			found = (long)i;
			if (p->pick != PICK_SENTENCE)
				return found;
			if (is_sum(m, i) && before >= 0)
				return before;
		} else if (p->pick == PICK_LAST || !(mention_aside(m, i,
				p->from) || is_working(m, i, (size_t)found))) {
			found = (long)i;
		}
	}
	if (found >= 0 && p->pick == PICK_SENTENCE && is_cut(m, (size_t)found))
		return -1;
	return found;
}

/* Whether mentions i and j are alternatives that differ. Sets s->other. */
static bool differ(const struct mentions *m, size_t i, size_t j,
	struct settled *s)
{
	if (!mention_same(m, i, j))
		return true;
	s->other = m->v[j].x;
	s->both = true;
	return false;
}

/* Follows the links from mention i to its neighbours. False if it is one of
 * several. */
static bool stands(const struct mentions *m, const struct place *p, long i,
	struct settled *s)
{
	size_t at = (size_t)i, k;

	for (k = at; k + 1 < m->count; k++) {
		enum mention_link link = mention_link(m, k);

		if (link == MENTION_INSTEAD && p->pick == PICK_CLAUSE)
			at = k + 1;
		else if (link != MENTION_OR && !(p->named &&
				(link == MENTION_AGAIN || (link == MENTION_LIST &&
				m->v[k + 1].end <= p->to))))
			break;
		else if (differ(m, at, k + 1, s))
			return false;
	}
	for (k = at; k; k--) {
		enum mention_link link = mention_link(m, k - 1);

		if (link == MENTION_NEARLY)
			at = k - 1;
		else if (link != MENTION_OR && !(p->named &&
				(link == MENTION_AGAIN || (link == MENTION_LIST &&
				m->v[k - 1].at >= p->from))))
			break;
		else if (k > 1 && mention_aside(m, k - 1, p->from) &&
				!differ(m, at, k - 2, s))
			break;	/* 40 out of 100, or 40% */
		else if (differ(m, at, k - 1, s))
			return false;
	}
	s->x = m->v[at].x;
	return true;
}

static bool settle_at(const char *text, size_t n, const struct place *p,
	struct settled *s)
{
	struct mentions m;
	size_t from = p->from > NEAR ? p->from - NEAR : 0;
	size_t to = n - p->to > NEAR ? p->to + NEAR : n;
	long i;

	if (p->to - p->from > SENTENCE + NEAR)
		from = p->pick == PICK_FIRST ? p->from : p->to - SENTENCE;
	while (from && from < p->from && (word_byte(text[from - 1]) ||
			strchr(".,\\{", text[from - 1])))
		from++;
	mentions_read(&m, text, n, from, to);
	i = pick(&m, p);
	if (i < 0 || (p->box && mention_algebra(&m, (size_t)i)))
		return false;
	return stands(&m, p, i, s);
}

static bool settle_plain(const char *text, size_t n, struct settled *s)
{
	struct place p, box;
	bool found, mark;

	if (tagged(text, n, &p, &found))
		return settle_at(text, n, &p, s);
	if (found)
		return false;
	mark = marked(text, n, &p);
	if (boxed(text, n, &box) && (!mark || box.from > p.from)) {
		p = box;
		mark = true;
	}
	if (!mark && ends_in_mark(text, n))
		return false;
	if (!mark && !named(text, n, &p) && !bold(text, n, &p) &&
		!last_sentence(text, n, false, &p) &&
		!last_sentence(text, n, true, &p))
		return spelled_number(text, n, &s->x);
	return settle_at(text, n, &p, s);
}

bool settle_number(const char *text, size_t n, struct settled *s)
{
	struct buf plain = { 0 };
	bool found;

	*s = (struct settled){ .both = false };
	grade_trim(&text, &n);
	if (plain_digits(text, n, &plain))
		found = settle_plain(plain.p, plain.n, s);
	else
		found = settle_plain(text, n, s);
	buf_free(&plain);
	return found;
}
