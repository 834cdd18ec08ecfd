/* linear.c - the products of linear maps in bf16, for t/410-gradients.t
 *
 * Forward and backward round both factors of a product, and nothing else: results
 * have the bits of the same map with weights, inputs and gradients that were rounded
 * before, also as words of 16 bits, other bits than in fp32, and differ little from
 * these. Rounded numbers give in fp32 what they give in bf16, to the order of sums.
 */
#include <math.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/rng.h"
#include "common/kernel/bf16.h"
#include "common/kernel/kernel.h"
#include "common/model/piece.h"

enum { ROWS = 70, IN = 96, OUT = 130 };

/* What a map computes: its output, and the gradients of x, w and b. */
struct result {
	float y[ROWS * OUT], d_x[ROWS * IN], d_w[IN * OUT], d_b[OUT];
};
static struct result in_fp32, in_bf16, of_half, of_rounded, rounded_in_fp32;
static uint16_t half_x[ROWS * IN], half_d[ROWS * OUT];
static float w[IN * OUT], bias[OUT], x[ROWS * IN], d[ROWS * OUT], add[ROWS * OUT];

static void fill(float *p, size_t n, uint32_t which)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (float)(rng_uniform(1, RNG_TEST, which, i) - .5);
}

static void round_all(float *p, size_t n)
{
	uint32_t u;

	for (; n--; p++) {
		memcpy(&u, p, sizeof u);
		u = bf16_round(u);
		memcpy(p, &u, sizeof u);
	}
}

/* Of x and d in fp32, or in bf16. */
static void compute(struct result *r, bool in_first, enum compute compute,
	bool half)
{
	struct values in = half ? (struct values){ NULL, half_x } : floats(x);
	struct values d_out = half ? (struct values){ NULL, half_d } : floats(d);
	struct linear l = { .in = IN, .out = OUT, .in_first = in_first,
		.w = w, .b = bias, .compute = compute };
	struct linear g = { .in = IN, .out = OUT, .in_first = in_first,
		.w = r->d_w, .b = r->d_b };

	memset(r, 0, sizeof *r);
	linear_forward(&l, r->y, in, ROWS, add);
	linear_backward(&l, &g, r->d_x, d_out, in, ROWS, NULL);
}

static bool same(const struct result *a, const struct result *b)
{
	return !memcmp(a->y, b->y, sizeof a->y) &&
		!memcmp(a->d_x, b->d_x, sizeof a->d_x) &&
		!memcmp(a->d_w, b->d_w, sizeof a->d_w);
}

/* The largest difference over the largest number. */
static double apart(const float *a, const float *b, size_t n)
{
	double most = 0, size = 0;

	while (n--) {
		most = fmax(most, fabs((double)a[n] - (double)b[n]));
		size = fmax(size, fabs((double)b[n]));
	}
	return most / size;
}

static void check(const char *what, const struct result *a,
	const struct result *b, double least, double bound)
{
	double e[] = { apart(a->y, b->y, ROWS * OUT),
		apart(a->d_x, b->d_x, ROWS * IN),
		apart(a->d_w, b->d_w, IN * OUT) };
	size_t i;

	for (i = 0; i < 3; i++)
		if (!(e[i] >= least && e[i] <= bound))
			die("%s: product %zu differs by %g, not from %g to %g",
				what, i + 1, e[i], least, bound);
}

static void layout(bool in_first)
{
	fill(w, IN * OUT, 0);
	fill(bias, OUT, 1);
	fill(x, ROWS * IN, 2);
	fill(d, ROWS * OUT, 3);
	fill(add, ROWS * OUT, 4);
	bf16_round_loop(half_x, x, ROWS * IN);
	bf16_round_loop(half_d, d, ROWS * OUT);
	compute(&in_fp32, in_first, COMPUTE_FP32, false);
	compute(&in_bf16, in_first, COMPUTE_BF16, false);
	compute(&of_half, in_first, COMPUTE_BF16, true);
	/* Not bias and add; nor d for the gradient of b. */
	round_all(w, IN * OUT);
	round_all(x, ROWS * IN);
	round_all(d, ROWS * OUT);
	compute(&of_rounded, in_first, COMPUTE_BF16, false);
	compute(&rounded_in_fp32, in_first, COMPUTE_FP32, false);
	if (!same(&in_bf16, &of_rounded))
		die("not the products of rounded factors");
	if (!same(&in_bf16, &of_half))
		die("not the products of what is rounded already");
	if (memcmp(of_half.d_b, of_rounded.d_b, sizeof of_half.d_b))
		die("not the sum of what is rounded already");
	if (memcmp(in_bf16.d_b, in_fp32.d_b, sizeof in_fp32.d_b))
		die("the gradient of the bias is rounded");
	check("bf16 and fp32", &in_bf16, &in_fp32, 1e-4, 1e-2);
	check("rounded factors", &of_rounded, &rounded_in_fp32, 0, 1e-6);
}

int main(int argc, char **argv)
{
	enum isa best = cpu_isa(), isa;

	err_init(argv[0]);
	for (isa = ISA_C; isa <= best; isa++) {
		kernel_use(isa);
		layout(false);
		layout(true);
	}
	return 0;
}
