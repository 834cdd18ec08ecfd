/* grader.c - scores answers: see grader.h; the rules are in grade_rules.c */
#include "common/grade/grader.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/ascii.h"
#include "common/base/hash.h"
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

static void vote_text(const struct grader *g, const struct buf *text,
	const struct buf *gold, struct grade *grade)
{
	if (!g->o.votes)
		return;
	grade->vote = text->n ? hash64(text->p, text->n) | 1 : 0;
	grade->gold = gold->n ? hash64(gold->p, gold->n) | 1 : 0;
}

/* ---- one function per rule; s->gold is the reference answer as text ---- */

/* By value, or as characters, depending on the rule. */
static enum grade_result number_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n, struct grade *grade)
{
	enum number_rule rule = g->o.rule;
	struct settled want, got;

	grade->score = 0;
	if (rule == NUMBER_STRICT || rule == NUMBER_FLEXIBLE) {
		buf_reset(&s->text);
		buf_reset(&s->tmp);
		if (!grade_number_gold(rule, s->gold.p, s->gold.n, &s->tmp))
			return GRADE_NO_ANSWER;
		grade->score = grade_number_text(rule, text, n, &s->text) &&
			same(&s->text, &s->tmp);
		vote_text(g, &s->text, &s->tmp, grade);
		return GRADE_OK;
	}
	/* A worked answer settles on its number as a text does. */
	if (!grade_number(NUMBER_EITHER, s->gold.p, s->gold.n, &want) ||
		!want.x.value.known)
		return GRADE_NO_ANSWER;
	if (!grade_number(rule, text, n, &got))
		got.x.value.known = false;
	grade->score = got.x.value.known &&
		(number_same(&got.x, &want.x) ||
			(got.both && number_same(&got.other, &want.x)));
	if (g->o.votes) {
		grade->vote = number_hash(&got.x);
		grade->gold = number_hash(&want.x);
	}
	return GRADE_OK;
}

static enum grade_result choice_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	struct grade *grade)
{
	char want = grade_choice(g->o.letters, s->gold.p, s->gold.n);
	char got = grade_choice(g->o.letters, text, n);

	grade->score = want && got == want;
	grade->vote = (unsigned char)got;
	grade->gold = (unsigned char)want;
	return want ? GRADE_OK : GRADE_NO_ANSWER;
}

/* Calls for each word of a normalised text: add counts it, otherwise removes
 * one. Returns the number of words; *hits: how many could be removed. */
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

/* s->text is the normalised answer, s->tmp the normalised reference. */
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
	const char *text, size_t n, struct grade *grade)
{
	buf_reset(&s->text);
	buf_reset(&s->tmp);
	grade_normalise(text, n, &s->text);
	grade_normalise(s->gold.p, s->gold.n, &s->tmp);
	vote_text(g, &s->text, &s->tmp, grade);
	return g->o.kind == GRADER_EM ? same(&s->text, &s->tmp) : word_f1(s);
}

static void exact_score(const struct grader *g, struct grader_scratch *s,
	const char *text, size_t n, struct grade *grade)
{
	const char *gold = s->gold.p;
	size_t m = ascii_trim(&gold, s->gold.n, ascii_space);

	n = ascii_trim(&text, n, ascii_space);
	grade->score = n == m && !memcmp(text, gold, n);
	if (g->o.votes) {
		grade->vote = n ? hash64(text, n) | 1 : 0;
		grade->gold = hash64(gold, m) | 1;
	}
}

static enum grade_result score_one(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n, struct grade *grade)
{
	switch (g->o.kind) {
	case GRADER_EXACT:
		exact_score(g, s, text, n, grade);
		return GRADE_OK;
	case GRADER_NUMBER:
		return number_score(g, s, text, n, grade);
	case GRADER_CHOICE:
		return choice_score(g, s, text, n, grade);
	default:
		grade->score = squad_score(g, s, text, n, grade);
		return GRADE_OK;
	}
}

/* ---- references may be lists ---- */

/* The decimal form of a JSON number: 1e3 is 1000, 18.0 is 18. The exponent
 * shifts the digits; numbers of more than 400 digits are left as written. */
