/* rules.c - the table of rules, and applying it: see rules.h */
#include "common/filter/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/filter/fasttext.h"
#include "common/filter/language.h"
#include "common/filter/candidate.h"
#include "common/filter/url.h"

/* ---- HTTP response and URL ---- */

static bool http_status(struct candidate *p, double limit)
{
	return p->status && (p->status < 200 || p->status > 299);
}

static const struct urls *lists(const struct candidate *p)
{
	return p->url ? p->env->urls : NULL;
}

static bool url_domain(struct candidate *p, double limit)
{
	return lists(p) && urls_domain(lists(p), p->url);
}

static bool url_address(struct candidate *p, double limit)
{
	return lists(p) && urls_address(lists(p), p->url);
}

static bool url_word(struct candidate *p, double limit)
{
	return lists(p) && urls_words(lists(p), URL_WORD, p->url);
}

static bool url_soft_words(struct candidate *p, double limit)
{
	return lists(p) &&
		(double)urls_words(lists(p), URL_SOFT_WORD, p->url) >= limit;
}

static bool url_subword(struct candidate *p, double limit)
{
	return lists(p) && urls_subword(lists(p), p->url);
}

/* ---- the text and its language ---- */

static bool empty(struct candidate *p, double limit)
{
	return !slice_strip((struct slice){ p->text.p, p->text.n }).n;
}

static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (;; list++) {
		size_t len = strcspn(list, ",");

		if (len == n && !memcmp(list, word, n))
			return true;
		list += len;
		if (!*list)
			return false;
	}
}

static bool language(struct candidate *p, double limit)
{
	candidate_language(p, p->env);
	if (p->env->languages)
		return !in_list(p->env->languages, p->language);
	return !strcmp(p->language, "und");
}

static bool language_score(struct candidate *p, double limit)
{
	candidate_language(p, p->env);
	return p->language_score <= limit;
}

/* ---- Gopher: repetition ---- */

static bool dup_paragraphs(struct candidate *p, double limit)
{
	return candidate_paragraphs(p)->parts / candidate_paragraphs(p)->of > limit;
}

static bool dup_paragraph_chars(struct candidate *p, double limit)
{
	return candidate_paragraphs(p)->chars / candidate_chars(p) > limit;
}

static bool dup_lines(struct candidate *p, double limit)
{
	return candidate_dup_lines(p)->parts / candidate_dup_lines(p)->of > limit;
}

static bool dup_line_chars(struct candidate *p, double limit)
{
	return candidate_dup_lines(p)->chars / candidate_chars(p) > limit;
}

#define TOP_NGRAM(n) \
	static bool top_##n##_gram(struct candidate *p, double limit) \
	{ \
		return candidate_top_ngram(p, n) / candidate_chars(p) > limit; \
	}
TOP_NGRAM(2)
TOP_NGRAM(3)
TOP_NGRAM(4)

#define DUP_NGRAMS(n) \
	static bool dup_##n##_grams(struct candidate *p, double limit) \
	{ \
		return candidate_dup_ngrams(p, n) / candidate_chars(p) > limit; \
	}
DUP_NGRAMS(5)
DUP_NGRAMS(6)
DUP_NGRAMS(7)
DUP_NGRAMS(8)
DUP_NGRAMS(9)
DUP_NGRAMS(10)

/* ---- Gopher: quality ---- */

static bool min_words(struct candidate *p, double limit)
{
	return candidate_symbols(p)->non_symbol < limit;
}

static bool max_words(struct candidate *p, double limit)
{
	return candidate_symbols(p)->non_symbol > limit;
}

static bool min_word_length(struct candidate *p, double limit)
{
	const struct candidate_symbols *y = candidate_symbols(p);

	return y->chars / y->non_symbol < limit;
}

static bool max_word_length(struct candidate *p, double limit)
{
	const struct candidate_symbols *y = candidate_symbols(p);

	return y->chars / y->non_symbol > limit;
}

static bool hashes(struct candidate *p, double limit)
{
	return candidate_symbols(p)->hashes / candidate_symbols(p)->words > limit;
}

