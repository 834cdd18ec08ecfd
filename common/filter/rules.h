/* rules.h - which pages are good enough: FineWeb's chain of rules
 *
 * In the order of the table: the answer and address of the page, its language,
 * the rules of Gopher against repetition and on quality (Rae et al. 2021,
 * table A1), those of C4 (Raffel et al. 2020) that FineWeb uses, which also
 * take lines out, and FineWeb's own (Penedo et al. 2024). The decisions are
 * those of datatrove 0.10, to the character. Each rule can be switched off and has at
 * most one threshold.
 */
#ifndef PIPELM_RULES_H
#define PIPELM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum rule_id {
	RULE_HTTP_STATUS,
	RULE_URL_DOMAIN, RULE_URL_ADDRESS, RULE_URL_WORD, RULE_URL_SOFT_WORDS,
	RULE_URL_SUBWORD,
	RULE_EMPTY, RULE_LANGUAGE, RULE_LANGUAGE_SCORE,
	RULE_GOPHER_DUP_PARAGRAPHS, RULE_GOPHER_DUP_PARAGRAPH_CHARS,
	RULE_GOPHER_DUP_LINES, RULE_GOPHER_DUP_LINE_CHARS,
	RULE_GOPHER_TOP_2_GRAM, RULE_GOPHER_TOP_3_GRAM, RULE_GOPHER_TOP_4_GRAM,
	RULE_GOPHER_DUP_5_GRAMS, RULE_GOPHER_DUP_6_GRAMS,
	RULE_GOPHER_DUP_7_GRAMS, RULE_GOPHER_DUP_8_GRAMS,
	RULE_GOPHER_DUP_9_GRAMS, RULE_GOPHER_DUP_10_GRAMS,
	RULE_GOPHER_MIN_WORDS, RULE_GOPHER_MAX_WORDS,
	RULE_GOPHER_MIN_WORD_LENGTH, RULE_GOPHER_MAX_WORD_LENGTH,
	RULE_GOPHER_HASHES, RULE_GOPHER_ELLIPSES, RULE_GOPHER_BULLETS,
	RULE_GOPHER_ELLIPSIS_LINES, RULE_GOPHER_LETTERS,
	RULE_GOPHER_STOP_WORDS,
	/* These five take out lines and words; they drop no page. */
	RULE_C4_WORD_LENGTH, RULE_C4_CITATIONS, RULE_C4_TERMINAL,
	RULE_C4_LINE_WORDS, RULE_C4_JAVASCRIPT, RULE_C4_POLICY,
	RULE_C4_LOREM_IPSUM, RULE_C4_CURLY_BRACKET, RULE_C4_SENTENCES,
	RULE_FINEWEB_EMPTY, RULE_FINEWEB_LINE_ENDS, RULE_FINEWEB_SHORT_LINES,
	RULE_FINEWEB_DUP_LINE_CHARS, RULE_FINEWEB_NEWLINES,
	RULE_QUALITY,
	RULES
};

struct candidate;

struct rule {
	const char *name;
	const char *drops;	/* what, for the help */
	/* True: the page is dropped. NULL: the rule works on lines. */
	bool (*test)(struct candidate *p, double limit);
	double limit;		/* NAN: the rule has no threshold */
	bool off;
};

extern struct rule rules[RULES];

/* Sets a threshold; switches off a rule or, by the beginning of its name
 * before a '-', a family ("gopher", "c4"). False: there is none. */
bool rules_set(const char *name, double limit);
bool rules_switch_off(const char *name);

/* The rules for other texts than English prose. RULES_ANY_LANGUAGE: what counts
 * English words, letters a word or the ends of sentences is off, and C4, as in
 * FineWeb2 (Penedo et al. 2025). RULES_DOCS: also what takes code, tables and
 * headings for noise, for handbooks and references in any language. */
enum rules_set_id { RULES_FINEWEB, RULES_ANY_LANGUAGE, RULES_DOCS };
void rules_for(enum rules_set_id set);

/* What the rules are given beside the page. */
struct rules_env {
	const struct urls *urls;		/* NULL: no lists */
	const struct language *language;
	const char *languages;	/* "en,de": only these; NULL: all but und */
	const struct fasttext *quality;		/* or NULL */
	size_t quality_label;
};

/* Builds tables; once, before threads are at work. */
void rules_init(void);

/* A page, and memory that is used again for the next one. Zero it first;
 * candidate_free. Give it url and text, valid UTF-8; the rest is found. */
struct candidate {
	const char *url;		/* NULL: none is known */
	int status;			/* of the HTTP response, 0: unknown */
	struct buf text;		/* the C4 rules edit it */
	const char *language;		/* NULL: not yet asked */
	double language_score, quality;
	uint32_t edits[RULES];		/* lines that each took out */
	bool edited;

	const struct rules_env *env;
	struct candidate_facts *facts;	/* what rules have measured */
};

/* Finds the language of the page, unless it is known. */
void candidate_language(struct candidate *p, const struct rules_env *env);

/* The number of the first rule that drops the page, -1: it stays. */
int rules_first(struct candidate *p, const struct rules_env *env);

/* Forgets what was found about the last text; call it when url and text are
 * new. */
void candidate_begin(struct candidate *p);
void candidate_free(struct candidate *p);

#endif
