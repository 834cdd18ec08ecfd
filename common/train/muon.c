/* muon.c - the orthogonal direction of a matrix: see optimizer.h
 *
 * Five steps of Polar Express bring every singular value of X near 1 with
 * polynomials in X X^T, which need only matrix products; a tall X uses X^T X
 * instead, so the square matrices have the size of the shorter side. They are
 * symmetric, which halves the cost of two products of three.
 */
#include <math.h>

#include "common/kernel/kernel.h"
#include "common/train/optimizer.h"

/* Coefficients of X, (X X^T) X and (X X^T)^2 X, optimal for singular values
 * from 1e-3 to 1 with a safety factor of 1.01 (as nanochat uses them). */
static const double polar[5][3] = {
	{ 8.156554524902461, -22.48329292557795, 15.878769915207462 },
	{ 4.042929935166739, -2.808917465908714, .5000178451051316 },
	{ 3.8916678022926607, -2.772484153217685, .5060648178503393 },
	{ 3.285753657755655, -2.3681294933425376, .46449024233003106 },
	{ 2.3465413258596377, -1.7097828382687081, .42323551369305323 },
};

/* c = x x^T of x (rows,cols), or of a tall x x^T x; both are symmetric. */
static void gram(float *c, const float *x, size_t rows, size_t cols,
	enum compute compute)
{
	bool tall = rows > cols;
	size_t n = tall ? cols : rows, row = tall ? 1 : cols, col = tall ? cols : 1;

	matmul(&(struct matmul){ .m = n, .n = n, .k = tall ? rows : cols, .a = x,
		.a_row = row, .a_col = col, .b = x, .b_row = col, .b_col = row,
		.c = c, .c_row = n, .compute = compute, .symmetric = true });
}

/* c (rows,cols) = a b, of k terms. */
static void product(float *c, const float *a, const float *b, size_t rows, size_t cols,
	size_t k, enum compute compute)
{
	matmul(&(struct matmul){ .m = rows, .n = cols, .k = k, .a = a, .a_row = k,
		.a_col = 1, .b = b, .b_row = cols, .b_col = 1, .c = c,
		.c_row = cols, .compute = compute });
}

/* One step: x becomes c0 x + c1 (x x^T) x + c2 (x x^T)^2 x. */
static void polar_step(float *x, const struct muon_scratch *s, size_t rows,
	size_t cols, const double *c)
{
	float *a = s->a, *b = s->b;
	size_t n = rows < cols ? rows : cols;

	gram(a, x, rows, cols, s->compute);
	gram(b, a, n, n, s->compute);
	vec_axpby(b, (float)c[1], a, (float)c[2], n * n);
	matrix_add_diagonal(b, (float)c[0], n);
	vec_copy(s->y, x, rows * cols);
	if (rows <= cols)
		product(x, b, s->y, rows, cols, rows, s->compute);
	else
		product(x, s->y, b, rows, cols, cols, s->compute);
}

static void set_norm(float *x, size_t n, double norm)
{
	double sum = vec_sum_squares(x, n);

	vec_scale(x, sum > 0 ? (float)(norm / sqrt(sum)) : 0, n);
}

void muon_polar(float *x, const struct muon_scratch *s, size_t rows,
	size_t cols)
{
	double norm = sqrt(vec_sum_squares(x, rows * cols));
	int i;

	vec_scale(x, (float)(1 / (1.01 * norm + 1e-6)), rows * cols);
	for (i = 0; i < 5; i++)
		polar_step(x, s, rows, cols, polar[i]);
}

void muon_direction(float *g, float *v, const struct muon_scratch *s,
	size_t out, size_t in)
{
	double norm = sqrt((double)(out < in ? out : in));

	muon_equilibrate(g, s->sum, out, in);
	muon_polar(g, s, out, in);
	set_norm(g, out * in, norm);
	muon_even_out(g, v, s->sum, out, in);
	set_norm(g, out * in, norm);
}
