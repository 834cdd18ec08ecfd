/* settle.h - the number that a text settles on
 *
 * The place is the first of these that has a number: the last <answer>..</answer>;
 * the last "####" or \boxed{}, whichever comes later; what the last "answer" is
 * said to be; the last number in bold; the last sentence with a number. What is
 * inside <think>..</think>, and a new question after the answer, do not count.
 * Digits of all scripts are read, and words if a text has no digits.
 */
#ifndef PIPELM_SETTLE_H
#define PIPELM_SETTLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/grade/number.h"

struct settled {
	struct number x;
	struct number other;	/* the same in another unit: "2 hours, or 120
				 * minutes" */
	bool both;		/* other is set */
};

/* False when the text names no number, or several and settles on none: "4 or
 * 5". Time is linear in the text. */
bool settle_number(const char *text, size_t n, struct settled *s);

/* The value of the last English number in s[0..n): "two hundred and five". */
bool spelled_number(const char *s, size_t n, struct number *x);

#endif
