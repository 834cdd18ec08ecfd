/* split_walk.c - the words of the four known patterns: see split_scan.h
 *
 * Each function below returns the end of the word that begins at p. They
 * follow the alternatives of the regular expressions in split.c in their
 * order; backtracking is replaced by looking at the ends of runs. look is
 * moved to where a word has looked beyond its own end.
 */
#include <stdbool.h>

#include "common/token/split_scan.h"

/* The most bytes behind its end (or look) that a word depends on: a
 * contraction that was not there, a character that did not join. */
#define LOOKAHEAD 8

struct walk {
	const uint64_t *masks;
	const unsigned char *text;
	size_t n, look;
};

static inline bool is(const struct walk *w, int mask, size_t p)
{
	return w->masks[NMASK * (p >> 6) + (size_t)mask] >> (p & 63) & 1;
}

/* The first place at or after p that is not in mask. */
static inline size_t run(const struct walk *w, int mask, size_t p)
{
	const uint64_t *m = w->masks + NMASK * (p >> 6) + mask;
	uint64_t gap = ~*m >> (p & 63);

	if (gap)
		return p + (size_t)__builtin_ctzll(gap);
	p &= ~(size_t)63;
	do {
		m += NMASK;
		p += 64;
	} while (!~*m);
	return p + (size_t)__builtin_ctzll(~*m);
}

static inline size_t next_char(const struct walk *w, size_t p)
{
	return run(w, CONT, p + 1);
}

/* One behind the last byte in from..to-1 that is in both masks, or from. */
static size_t after_last(const struct walk *w, int mask, int mask2,
	size_t from, size_t to)
{
	while (to > from) {
		size_t k = (to - 1) >> 6, start = k << 6;
		uint64_t m = w->masks[NMASK * k + (size_t)mask] &
			w->masks[NMASK * k + (size_t)mask2];

		if (to - start < 64)
			m &= ((uint64_t)1 << (to - start)) - 1;
		if (from > start)
			m &= ~(uint64_t)0 << (from - start);
		if (m)
			return start + 64 - (size_t)__builtin_clzll(m);
		to = start;
	}
	return from;
}

/* Length of 's 't 'm 'd 'll 've 're at p, which holds the apostrophe, or 0. In
 * any case of letters when fold is 0x20; then U+017F, the long s, is an s. */
static size_t contraction(const struct walk *w, size_t p, unsigned fold)
{
	const unsigned char *s = w->text + p;
	unsigned a, b;

	if (w->n - p < 2)
		return 0;
	a = s[1] | fold;
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return 2;
	if (w->n - p < 3)
		return 0;
	if (fold && s[1] == 0xc5 && s[2] == 0xbf)
		return 3;
	b = s[2] | fold;
	if ((a == 'l' && b == 'l') || ((a == 'v' || a == 'r') && b == 'e'))
		return 3;
	return 0;
}

/* White space at p: all of it at the end of the text, otherwise all but its
 * last character, which may belong to what follows, if it has two. */
static size_t blank(struct walk *w, size_t p)
{
	size_t end = run(w, SPACE, p), last;

	w->look = end;
	if (end == w->n)
		return end;
	for (last = end - 1; is(w, CONT, last); last--)
		;
	return last > p ? last : end;
}

/* The same, but up to the last newline where it holds one. */
static size_t blank_lines(struct walk *w, size_t p)
{
	size_t end = run(w, SPACE, p);
	size_t line = after_last(w, NEWLINE, NEWLINE, p, end);

	w->look = end;
	return line > p ? line : blank(w, p);
}

/* One to three numbers at p. */
static size_t three_numbers(const struct walk *w, size_t p)
{
	int i;

	for (i = 0; i < 3 && is(w, NUMBER, p); i++)
		p = next_char(w, p);
	return p;
}

static inline size_t gpt2(struct walk *w, size_t p)
{
	size_t q = p + (w->text[p] == ' '), n;

	if (is(w, LETTER, q))
		return run(w, LETTER, q);
	if (w->text[p] == '\'' && (n = contraction(w, p, 0)) > 0)
		return p + n;
	if (is(w, OTHER, q))
		return run(w, OTHER, q);
	if (is(w, NUMBER, q))
		return run(w, NUMBER, q);
	return blank(w, p);
}

