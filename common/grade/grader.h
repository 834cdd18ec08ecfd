/* grader.h - scores an answer against a reference answer
 *
 * Every rule settles on one candidate before it looks at the reference, so a
 * text that names several ("A or B or C") cannot win by that. Time is linear
 * in the text, except for a user's regular expression, whose number of steps
 * is limited.
 */
#ifndef PIPELM_GRADER_H
#define PIPELM_GRADER_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/format/jsonscan.h"
#include "common/grade/settle.h"

enum grader_kind {
	GRADER_EXACT,	/* the text, trimmed */
	GRADER_NUMBER,	/* see number_rule */
	GRADER_CHOICE,	/* the letter that the text settles on */
	GRADER_F1,	/* words in common, as in SQuAD */
	GRADER_EM,	/* equal after SQuAD's normalisation */
	GRADER_REGEX,	/* the text matches a pattern */
	GRADER_FORMAT	/* see enum grader_format */
};

/* Which number of a text counts:
 * EITHER	the one that the text settles on (settle.h), by value
 * STRICT	GSM8K as published: the first match of
 *		`#### (\-?[0-9\.\,]+)`, compared as characters without commas
 * LAST		the last number, by value
 * FLEXIBLE	lm-eval's flexible-extract: the last match of
 *		`(-?[$0-9.,]{2,})|(-?[0-9]+)`, compared as characters without
 *		commas, dollar signs and a final full stop */
enum number_rule { NUMBER_EITHER, NUMBER_STRICT, NUMBER_LAST,
	NUMBER_FLEXIBLE };

/* Tags that must occur exactly once, in this order, with nothing around them:
 * <think>..</think><answer>..</answer>; the first pair followed by a text; the
 * second pair, optionally after a text; a \boxed{..} anywhere. */
enum grader_format { FORMAT_THINK_ANSWER, FORMAT_THINK, FORMAT_ANSWER,
	FORMAT_BOXED };

struct grader_options {
	enum grader_kind kind;
	enum number_rule rule;
	enum grader_format format;
	const char *pattern;	/* for GRADER_REGEX */
	const char *extract;	/* or NULL: grade only group 1 (or all) of
				 * the first match of this pattern */
	const char *letters;	/* for GRADER_CHOICE: "ABCD" */
	bool votes;		/* which texts agree is wanted */
};

struct grader;
struct grader *grader_new(const struct grader_options *o);
void grader_free(struct grader *g);

/* Working memory of a thread: zero-initialise it. */
struct grader_scratch {
	struct buf text, gold, tmp;
	struct map words;
};
void grader_scratch_free(struct grader_scratch *s);

enum grade_result {
	GRADE_OK,
	GRADE_LIMIT,		/* a pattern needed too many steps */
	GRADE_NO_ANSWER		/* the reference is missing or unusable */
};

/* Scores text[0..n), valid UTF-8. answer is a string, a number, or a list of them,
 * of which the best match counts; REGEX and FORMAT need none. */
struct grade {
	double score;		/* from 0 to 1 */
	uint64_t vote;		/* with votes: equal for texts that settle on the
				 * same; 0: on nothing */
	uint64_t gold;		/* the same for the (first) answer */
};
enum grade_result grader_score(const struct grader *g,
	struct grader_scratch *s, const char *text, size_t n,
	const struct json *answer, struct grade *grade);

/* ---- the rules, for other uses and for tests ---- */

/* The number that counts, by value. False when there is none. */
bool grade_number(enum number_rule rule, const char *text, size_t n,
	struct settled *s);

/* The number that counts as characters (STRICT and FLEXIBLE), appended to out in
 * the form that is compared. False when there is none. */
bool grade_number_text(enum number_rule rule, const char *text, size_t n,
	struct buf *out);

/* The same for the reference answer, which may be a bare number. */
bool grade_number_gold(enum number_rule rule, const char *gold, size_t n,
	struct buf *out);

/* The one of letters that the text settles on; 0: none, or several. */
char grade_choice(const char *letters, const char *text, size_t n);

/* Appends SQuAD's normalised form to out: lower case, no punctuation, no a, an,
 * the, single spaces between words. */
void grade_normalise(const char *s, size_t n, struct buf *out);

bool grade_format(enum grader_format format, const char *text, size_t n);

#endif