static void plain_decimal(const char *p, size_t n, struct buf *out)
{
	const char *end = p + n, *s;
	struct buf digits = { 0 };
	long point = 0, i;
	bool past = false;

	if (*p == '-')
		buf_putc(out, *p++);
	for (s = p; s < end && (*s | 32) != 'e'; s++) {
		past |= *s == '.';
		if (*s != '.')
			buf_putc(&digits, *s);
		point += !past;
	}
	if (s < end && end - s < 6)
		point += strtol(s + 1, NULL, 10);
	if ((s < end && end - s >= 6) || point > 400 || point < -400) {
		buf_add(out, p, (size_t)(end - p));
		buf_free(&digits);
		return;
	}
	while (digits.n && (long)digits.n > point &&
			digits.p[digits.n - 1] == '0')
		digits.n--;
	for (i = 0; i + 1 < point && i < (long)digits.n; i++)
		if (digits.p[i] != '0')		/* drop leading zeros */
			break;
	if (point <= 0)
		buf_putc(out, '0');
	for (; i < point; i++)
		buf_putc(out, i < (long)digits.n ? digits.p[i] : '0');
	if ((long)digits.n > point)
		buf_putc(out, '.');
	for (i = point; i < (long)digits.n; i++)
		buf_putc(out, i < 0 ? '0' : digits.p[i]);
	buf_free(&digits);
}

/* Scores against one reference answer. A JSON number is tried as written and in
 * decimal form, since its spelling is an accident of the writer. */
static enum grade_result score_answer(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	const struct json *v, struct grade *grade)
{
	enum grade_result result;
	struct grade plain;

	buf_reset(&s->gold);
	if (v->type != JSON_NUMBER) {
		if (!json_string(v, &s->gold))
			return GRADE_NO_ANSWER;
		buf_end(&s->gold);
		return score_one(g, s, text, n, grade);
	}
	buf_add(&s->gold, v->p, v->n);
	buf_end(&s->gold);
	result = score_one(g, s, text, n, grade);
	buf_reset(&s->gold);
	plain_decimal(v->p, v->n, &s->gold);
	buf_end(&s->gold);
	if (result == GRADE_OK && score_one(g, s, text, n, &plain) ==
			GRADE_OK && plain.score > grade->score)
		grade->score = plain.score;
	return result;
}

static enum grade_result score_best(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	const struct json *answer, struct grade *grade)
{
	enum grade_result result = GRADE_NO_ANSWER;
	struct json_iter it;
	struct json v;
	struct grade one;

	*grade = (struct grade){ .score = 0 };
	if (answer->type != JSON_ARRAY)
		return score_answer(g, s, text, n, answer, grade);
	for (json_begin(&it, answer); json_next(&it, NULL, &v);) {
		if (score_answer(g, s, text, n, &v, &one) != GRADE_OK)
			continue;
		if (result == GRADE_OK) {
			one.gold = grade->gold;
			one.score = one.score > grade->score ? one.score :
				grade->score;
		}
		result = GRADE_OK;
		*grade = one;
	}
	return result;
}

static enum grade_result pattern_score(const struct grader *g,
	const char *text, size_t n, struct grade *grade)
{
	struct span whole;
	enum regex_result r = regex_match(g->pattern, text, n, 0,
		&whole, 1);

	grade->score = r == REGEX_MATCH;
	return r == REGEX_LIMIT ? GRADE_LIMIT : GRADE_OK;
}

/* Narrows *text to the match of the pattern. */
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
	const struct json *answer, struct grade *grade)
{
	enum regex_result found = REGEX_MATCH;
	enum grade_result result;

	*grade = (struct grade){ .score = 0 };
	if (g->extract)
		found = extract(g, &text, &n);
	if (g->o.kind == GRADER_REGEX) {
		result = pattern_score(g, text, n, grade);
	} else if (g->o.kind == GRADER_FORMAT) {
		grade->score = grade_format(g->o.format, text, n);
		result = GRADE_OK;
	} else {
		result = score_best(g, s, text, n, answer, grade);
	}
	if (found == REGEX_MATCH || result == GRADE_NO_ANSWER)
		return result;
	grade->score = 0;
	return found == REGEX_LIMIT ? GRADE_LIMIT : GRADE_OK;
}