/* Each number is a text of its own; what is between them is split as by
 * gpt2, so white space before a number is at the end of a text. */
static inline size_t smollm(struct walk *w, size_t p)
{
	size_t q = p + (w->text[p] == ' '), n;

	if (is(w, LETTER, q))
		return run(w, LETTER, q);
	if (is(w, NUMBER, p))
		return next_char(w, p);
	if (w->text[p] == '\'' && (n = contraction(w, p, 0)) > 0)
		return p + n;
	if (is(w, OTHER, q))
		return run(w, OTHER, q);
	n = run(w, SPACE, p);
	w->look = n;
	return is(w, NUMBER, n) ? n : blank(w, p);
}

static inline size_t cl100k(struct walk *w, size_t p)
{
	size_t q, n;

	if (is(w, LETTER, p))
		return run(w, LETTER, p);
	if (w->text[p] == '\'' && (n = contraction(w, p, 0x20)) > 0)
		return p + n;
	q = next_char(w, p);
	if (is(w, LETTER, q) && !is(w, NUMBER, p) && !is(w, NEWLINE, p))
		return run(w, LETTER, q);
	if (is(w, NUMBER, p))
		return three_numbers(w, p);
	q = p + (w->text[p] == ' ');
	if (is(w, OTHER, q))
		return run(w, NEWLINE, run(w, OTHER, q));
	return blank_lines(w, p);
}

static inline size_t with_contraction(const struct walk *w, size_t p)
{
	if (p < w->n && w->text[p] == '\'')
		p += contraction(w, p, 0x20);
	return p;
}

/* Letters and marks at q of which the last is lower case or has no case, as
 * [upperish]*[lowerish]+ finds them; q when there are none. *upper: the end of
 * the run of upperish ones. */
static inline size_t lower_word(struct walk *w, size_t q, size_t *upper)
{
	size_t u = run(w, UPPERISH, q);

	*upper = u;
	if (is(w, LOWERISH, u))
		return run(w, LOWERISH, u);
	w->look = u;
	return after_last(w, UPPERISH, LOWERISH, q, u);
}

static inline size_t o200k_word(struct walk *w, size_t p)
{
	size_t q = p, upper, end;
	bool mark = is(w, UPPERISH, p) && is(w, LOWERISH, p) &&
		!is(w, LETTER, p);

	if (!is(w, LETTER, p))
		q = next_char(w, p);
	end = lower_word(w, q, &upper);
	if (end > q)
		return with_contraction(w, end);
	if (mark)	/* a mark by itself is a word of lowerish ones */
		return with_contraction(w, next_char(w, p));
	if (upper > q)
		return with_contraction(w, upper);
	return p;
}

/* Punctuation at p, then newlines and slashes in any order. */
static inline size_t lines_and_slashes(const struct walk *w, size_t p)
{
	p = run(w, OTHER, p);
	for (;;) {
		p = run(w, NEWLINE, p);
		if (p >= w->n || w->text[p] != '/')
			return p;
		p++;
	}
}

static inline size_t o200k(struct walk *w, size_t p)
{
	size_t q, end;

	if (is(w, NUMBER, p))
		return three_numbers(w, p);
	if (!is(w, NEWLINE, p) && (end = o200k_word(w, p)) > p)
		return end;
	q = p + (w->text[p] == ' ');
	if (is(w, OTHER, q))
		return lines_and_slashes(w, q);
	return blank_lines(w, p);
}

#define WORDS(pattern)							\
size_t split_words_##pattern(struct split_job *job)			\
{									\
	struct walk w = { job->masks, job->text, job->n, 0 };		\
	size_t p = 0, count = 0;					\
									\
	while (p < w.n) {						\
		size_t end = pattern(&w, p);				\
									\
		if (!job->last && (end > w.look ? end : w.look) +	\
				LOOKAHEAD > w.n)			\
			break;						\
		job->ends[count++] = job->base + end;			\
		p = end;						\
	}								\
	job->used = p;							\
	return count;							\
}

WORDS(gpt2)
WORDS(smollm)
WORDS(cl100k)
WORDS(o200k)
