/* rng - the random numbers are Philox4x32-10: its known answers (Salmon et al.,
 * Random123), and moments of numbers derived from them
 */
#include <math.h>
#include <stdio.h>

#include "common/base/err.h"
#include "common/base/rng.h"

#define N 200000

struct answer {
	uint32_t counter[4], key[2];
	uint64_t first;		/* the first two of four words */
};

static const struct answer answers[] = {
	{ { 0, 0, 0, 0 }, { 0, 0 }, 0xe169c58d6627e8d5u },
	{ { ~0u, ~0u, ~0u, ~0u }, { ~0u, ~0u }, 0x41c83b0e408f276du },
	{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
		{ 0xa4093822, 0x299f31d0 }, 0x94fdccebd16cfe09u },
};

static void near(const char *what, double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		die("%s is %g, not %g", what, got, want);
}

static void known(void)
{
	size_t i;

	for (i = 0; i < sizeof answers / sizeof *answers; i++) {
		const struct answer *a = &answers[i];
		uint64_t got = rng_u64((uint64_t)a->key[1] << 32 | a->key[0],
			a->counter[3], a->counter[2],
			(uint64_t)a->counter[1] << 32 | a->counter[0]);

		if (got != a->first)
			die("answer %zu is %llx, not %llx", i,
				(unsigned long long)got,
				(unsigned long long)a->first);
	}
}

static void moments(void)
{
	double u, x, sum = 0, square = 0, normal = 0, second = 0, fourth = 0;
	double twice = 0, last = 0;
	long below[7] = { 0 };
	int i;

	for (i = 0; i < N; i++) {
		u = rng_uniform(1, RNG_TEST, 0, (uint64_t)i);
		if (u < 0 || u >= 1)
			die("a number is not in [0, 1)");
		sum += u;
		square += u * u;
		x = rng_normal(1, RNG_TEST, 1, (uint64_t)i);
		normal += x;
		second += x * x;
		fourth += x * x * x * x;
		twice += x * last;
		last = x;
		below[rng_below(1, RNG_TEST, 2, (uint64_t)i, 7)]++;
	}
	near("the mean", sum / N, .5, .004);
	near("the mean square", square / N, 1. / 3, .004);
	near("the normal mean", normal / N, 0, .012);
	near("the variance", second / N, 1, .02);
	near("the fourth moment", fourth / N, 3, .15);
	near("the covariance of neighbours", twice / N, 0, .012);
	for (i = 0; i < 7; i++)
		near("a share of seven", (double)below[i] / N, 1. / 7, .004);
}

int main(int argc, char **argv)
{
	err_init(argv[0]);
	known();
	moments();
	return 0;
}
