/* rules.h - the quality rules for pages: FineWeb's chain
 *
 * Applied in the order of the table: HTTP status and URL of the page, its
 * language, the rules of Gopher on repetition and quality (Rae et al. 2021,
 * table A1), those of C4 (Raffel et al. 2020) that FineWeb uses, which also
 * remove lines, and FineWeb's own (Penedo et al. 2024). Decisions equal those
 * of datatrove 0.10, to the character. Each rule can be disabled and has at
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
	/* These six edit lines; they drop no page. */
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
	const char *drops;	/* what it drops, for the help */
	/* True: the page is dropped. NULL: the rule edits lines. */
	bool (*test)(struct candidate *p, double limit);
	double limit;		/* NAN: the rule has no threshold */
	bool off;
};

extern struct rule rules[RULES];

/* Sets the threshold of a rule and enables it; disables or enables a rule or, by
 * the part of their names before a '-', a family ("gopher", "c4"). False: there is
 * no such rule. */
bool rules_set(const char *name, double limit);
bool rules_switch(const char *name, bool off);

/* The sets of rules for text other than English prose. RULES_ANY_LANGUAGE
 * disables, as FineWeb2 does (Penedo et al. 2025), C4 and the rules that count
 * English words, letters per word or sentence ends. RULES_DOCS, for manuals and
 * references in any language, also disables those that mistake code, tables
 * and headings for noise. */
enum rules_set_id { RULES_FINEWEB, RULES_ANY_LANGUAGE, RULES_DOCS };
void rules_for(enum rules_set_id set);

/* What the rules need besides the page. */
struct rules_env {
	const struct urls *urls;		/* NULL: no lists */
	const struct language *language;
	const char *languages;	/* "en,de": only these; NULL: all but und */
	const struct fasttext *quality;		/* or NULL */
	size_t quality_label;
};

/* Builds tables; call once, before threads start. */
void rules_init(void);

/* A page, and memory that is reused for the next one. Zero-initialise it; free
 * it with candidate_free. The caller sets url and text, which must be valid
 * UTF-8; the rest is computed. */
struct candidate {
	const char *url;		/* NULL: unknown */
	int status;			/* of the HTTP response, 0: unknown */
	struct buf text;		/* the C4 rules edit it */
	const char *language;		/* NULL: not yet identified */
	double language_score, quality;
	uint32_t edits[RULES];		/* lines that each rule removed */
	bool edited;

	const struct rules_env *env;
	struct candidate_facts *facts;	/* cached measurements */
};

/* Identifies the language of the page, unless it is known. */
void candidate_language(struct candidate *p, const struct rules_env *env);

/* The index of the first rule that drops the page, or -1 to keep it. */
int rules_first(struct candidate *p, const struct rules_env *env);

/* Discards the measurements of the last text; call it whenever url and text are
 * new. */
void candidate_begin(struct candidate *p);
void candidate_free(struct candidate *p);

#endif
