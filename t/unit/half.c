/* half - all bit patterns of binary16 and bfloat16 compared with ldexp, and
 * rounding at, below and above every midpoint of two neighbours
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/err.h"
#include "common/format/half.h"

static const struct format {
	const char *name;
	int fraction, bias;	/* bits of the fraction; bias of the exponent */
	uint16_t infinity;
	void (*load)(float *out, const void *p, size_t n);
	void (*store)(void *p, const float *x, size_t n);
} formats[] = {
	{ "f16", 10, 15, 0x7c00, half_load_f16, half_store_f16 },
	{ "bf16", 7, 127, 0x7f80, half_load_bf16, half_store_bf16 },
};

static float widen(const struct format *f, unsigned pattern)
{
	unsigned char p[2] = { pattern & 255, pattern >> 8 };
	float x;

	f->load(&x, p, 1);
	return x;
}

static unsigned narrow(const struct format *f, float x)
{
	unsigned char p[2];

	f->store(p, &x, 1);
	return p[0] | (unsigned)p[1] << 8;
}

/* The value of the bits of a finite number without sign. */
static double value(const struct format *f, unsigned pattern)
{
	int exponent = (int)(pattern >> f->fraction);
	unsigned rest = pattern & ((1u << f->fraction) - 1);

	if (exponent)
		rest |= 1u << f->fraction;
	else
		exponent = 1;
	return ldexp(rest, exponent - f->bias - f->fraction);
}

static void check(const struct format *f, float x, unsigned want)
{
	if (narrow(f, x) != want || narrow(f, -x) != (want | 0x8000))
		die("%s: %a becomes %04x, not %04x", f->name, (double)x,
			narrow(f, x), want);
}

static void check_number(const struct format *f, unsigned i)
{
	double x = value(f, i), middle = (x + value(f, i + 1)) / 2;

	if ((double)widen(f, i) != x || (double)widen(f, i | 0x8000) != -x)
		die("%s: %04x is not %a", f->name, i, x);
	check(f, (float)x, i);
	check(f, (float)middle, i + (i & 1));
	check(f, nextafterf((float)middle, 0), i);
	check(f, nextafterf((float)middle, INFINITY), i + 1);
}

int main(int argc, char **argv)
{
	size_t k;
	unsigned i;

	err_init(argv[0]);
	for (k = 0; k < sizeof formats / sizeof *formats; k++) {
		const struct format *f = &formats[k];

		for (i = 0; i < f->infinity; i++)
			check_number(f, i);
		check(f, INFINITY, f->infinity);
		if (widen(f, f->infinity) != INFINITY)
			die("%s: infinity is lost", f->name);
		for (i = f->infinity + 1u; i < 0x8000; i++)
			if (!isnan(widen(f, i)) ||
				!isnan(widen(f, narrow(f, widen(f, i)))))
				die("%s: %04x is a NaN", f->name, i);
	}
	return 0;
}
