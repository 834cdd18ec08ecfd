/* grader.h - scores of an answer against what it should be
 *
 * Every rule settles on one candidate before it looks at the right answer, so
 * that a text that names several ("A or B or C") cannot win by it. Time is
 * linear in the text, apart from a user's regular expression, whose steps are
 * limited.
 */
#ifndef PIPELM_GRADER_H
#define PIPELM_GRADER_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/format/jsonscan.h"
#include "common/grade/number.h"

enum grader_kind {
	GRADER_EXACT,	/* the text, apart from white space around */
	GRADER_NUMBER,	/* see number_rule */
	GRADER_CHOICE,	/* the letter that the text settles on */
	GRADER_F1,	/* words in common, as in SQuAD */
	GRADER_EM,	/* equal after SQuAD's normalisation */
	GRADER_REGEX,	/* the text matches a pattern */
	GRADER_FORMAT	/* see format */
};

/* What number of a text counts:
 * EITHER	the first behind the last "####" that has a number on its line,
 *		or the last in the last \boxed{} that has one, whichever
 *		stands later; without both the last in the text; by value
 * STRICT	GSM8K as published: what matches `#### (\-?[0-9\.\,]+)` first,
 *		compared as characters without commas
 * LAST		the last number, by value
 * FLEXIBLE	lm-eval's flexible-extract: what matches
 *		`(-?[$0-9.,]{2,})|(-?[0-9]+)` last, compared as characters
 *		without commas, dollars and a full stop at the end */
enum number_rule { NUMBER_EITHER, NUMBER_STRICT, NUMBER_LAST,
	NUMBER_FLEXIBLE };

/* Tags that must be there once each, in this order, with nothing around:
 * <think>..</think><answer>..</answer>; the first pair and then a text; the
 * second pair alone, text before it allowed; a \boxed{..} somewhere. */
enum grader_format { FORMAT_THINK_ANSWER, FORMAT_THINK, FORMAT_ANSWER,
	FORMAT_BOXED };

struct grader_options {
	enum grader_kind kind;
	enum number_rule rule;
	enum grader_format format;
	const char *pattern;	/* of GRADER_REGEX */
	const char *extract;	/* or NULL: grade only what group 1 (or all) of
				 * the first match of this pattern holds */
	const char *letters;	/* of GRADER_CHOICE: "ABCD" */
};

struct grader;
struct grader *grader_new(const struct grader_options *o);
void grader_free(struct grader *g);

/* Scratch of a thread: zero-initialise it. */
struct grader_scratch {
	struct buf text, gold, tmp;
	struct map words;
};
void grader_scratch_free(struct grader_scratch *s);

enum grade_result {
	GRADE_OK,
	GRADE_LIMIT,		/* a pattern took too many steps: score 0 */
	GRADE_NO_ANSWER		/* the right answer is missing or unusable */
};

/* Scores text[0..n), valid UTF-8, from 0 to 1. answer is a string, a number,
 * or a list of these, the best of which counts; REGEX and FORMAT need none. */
enum grade_result grader_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	const struct json *answer, double *score);

/* ---- the rules, for other uses and for tests ---- */

/* The number that counts by value. False: there is none. */
bool grade_number(enum number_rule rule, const char *text, size_t n,
	struct number *x);

/* The number that counts as characters, appended to out as it is compared;
 * STRICT and FLEXIBLE. False: there is none. */
bool grade_number_text(enum number_rule rule, const char *text, size_t n,
	struct buf *out);

/* The same of the right answer, which may be a bare number. */
bool grade_number_gold(enum number_rule rule, const char *gold, size_t n,
	struct buf *out);

/* The letter of letters that the text settles on; 0: none, or several. */
char grade_choice(const char *letters, const char *text, size_t n);

/* SQuAD's normal form: lower case, no punctuation, no a, an, the, one space
 * between words. Appended to out. */
void grade_normalise(const char *s, size_t n, struct buf *out);

bool grade_format(enum grader_format format, const char *text, size_t n);

#endif