static bool ellipses(struct candidate *p, double limit)
{
	return candidate_symbols(p)->ellipses / candidate_symbols(p)->words > limit;
}

static bool bullets(struct candidate *p, double limit)
{
	return candidate_lines(p)->bullets / candidate_lines(p)->n > limit;
}

static bool ellipsis_lines(struct candidate *p, double limit)
{
	return candidate_lines(p)->ellipses / candidate_lines(p)->n > limit;
}

static bool letters(struct candidate *p, double limit)
{
	return candidate_symbols(p)->letters / candidate_symbols(p)->words < limit;
}

static bool stop_words(struct candidate *p, double limit)
{
	return candidate_symbols(p)->stop_words < limit;
}

/* ---- C4 ---- */

static bool lorem_ipsum(struct candidate *p, double limit)
{
	candidate_c4(p);
	return p->facts->c4 == C4_LOREM_IPSUM;
}

static bool curly_bracket(struct candidate *p, double limit)
{
	candidate_c4(p);
	return p->facts->c4 == C4_CURLY_BRACKET;
}

static bool sentences(struct candidate *p, double limit)
{
	candidate_c4(p);
	return p->facts->sentences < limit;
}

/* ---- FineWeb ---- */

static bool no_lines(struct candidate *p, double limit)
{
	return candidate_fineweb(p)->n == 0;
}

static bool line_ends(struct candidate *p, double limit)
{
	return candidate_fineweb(p)->ended / candidate_fineweb(p)->n < limit;
}

static bool short_lines(struct candidate *p, double limit)
{
	return candidate_fineweb(p)->short_ones / candidate_fineweb(p)->n > limit;
}

static bool fineweb_dup_chars(struct candidate *p, double limit)
{
	return candidate_fineweb(p)->dup_chars / candidate_fineweb(p)->chars > limit;
}

static bool newlines(struct candidate *p, double limit)
{
	return candidate_fineweb(p)->newlines / (double)candidate_words(p)->n > limit;
}

/* ---- the user's classifier ---- */

static bool quality(struct candidate *p, double limit)
{
	const struct fasttext *ft = p->env->quality;
	float *score;

	if (!ft)
		return false;
	score = xcalloc(fasttext_labels(ft), sizeof *score);
	fasttext_score(ft, p->text.p, p->text.n, score);
	p->quality = score[p->env->quality_label];
	free(score);
	return p->quality < limit;
}

/* ---- the table ---- */

