/* c4.c - the rules of C4 as FineWeb uses them: see rules.h
 *
 * They scan the lines once, and either remove lines or reject the page.
 */
#include "common/filter/candidate.h"

#include <string.h>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/filter/rules.h"
#include "common/filter/uchar.h"

static const char *const policies[] = {
	"terms of use", "privacy policy", "cookie policy", "uses cookies",
	"use of cookies", "use cookies", NULL
};

static bool on(enum rule_id id)
{
	return !rules[id].off;
}

/* Whether the line contains the lower-case words, ignoring case. */
static bool holds(struct slice line, const char *words)
{
	size_t n = strlen(words), i, k;

	for (i = 0; i + n <= line.n; i++) {
		for (k = 0; k < n && ascii_lower(line.s[i + k]) == words[k]; k++)
			;
		if (k == n)
			return true;
	}
	return false;
}

struct line_words {
	size_t n;
	double longest;		/* characters */
};

/* The words of a line, separated by white space only. */
static struct line_words words_between_spaces(struct slice line)
{
	struct line_words w = { 0, 0 };
	double chars = 0;
	size_t i = 0;
	uint32_t c;

	while (i < line.n) {
		i += (size_t)utf8_decode(line.s + i, line.n - i, &c, NULL);
		if (uchar_class(c) & UC_SPACE) {
			chars = 0;
			continue;
		}
		w.n += chars == 0;
		chars++;
		w.longest = chars > w.longest ? chars : w.longest;
	}
	return w;
}

/* The length of [12], [edit] or [citation needed] at s[0..n), else 0. */
static size_t citation(const char *s, size_t n)
{
	static const char *const fixed[] = { "[edit]", "[citation needed]" };
	size_t i, at;
	uint32_t c;

	for (i = 0; i < 2; i++)
		if (n >= strlen(fixed[i]) &&
			!memcmp(s, fixed[i], strlen(fixed[i])))
			return strlen(fixed[i]);
	for (at = 1; at < n;) {
		at += (size_t)utf8_decode(s + at, n - at, &c, NULL);
		if (c == ']')
			return at;
		if (!(uchar_class(c) & UC_DIGIT))
			break;
	}
	return 0;
}

static struct slice without_citations(struct candidate *p, struct slice line)
{
	struct buf *b = &p->facts->line;
	size_t i, done = 0, n;

	buf_reset(b);
	for (i = 0; i < line.n; i++) {
		if (line.s[i] != '[' ||
			!(n = citation(line.s + i, line.n - i)))
			continue;
		buf_add(b, line.s + done, i - done);
		done = i + n;
		i = done - 1;
	}
	if (!done)
		return line;
	p->edits[RULE_C4_CITATIONS]++;
	buf_add(b, line.s + done, line.n - done);
	return (struct slice){ b->p, b->n };
}

static bool ends_in_terminal(struct slice line)
{
	return line.n && strchr(".?!\"'", line.s[line.n - 1]) &&
		!slice_ends(line, "...");
}

static bool names_policy(struct slice line)
{
	int i;

	for (i = 0; policies[i]; i++)
		if (holds(line, policies[i]))
			return true;
	return false;
}

static bool take_out(struct candidate *p, enum rule_id id)
{
	p->edits[id]++;
	return false;
}

/* Examines and may edit a line; returns whether it is kept. */
static bool keep_line(struct candidate *p, struct slice *line)
{
	struct line_words w = words_between_spaces(*line);

	if (on(RULE_C4_WORD_LENGTH) &&
		w.longest > rules[RULE_C4_WORD_LENGTH].limit)
		return take_out(p, RULE_C4_WORD_LENGTH);
	if (on(RULE_C4_CITATIONS))
		*line = without_citations(p, *line);
	if (on(RULE_C4_TERMINAL) && !ends_in_terminal(*line))
		return take_out(p, RULE_C4_TERMINAL);
	if (on(RULE_C4_LINE_WORDS) &&
		(double)w.n < rules[RULE_C4_LINE_WORDS].limit)
		return take_out(p, RULE_C4_LINE_WORDS);
	if (on(RULE_C4_LOREM_IPSUM) && holds(*line, "lorem ipsum")) {
		p->facts->c4 = C4_LOREM_IPSUM;
		return false;
	}
	if (on(RULE_C4_JAVASCRIPT) && holds(*line, "javascript"))
		return take_out(p, RULE_C4_JAVASCRIPT);
	if (on(RULE_C4_CURLY_BRACKET) && memchr(line->s, '{', line->n)) {
		p->facts->c4 = C4_CURLY_BRACKET;
		return false;
	}
	if (on(RULE_C4_POLICY) && names_policy(*line))
		return take_out(p, RULE_C4_POLICY);
	return true;
}

/* The number of sentences in the lines of text, whose words are w. Lines end in
 * '\n': all other line separators have been removed. */
static double count_sentences(struct slice text, const struct words *w)
{
	size_t i = 0, begin;
	double count = 0;
	const char *s = text.s, *end = s + text.n, *nl;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			nl = end;
		for (begin = i; i < w->n && text.s + w->v[i].at < nl; i++)
			;
		count += (double)words_sentences(text.s, (size_t)(nl - text.s),
			w->v + begin, i - begin);
	}
	return count;
}

/* Makes the kept lines the text of the page. */
static void put_text(struct candidate *p)
{
	struct candidate_facts *f = p->facts;
	struct slice kept = slice_strip((struct slice){ buf_end(&f->kept),
		f->kept.n });
	struct buf old = p->text;

	if (kept.n == old.n && !memcmp(kept.s, old.p, kept.n))
		return;
	memmove(f->kept.p, kept.s, kept.n);
	f->kept.n = kept.n;
	p->text = f->kept;
	f->kept = old;
	buf_end(&p->text);
	f->has = HAS_C4;
	p->edited = true;
}

void candidate_c4(struct candidate *p)
{
	struct candidate_facts *f = p->facts;
	struct slice rest = { p->text.n ? p->text.p : "", p->text.n }, line;
	struct words w = { 0 };

	if (f->has & HAS_C4)
		return;
	f->has |= HAS_C4;
	f->c4 = C4_GOOD;
	buf_reset(&f->kept);
	while (f->c4 == C4_GOOD && slice_line(&rest, &line)) {
		line = slice_strip(line);
		if (!keep_line(p, &line))
			continue;
		buf_add(&f->kept, line.s, line.n);
		buf_putc(&f->kept, '\n');
	}
	f->sentences = 0;
	if (f->c4 != C4_GOOD)
		return;
	words_split(&w, buf_end(&f->kept), f->kept.n);
	f->sentences = count_sentences((struct slice){ f->kept.p, f->kept.n },
		&w);
	words_free(&w);
	if (!on(RULE_C4_SENTENCES) ||
		f->sentences >= rules[RULE_C4_SENTENCES].limit)
		put_text(p);
}
