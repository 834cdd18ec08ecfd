/* rational.c - arithmetic modulo two primes: see rational.h */
#include "common/grade/rational.h"

#include <string.h>

#include "common/base/hash.h"

/* Arbitrary primes. */
static const uint64_t primes[2] = { 0x1b873593cc9e2d87, 0x19e3779b97f4a7c9 };

static uint64_t mod_mul(uint64_t a, uint64_t b, uint64_t p)
{
	if (!((a | b) >> 32)) {		/* most numbers are small */
		uint64_t x = a * b;

		return x < p ? x : x % p;
	}
	return (uint64_t)((unsigned __int128)a * b % p);
}

static uint64_t mod_power(uint64_t a, uint64_t n, uint64_t p)
{
	uint64_t product = 1;

	for (; n; n >>= 1) {
		if (n & 1)
			product = mod_mul(product, a, p);
		a = mod_mul(a, a, p);
	}
	return product;
}

void rational_set(struct rational *x, uint64_t value)
{
	*x = (struct rational) { .above = { value, value }, .below = { 1, 1 },
		.known = true };
}

void rational_multiply(struct rational *x, const struct rational *by)
{
	int i;

	for (i = 0; i < 2; i++) {
		x->above[i] = mod_mul(x->above[i], by->above[i], primes[i]);
		x->below[i] = mod_mul(x->below[i], by->below[i], primes[i]);
	}
	x->known &= by->known;
}

static void invert(struct rational *x)
{
	struct rational y = *x;

	memcpy(x->above, y.below, sizeof x->above);
	memcpy(x->below, y.above, sizeof x->below);
	x->known &= x->below[0] && x->below[1];
}

void rational_divide(struct rational *x, struct rational by)
{
	invert(&by);
	rational_multiply(x, &by);
}

void rational_add(struct rational *x, const struct rational *y)
{
	int i;

	for (i = 0; i < 2; i++) {
		x->above[i] = (mod_mul(x->above[i], y->below[i], primes[i]) +
			mod_mul(y->above[i], x->below[i], primes[i])) %
			primes[i];
		x->below[i] = mod_mul(x->below[i], y->below[i], primes[i]);
	}
	x->known &= y->known;
}

void rational_negate(struct rational *x)
{
	int i;

	for (i = 0; i < 2; i++)
		x->above[i] = (primes[i] - x->above[i]) % primes[i];
}

void rational_power(struct rational *x, int64_t n)
{
	uint64_t times = (uint64_t)(n < 0 ? -n : n);
	int i;

	for (i = 0; i < 2; i++) {
		x->above[i] = mod_power(x->above[i], times, primes[i]);
		x->below[i] = mod_power(x->below[i], times, primes[i]);
	}
	if (n < 0)
		invert(x);
}

void rational_scale_by_ten(struct rational *x, int64_t exponent)
{
	struct rational ten;

	if (!exponent)
		return;
	rational_set(&ten, 10);
	rational_power(&ten, exponent);
	rational_multiply(x, &ten);
}

void rational_append_digit(struct rational *x, uint64_t digit)
{
	int i;

	for (i = 0; i < 2; i++)
		x->above[i] = (mod_mul(x->above[i], 10, primes[i]) + digit) %
			primes[i];
}

bool rational_equal(const struct rational *a, const struct rational *b)
{
	int i;

	for (i = 0; i < 2; i++)
		if (mod_mul(a->above[i], b->below[i], primes[i]) !=
			mod_mul(b->above[i], a->below[i], primes[i]))
			return false;
	return true;
}

/* The quotient: the inverse is a power (Fermat). */
uint64_t rational_hash(const struct rational *x)
{
	uint64_t part[2];
	int i;

	for (i = 0; i < 2; i++)
		part[i] = mod_mul(x->above[i], mod_power(x->below[i],
			primes[i] - 2, primes[i]), primes[i]);
	return hash_mix(part[0] ^ hash_mix(part[1])) | 1;
}
