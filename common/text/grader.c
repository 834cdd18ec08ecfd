/* grader.c - scores of answers: see grader.h; the rules are in grade_rules.c */
#include "common/text/grader.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/mem.h"
#include "common/format/regex.h"

struct grader {
	struct grader_options o;
	struct regex *pattern, *extract;
};

struct grader *grader_new(const struct grader_options *o)
{
	struct grader *g = xcalloc(1, sizeof *g);

	g->o = *o;
	if (o->kind == GRADER_REGEX)
		g->pattern = regex_new(o->pattern, REGEX_DOTALL, "--regex");
	if (o->extract)
		g->extract = regex_new(o->extract, REGEX_DOTALL, "--extract");
	return g;
}

void grader_free(struct grader *g)
{
	regex_free(g->pattern);
	regex_free(g->extract);
	free(g);
}

void grader_scratch_free(struct grader_scratch *s)
{
	buf_free(&s->text);
	buf_free(&s->gold);
	buf_free(&s->tmp);
	map_free(&s->words);
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->p, b->p, a->n));
}

/* ---- one rule each: s->gold holds the right answer as characters ---- */

static bool same_trimmed(const char *a, size_t n, const struct buf *gold)
{
	const char *b = gold->p;
	size_t m = gold->n;

	while (n && ascii_space(*a))
		a++, n--;
	while (n && ascii_space(a[n - 1]))
		n--;
	while (m && ascii_space(*b))
		b++, m--;
	while (m && ascii_space(b[m - 1]))
		m--;
	return n == m && !memcmp(a, b, n);
}

/* Without commas, as GSM8K's own script compares. */
static void strip_commas(const char *s, size_t n, struct buf *out)
{
	size_t i;

	buf_reset(out);
	for (i = 0; i < n; i++)
		if (s[i] != ',')
			buf_putc(out, s[i]);
	buf_end(out);
}

/* The right answer is a bare number, or a worked answer with "####". */
static bool gold_number(enum number_rule rule, const struct buf *gold,
	const char **number, size_t *len)
{
	struct buf unused = { 0 };
	bool bare = grade_plain_number(gold->p, gold->n, &unused);

	buf_free(&unused);
	if (bare) {
		*number = gold->p;
		*len = gold->n;
		return true;
	}
	return grade_number(rule == NUMBER_LAST ? NUMBER_EITHER : rule,
		gold->p, gold->n, number, len);
}

static enum grade_result number_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n, double *score)
{
	const char *want, *got;
	size_t nwant, ngot;

	*score = 0;
	if (!gold_number(g->o.rule, &s->gold, &want, &nwant))
		return GRADE_NO_ANSWER;
	if (!grade_number(g->o.rule, text, n, &got, &ngot))
		return GRADE_OK;
	buf_reset(&s->text);
	buf_reset(&s->tmp);
	if (g->o.rule == NUMBER_STRICT) {
		strip_commas(want, nwant, &s->tmp);
		strip_commas(got, ngot, &s->text);
	} else if (!grade_plain_number(want, nwant, &s->tmp) ||
		!grade_plain_number(got, ngot, &s->text)) {
		return GRADE_OK;
	}
	*score = same(&s->text, &s->tmp);
	return GRADE_OK;
}

static enum grade_result choice_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n, double *score)
{
	char want = grade_choice(g->o.letters, s->gold.p, s->gold.n);

	*score = want && grade_choice(g->o.letters, text, n) == want;
	return want ? GRADE_OK : GRADE_NO_ANSWER;
}

/* Calls for each word of a normal form: add counts it, else takes one away.
 * Returns how many there were; *hits, how many could be taken. */
static size_t count_words(struct map *words, const struct buf *b, bool add,
	size_t *hits)
{
	size_t at = 0, len, n = 0;

	*hits = 0;
	for (; at < b->n; at += len + 1, n++) {
		const char *sp = memchr(b->p + at, ' ', b->n - at);
		uint64_t *count;

		len = sp ? (size_t)(sp - b->p) - at : b->n - at;
		if (add) {
			++*map_put(words, b->p + at, len, NULL);
		} else if ((count = map_get(words, b->p + at, len)) && *count) {
			--*count;
			++*hits;
		}
	}
	return n;
}

