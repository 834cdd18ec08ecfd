/* number.h - the values of numbers as people write them, for comparison
 *
 *	-$1,200.50   1.2e3   3/4   \frac{9}{2}   1 1/2   2½   10^{-3}   50\%
 *	2.5 million   70K   3:30 p.m.   12/25/2024   negative 5
 *
 * Time is linear in the digits.
 */
#ifndef PIPELM_NUMBER_H
#define PIPELM_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/grade/rational.h"

struct number {
	struct rational value;	/* unknown when it is not a decimal number, such
				 * as \frac{\pi}{2} or 1/0 */
	bool script;		/* an exponent or index of something else */
	bool percent;		/* a percent sign follows; value is the number
				 * before it */
	int zeros;		/* 6: "million" follows; value is before it */
	bool clock;		/* 3:30, in hours */
	char half;		/* 'a', 'p': of the day; 0: not said */
	int day;		/* of a date: 100 months + days + 1; value is
				 * the year */
};

/* Reads the number at text[at..n), with the sign and currency before it.
 * Returns its length, 0 when there is none. The characters before `at` decide
 * whether a minus is a sign: it is not after a letter or digit ("3-4"), a
 * percent sign or another minus. */
size_t number_read(const char *text, size_t at, size_t n, struct number *x);

/* Whether the values are equal. "50%" equals both 50 and 1/2, "4
 * million" both 4000000 and 4, 3:30 equals both
 * 3:30 p.m. and a.m. Of a date and another number, the year counts. An unknown
 * value equals nothing. */
bool number_same(const struct number *a, const struct number *b);

/* Equal for equal values, up to percent signs and the like; 0 for an unknown
 * one. */
uint64_t number_hash(const struct number *x);

#endif