struct rule rules[RULES] = {
[RULE_HTTP_STATUS] = { "http-status",
	"the HTTP status is not 2xx", http_status, NAN, false },
[RULE_URL_DOMAIN] = { "url-domain",
	"the host or a parent domain is listed", url_domain, NAN, false },
[RULE_URL_ADDRESS] = { "url-address",
	"the URL is listed", url_address, NAN, false },
[RULE_URL_WORD] = { "url-word",
	"the URL contains a listed word", url_word, NAN, false },
[RULE_URL_SOFT_WORDS] = { "url-soft-words",
	"number of soft words in the URL at least", url_soft_words, 2, false },
[RULE_URL_SUBWORD] = { "url-subword",
	"the letters of the URL contain a listed subword", url_subword, NAN, false },
[RULE_EMPTY] = { "empty",
	"there is no text", empty, NAN, false },
[RULE_LANGUAGE] = { "language",
	"the language is not wanted, or there is none", language, NAN, false },
[RULE_LANGUAGE_SCORE] = { "language-score",
	"probability of the language at most", language_score, .65, false },
[RULE_GOPHER_DUP_PARAGRAPHS] = { "gopher-dup-paragraphs",
	"share of repeated paragraphs over", dup_paragraphs, .3, false },
[RULE_GOPHER_DUP_PARAGRAPH_CHARS] = { "gopher-dup-paragraph-chars",
	"share of characters in them over", dup_paragraph_chars, .2, false },
[RULE_GOPHER_DUP_LINES] = { "gopher-dup-lines",
	"share of repeated lines over", dup_lines, .3, false },
[RULE_GOPHER_DUP_LINE_CHARS] = { "gopher-dup-line-chars",
	"share of characters in them over", dup_line_chars, .2, false },
[RULE_GOPHER_TOP_2_GRAM] = { "gopher-top-2-gram",
	"share of the most frequent 2-gram over", top_2_gram, .2, false },
[RULE_GOPHER_TOP_3_GRAM] = { "gopher-top-3-gram",
	"share of the most frequent 3-gram over", top_3_gram, .18, false },
[RULE_GOPHER_TOP_4_GRAM] = { "gopher-top-4-gram",
	"share of the most frequent 4-gram over", top_4_gram, .16, false },
[RULE_GOPHER_DUP_5_GRAMS] = { "gopher-dup-5-grams",
	"share of repeated 5-grams over", dup_5_grams, .15, false },
[RULE_GOPHER_DUP_6_GRAMS] = { "gopher-dup-6-grams",
	"share of repeated 6-grams over", dup_6_grams, .14, false },
[RULE_GOPHER_DUP_7_GRAMS] = { "gopher-dup-7-grams",
	"share of repeated 7-grams over", dup_7_grams, .13, false },
[RULE_GOPHER_DUP_8_GRAMS] = { "gopher-dup-8-grams",
	"share of repeated 8-grams over", dup_8_grams, .12, false },
[RULE_GOPHER_DUP_9_GRAMS] = { "gopher-dup-9-grams",
	"share of repeated 9-grams over", dup_9_grams, .11, false },
[RULE_GOPHER_DUP_10_GRAMS] = { "gopher-dup-10-grams",
	"share of repeated 10-grams over", dup_10_grams, .1, false },
[RULE_GOPHER_MIN_WORDS] = { "gopher-min-words",
	"fewer words than", min_words, 50, false },
[RULE_GOPHER_MAX_WORDS] = { "gopher-max-words",
	"more words than", max_words, 100000, false },
[RULE_GOPHER_MIN_WORD_LENGTH] = { "gopher-min-word-length",
	"mean word length under", min_word_length, 3, false },
[RULE_GOPHER_MAX_WORD_LENGTH] = { "gopher-max-word-length",
	"mean word length over", max_word_length, 10, false },
[RULE_GOPHER_HASHES] = { "gopher-hashes",
	"hash signs per word over", hashes, .1, false },
[RULE_GOPHER_ELLIPSES] = { "gopher-ellipses",
	"ellipses per word over", ellipses, .1, false },
[RULE_GOPHER_BULLETS] = { "gopher-bullets",
	"share of lines that start with a bullet over", bullets, .9, false },
[RULE_GOPHER_ELLIPSIS_LINES] = { "gopher-ellipsis-lines",
	"share of lines that end in an ellipsis over", ellipsis_lines, .3,
	false },
[RULE_GOPHER_LETTERS] = { "gopher-letters",
	"share of words with a letter under", letters, .8, false },
[RULE_GOPHER_STOP_WORDS] = { "gopher-stop-words",
	"fewer English stop words than", stop_words, 2, false },
[RULE_C4_WORD_LENGTH] = { "c4-word-length",
	"removes lines with a word longer than", NULL, 1000, false },
[RULE_C4_CITATIONS] = { "c4-citations",
	"removes [1], [edit], [citation needed]", NULL, NAN, false },
[RULE_C4_TERMINAL] = { "c4-terminal",
	"removes lines that do not end in . ? ! or a quote", NULL, NAN, true },
[RULE_C4_LINE_WORDS] = { "c4-line-words",
	"removes lines with fewer words than", NULL, 3, false },
[RULE_C4_JAVASCRIPT] = { "c4-javascript",
	"removes lines about JavaScript", NULL, NAN, false },
[RULE_C4_POLICY] = { "c4-policy",
	"removes lines about cookies and terms of use", NULL, NAN, false },
[RULE_C4_LOREM_IPSUM] = { "c4-lorem-ipsum",
	"contains lorem ipsum", lorem_ipsum, NAN, false },
[RULE_C4_CURLY_BRACKET] = { "c4-curly-bracket",
	"contains a curly bracket", curly_bracket, NAN, false },
[RULE_C4_SENTENCES] = { "c4-sentences",
	"fewer sentences left than", sentences, 5, false },
[RULE_FINEWEB_EMPTY] = { "fineweb-empty",
	"no line left", no_lines, NAN, false },
[RULE_FINEWEB_LINE_ENDS] = { "fineweb-line-ends",
	"share of lines that end in punctuation under", line_ends, .12, false },
[RULE_FINEWEB_SHORT_LINES] = { "fineweb-short-lines",
	"share of lines of at most 30 characters over", short_lines, .67,
	false },
[RULE_FINEWEB_DUP_LINE_CHARS] = { "fineweb-dup-line-chars",
	"share of characters in repeated lines over", fineweb_dup_chars, .01,
	false },
[RULE_FINEWEB_NEWLINES] = { "fineweb-newlines",
	"newlines per word over", newlines, .3, false },
[RULE_QUALITY] = { "quality",
	"the score of --quality-model under", quality, .5, false },
};

