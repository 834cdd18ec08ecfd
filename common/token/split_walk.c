/* split_walk.c - finds the words of the four known patterns: see split_scan.h
 *
 * Each function below returns the end of the word that starts at p. They try
 * the alternatives of the regular expressions in split.c in order; backtracking
 * is replaced by looking at the ends of runs. look is advanced to how far a word
 * has looked beyond its own end.
 */
#include <stdbool.h>

#include "common/token/split_scan.h"

/* The most bytes after its end (or look) on which a word depends: a contraction
 * that was not there, a character that did not join. */
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

/* The first position at or after p that is not in mask. */
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

/* The position after the last byte of from..to-1 in both masks, or from. */
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

/* The length of 's 't 'm 'd 'll 've 're at p, where there is an apostrophe, or 0.
 * With fold = 0x20 in any case; then U+017F, the long s, counts as an s. */
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

/* White space at p: all of it at the end of the text; otherwise, if there is more
 * than one character, all but the last, which may belong to what follows. */
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

/* The same, but only up to the last newline if there is one. */
static size_t blank_lines(struct walk *w, size_t p)
{
	size_t end = run(w, SPACE, p);
	size_t line = after_last(w, NEWLINE, NEWLINE, p, end);

	w->look = end;
	return line > p ? line : blank(w, p);
}

/* One to three digits at p. */
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

/* Each number is split off first, and the text between numbers is split like
 * gpt2; so white space before a number is at the end of a text. */
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

/* Letters and marks at q, the last of which is lower case or caseless, as
 * matched by [upperish]*[lowerish]+; q when there are none. *upper: the end of
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
	if (mark)	/* a mark alone is a lowerish word */
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
