/* rational.h - rational numbers of any size, for comparison
 *
 * Numerator and denominator are kept modulo two 61-bit primes. Sums, products
 * and quotients are exact in that arithmetic for any number of digits, equal
 * values are equal, and different values compare equal once in 2^120.
 */
#ifndef PIPELM_RATIONAL_H
#define PIPELM_RATIONAL_H

#include <stdbool.h>
#include <stdint.h>

struct rational {
	uint64_t above[2], below[2];	/* numerator, denominator */
	bool known;		/* false: not a number, as after division by 0 */
};

/* value is below 10^18. */
void rational_set(struct rational *x, uint64_t value);
void rational_add(struct rational *x, const struct rational *y);
void rational_negate(struct rational *x);
void rational_multiply(struct rational *x, const struct rational *by);
void rational_divide(struct rational *x, struct rational by);
void rational_power(struct rational *x, int64_t n);
void rational_scale_by_ten(struct rational *x, int64_t exponent);

/* Appends one decimal digit to the whole number x. */
void rational_append_digit(struct rational *x, uint64_t digit);

/* Both values must be known. */
bool rational_equal(const struct rational *a, const struct rational *b);

/* Equal for equal values; never 0. The value must be known. */
uint64_t rational_hash(const struct rational *x);

#endif
