/* kernels.h - what kernels.c and products.c share: a program that compares the
 * fast kernels with the plain ones
 *
 *	PROGRAM TOPIC [THREADS]
 *
 * Runs every kernel of TOPIC on shapes with all kinds of remainders, in every
 * instruction set up to the best (or PIPELM_ISA), and compares with plain C.
 * Prints a line per set: topic, set, largest relative difference, and a hash of
 * all computed bits, which must not depend on THREADS. Prints a line on standard
 * error for every difference beyond the tolerance; exit 1 if there is any.
 */
#ifndef PIPELM_UNIT_KERNELS_H
#define PIPELM_UNIT_KERNELS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/hash.h"
#include "common/base/mem.h"
#include "common/base/parallel.h"
#include "common/kernel/kernel.h"

#define LENGTH(a) (sizeof(a) / sizeof *(a))

static int failures;
static double worst;
static uint64_t digest;
static enum isa isa;		/* the set under test */
static enum isa only;		/* if not ISA_C, the only one */

/* The error of got[0..n) against want: the norm of the difference relative to
 * that of want. NaN is a failure. */
static inline void compare(const char *what, const float *got, const float *want,
	size_t n, double tolerance)
{
	double d2 = 0, w2 = 0, rel;
	size_t i;

	digest = hash64_seed(got, n * sizeof *got, digest);
	for (i = 0; i < n; i++) {
		double d = (double)got[i] - want[i];

		if (got[i] == want[i])
			d = 0;	/* infinities */
		d2 += d * d;
		w2 += isfinite(want[i]) ? (double)want[i] * want[i] : 0;
	}
	rel = d2 == 0 ? 0 : sqrt(d2 / w2);
	if (rel > worst)
		worst = rel;
	if (!(rel <= tolerance)) {
		warn("%s, %s: differs by %g of %g", what, cpu_isa_name(isa),
			rel, tolerance);
		failures++;
	}
}

/* n approximately normal numbers with deviation scale, the same for the same key:
 * sums of four uniform 16-bit numbers. */
static inline float *numbers(uint64_t key, size_t n, double scale)
{
	float *x = xmalloc(n * sizeof *x);
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t u = hash_mix(key * 0x9e3779b97f4a7c15u + i + 1);
		double sum = (double)(u >> 48) + (double)(u >> 32 & 0xffff) +
			(double)(u >> 16 & 0xffff) + (double)(u & 0xffff);

		x[i] = (float)(scale * (sum / 65535 - 2) * 1.7320508);
	}
	return x;
}

static inline float *copy_of(const float *x, size_t n)
{
	return memcpy(xmalloc(n * sizeof *x), x, n * sizeof *x);
}

static inline float *blank(size_t n)
{
	size_t i;
	float *x = xmalloc(n * sizeof *x);

	for (i = 0; i < n; i++)
		x[i] = NAN;
	return x;
}

struct topic {
	const char *name;
	void (*fn)(void);
};

/* The program, after err_init; returns its exit status. */
static inline int run_topic(int argc, char **argv, const struct topic *topics,
	size_t n)
{
	enum isa last = only ? only : cpu_isa();
	size_t i;

	for (i = 0; i < n; i++)
		if (argc > 1 && !strcmp(argv[1], topics[i].name))
			break;
	if (i == n)
		die_usage("no topic");
	if (argc > 2)
		parallel_threads(atoi(argv[2]));
	for (isa = only; isa <= last; isa++) {
		worst = 0;
		digest = 0;
		topics[i].fn();
		printf("%s %s %.1e %016llx\n", topics[i].name,
			cpu_isa_name(isa), worst, (unsigned long long)digest);
	}
	return failures > 0;
}

#endif
