/* bf16_plain.c - the definition of products in bf16, and what fp32 loops need to
 * follow it: see bf16.h */
#include "common/kernel/bf16.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include "common/base/mem.h"
#include "common/base/size.h"

static float flush(float x)
{
	return fabsf(x) < FLT_MIN ? copysignf(0, x) : x;
}

/* out (k) = column j of the right factor, rounded. */
static void get_column(float *out, const struct matmul *p,
	const struct packed_matrix *w, size_t j)
{
	size_t l;

	if (w)
		panel_column(out, w->type, packed_panel(w, 0, j, PANEL_PLAIN),
			PANEL_PLAIN, j % PANEL_PLAIN, p->k);
	else
		for (l = 0; l < p->k; l++)
			out[l] = p->b[l * p->b_row + j * p->b_col];
	for (l = 0; l < p->k; l++)
		out[l] = bf16_rounded(out[l]);
}

/* The sum of n terms of a block. */
static float sum(const float *a, size_t a_col, const float *b, size_t n)
{
	float x = 0;
	size_t l;

	for (l = 0; l < n; l++)
		x = flush(fmaf(bf16_rounded(a[l * a_col]), b[l], x));
	return x;
}

static float sum_amx(float x, const float *a, size_t a_col, const float *b, size_t n)
{
	size_t l0, l;

	for (l0 = 0; l0 < n; l0 += BF16_STEP) {
		float part[2] = { 0, 0 };

		for (l = l0; l < l0 + BF16_STEP; l++)
			part[l % 2] = flush(l < n ? fmaf(bf16_rounded(a[l * a_col]),
				b[l], part[l % 2]) : fmaf(0, 0, part[l % 2]));
		x = flush(x + flush(part[0] + part[1]));
	}
	return x;
}

/* x + bias [+ add] */
static float with_rest(const struct matmul *p, size_t i, size_t j, float x)
{
	if (p->bias)
		x = flush(x + flush(p->bias[j]));
	if (p->add)
		x = flush(x + flush(p->add[i * p->add_row + j]));
	return x;
}

static float element_amx(const struct matmul *p, size_t i, size_t j, const float *b)
{
	const float *a = p->a + i * p->a_row;
	size_t first = size_min(BF16_AMX_BLOCK, p->k);
	bool begins = p->add && !p->bias;
	float c = begins ? flush(p->add[i * p->add_row + j]) : 0;

	c = sum_amx(c, a, p->a_col, b, first);
	if (!begins)
		c = with_rest(p, i, j, c);
	return sum_amx(c, a + first * p->a_col, p->a_col, b + first, p->k - first);
}

static float element(const struct matmul *p, size_t i, size_t j, const float *b)
{
	const float *a = p->a + i * p->a_row;
	size_t k0;
	float c = 0;

	for (k0 = 0; k0 < p->k; k0 += K_BLOCK) {
		float x = sum(a + k0 * p->a_col, p->a_col, b + k0,
			size_min(K_BLOCK, p->k - k0));

		c = k0 ? flush(c + x) : with_rest(p, i, j, x);
	}
	return c;
}

void bf16_plain(const struct matmul *p, const struct packed_matrix *w, bool amx)
{
	float *column = xmalloc(p->k * sizeof *column);
	size_t i, j;

	for (j = 0; j < p->n; j++) {
		get_column(column, p, w, j);
		for (i = 0; i < p->m; i++)
			p->c[i * p->c_row + j] = (amx ? element_amx : element)
				(p, i, j, column);
	}
	free(column);
}

#define DENORMALS_OFF 0x8040	/* of MXCSR: results, operands */

unsigned bf16_begin(void)
{
#ifdef __SSE2__
	unsigned was = _mm_getcsr();

	_mm_setcsr(was | DENORMALS_OFF);
	return was;
#else
	return 0;
#endif
}

void bf16_end(unsigned was)
{
#ifdef __SSE2__
	_mm_setcsr(was);
#endif
}