/* s->text is the normal form of what was said, s->tmp of what is right. */
static double word_f1(struct grader_scratch *s)
{
	size_t hits, got, want;
	double precision, recall;

	map_free(&s->words);
	want = count_words(&s->words, &s->tmp, true, &hits);
	got = count_words(&s->words, &s->text, false, &hits);
	if (!want || !got)
		return want == got;
	if (!hits)
		return 0;
	precision = (double)hits / (double)got;
	recall = (double)hits / (double)want;
	return 2 * precision * recall / (precision + recall);
}

static double squad_score(const struct grader *g, struct grader_scratch *s,
	const char *text, size_t n)
{
	buf_reset(&s->text);
	buf_reset(&s->tmp);
	grade_normalise(text, n, &s->text);
	grade_normalise(s->gold.p, s->gold.n, &s->tmp);
	return g->o.kind == GRADER_EM ? same(&s->text, &s->tmp) : word_f1(s);
}

static enum grade_result score_one(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n, double *score)
{
	switch (g->o.kind) {
	case GRADER_EXACT:
		*score = same_trimmed(text, n, &s->gold);
		return GRADE_OK;
	case GRADER_NUMBER:
		return number_score(g, s, text, n, score);
	case GRADER_CHOICE:
		return choice_score(g, s, text, n, score);
	default:
		*score = squad_score(g, s, text, n);
		return GRADE_OK;
	}
}

/* ---- the right answer may be a list ---- */

static bool set_gold(struct grader_scratch *s, const struct json *v)
{
	buf_reset(&s->gold);
	if (v->type == JSON_NUMBER)
		buf_add(&s->gold, v->p, v->n);
	else if (!json_string(v, &s->gold))
		return false;
	buf_end(&s->gold);
	return true;
}

static enum grade_result score_best(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	const struct json *answer, double *score)
{
	enum grade_result result = GRADE_NO_ANSWER;
	struct json_iter it;
	struct json v;
	double one;

	*score = 0;
	if (answer->type != JSON_ARRAY)
		return set_gold(s, answer) ? score_one(g, s, text, n, score) :
			GRADE_NO_ANSWER;
	for (json_begin(&it, answer); json_next(&it, NULL, &v);) {
		if (!set_gold(s, &v) ||
			score_one(g, s, text, n, &one) != GRADE_OK)
			continue;
		result = GRADE_OK;
		if (one > *score)
			*score = one;
	}
	return result;
}

static enum grade_result pattern_score(const struct grader *g,
	const char *text, size_t n, double *score)
{
	struct span whole;
	enum regex_result r = regex_match(g->pattern, text, n, 0,
		&whole, 1);

	*score = r == REGEX_MATCH;
	return r == REGEX_LIMIT ? GRADE_LIMIT : GRADE_OK;
}

/* Narrows *text to what the pattern finds. */
static enum regex_result extract(const struct grader *g, const char **text,
	size_t *n)
{
	struct span found[2];
	int group = regex_groups(g->extract) > 0;
	enum regex_result r = regex_match(g->extract, *text, *n, 0,
		found, 2);

	if (r == REGEX_MATCH && found[group].at == (size_t)-1)
		r = REGEX_NONE;
	if (r == REGEX_MATCH) {
		*text += found[group].at;
		*n = found[group].len;
	}
	return r;
}

enum grade_result grader_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	const struct json *answer, double *score)
{
	enum regex_result found = REGEX_MATCH;
	enum grade_result result;

	if (g->extract)
		found = extract(g, &text, &n);
	if (g->o.kind == GRADER_REGEX) {
		result = pattern_score(g, text, n, score);
	} else if (g->o.kind == GRADER_FORMAT) {
		*score = grade_format(g->o.format, text, n);
		result = GRADE_OK;
	} else {
		result = score_best(g, s, text, n, answer, score);
	}
	if (found == REGEX_MATCH || result == GRADE_NO_ANSWER)
		return result;
	*score = 0;
	return found == REGEX_LIMIT ? GRADE_LIMIT : GRADE_OK;
}
