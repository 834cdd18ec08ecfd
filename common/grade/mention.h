/* mention.h - the numbers of a passage, and what the words between them say
 *
 * A text that settles on "4 or 5" settles on nothing; "14, no, 15" is 15; "1/6,
 * or about 17%" is 1/6; and in "72 clips in 2 months" the 2 is an aside. All is
 * decided by the words next to the numbers, whatever the right answer is.
 */
#ifndef PIPELM_MENTION_H
#define PIPELM_MENTION_H

#include <stdbool.h>
#include <stddef.h>

#include "common/grade/number.h"

struct mention {
	size_t at, end;		/* text[at..end) */
	struct number x;
};

enum { MENTIONS = 64 };

/* Numbers near the place that counts; of more than MENTIONS, the last ones. */
struct mentions {
	const char *text;
	size_t n;		/* of text */
	struct mention v[MENTIONS];
	size_t count;
};

/* Reads the numbers of text[from..to). */
void mentions_read(struct mentions *m, const char *text, size_t n, size_t from,
	size_t to);

/* How two neighbours are connected. */
enum mention_link {
	MENTION_APART,
	MENTION_OR,		/* "4 or 5", "maybe 4, maybe 5" */
	MENTION_LIST,		/* "4, 5", "4 and 5" */
	MENTION_AGAIN,		/* \boxed{4} \boxed{5}, "Answer: 4. Answer: 5" */
	MENTION_NEARLY,		/* "or about" */
	MENTION_INSTEAD		/* "4, no, 5" */
};

/* The link between mentions i and i + 1. */
enum mention_link mention_link(const struct mentions *m, size_t i);

/* Whether mention i is denied: "not 4", "rather than 4". */
bool mention_denied(const struct mentions *m, size_t i);

/* Whether mention i, which is not the first of the sentence that begins at from,
 * only says when, how many of or for what: "72 clips (2 packs)", "in 2 months",
 * "after giving away 12", "the 30-gallon tank". */
bool mention_aside(const struct mentions *m, size_t i, size_t from);

/* Whether mention i is the last term of a sum or product: the 3 of 5 + 3. */
bool mention_ends_sum(const struct mentions *m, size_t i);

/* Whether mention i only numbers a step or a line: "Step 2:", "3. Add". */
bool mention_label(const struct mentions *m, size_t i);

/* Whether two mentions are one quantity in different units: 90 minutes, 1.5
 * hours. */
bool mention_same(const struct mentions *m, size_t i, size_t j);

/* Whether mention i is part of algebra: 3x, x + 3. */
bool mention_algebra(const struct mentions *m, size_t i);

#endif