static int find(const char *name)
{
	int i;

	for (i = 0; i < RULES; i++)
		if (!strcmp(rules[i].name, name))
			return i;
	return -1;
}

bool rules_set(const char *name, double limit)
{
	int i = find(name);

	if (i < 0 || isnan(rules[i].limit))
		return false;
	rules[i].limit = limit;
	rules[i].off = false;
	return true;
}

bool rules_switch(const char *name, bool off)
{
	size_t n = strlen(name);
	bool found = false;
	int i;

	for (i = 0; i < RULES; i++) {
		const char *s = rules[i].name;

		if (strncmp(s, name, n) || (s[n] && s[n] != '-'))
			continue;
		/* "language" is a rule and a family; language-score stays on. */
		if (s[n] && find(name) >= 0)
			continue;
		rules[i].off = off;
		found = true;
	}
	return found;
}

void rules_for(enum rules_set_id set)
{
	static const enum rule_id any_language[] = {
		RULE_GOPHER_MIN_WORD_LENGTH, RULE_GOPHER_MAX_WORD_LENGTH,
		RULE_GOPHER_STOP_WORDS, RULE_FINEWEB_LINE_ENDS,
		RULE_FINEWEB_SHORT_LINES
	};
	static const enum rule_id docs[] = {
		RULE_GOPHER_HASHES, RULE_GOPHER_BULLETS, RULE_GOPHER_LETTERS,
		RULE_FINEWEB_DUP_LINE_CHARS, RULE_FINEWEB_NEWLINES
	};
	size_t i;

	if (set == RULES_FINEWEB)
		return;
	rules_switch("c4", true);
	for (i = 0; i < sizeof any_language / sizeof *any_language; i++)
		rules[any_language[i]].off = true;
	rules[RULE_FINEWEB_DUP_LINE_CHARS].limit = .1;
	for (i = 0; set == RULES_DOCS && i < sizeof docs / sizeof *docs; i++)
		rules[docs[i]].off = true;
}

void rules_init(void)
{
	words_init();
}

void candidate_language(struct candidate *p, const struct rules_env *env)
{
	if (!p->language)
		p->language = language_guess(env->language, p->text.p,
			p->text.n, &p->language_score);
}

/* The first enabled page rule of C4 needs the edited lines; so does the next
 * rule when only line rules are enabled. */
static bool edits_lines(void)
{
	int i;

	for (i = RULE_C4_WORD_LENGTH; i <= RULE_C4_SENTENCES; i++)
		if (!rules[i].off)
			return true;
	return false;
}

int rules_first(struct candidate *p, const struct rules_env *env)
{
	int i;

	p->env = env;
	for (i = 0; i < RULES; i++) {
		if (i == RULE_C4_LOREM_IPSUM && edits_lines())
			candidate_c4(p);
		if (!rules[i].off && rules[i].test &&
			rules[i].test(p, rules[i].limit))
			return i;
	}
	return -1;
}
