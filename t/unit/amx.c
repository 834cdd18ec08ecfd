/* amx - the loops for AMX, emulated (emulated.h), on buffers of exactly the size
 * that they may read and write; with an argument, misuses the instructions, which
 * must fail
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/kernel/bf16.h"
#include "common/kernel/tile.h"
#include "t/unit/emulated.h"
#include "t/unit/kernels.h"

enum { ADJACENT_TERMS, ADJACENT_ROWS, NEITHER, FORMS };

/* One tile of m rows by n columns and k <= K_BLOCK terms. */
static void one_tile(size_t m, size_t n, size_t k, int form)
{
	const struct tile_set *t = &bf16_emulated;
	size_t words = tile_words(t, k), i;
	size_t size_a = tile_whole(t, m) * tile_whole(t, words);
	size_t step = form == NEITHER ? 3 : 1, c_row = n + 3 * (size_t)(form > 0);
	float *a = numbers(1, m * k * step, 1), *b = numbers(2, n * k * step, 1);
	float *packed_a = aligned_alloc(64, size_a * sizeof *a);
	float *packed_b = aligned_alloc(64, t->cols * words * sizeof *b);
	float *bias = numbers(3, n, 1), *add = numbers(4, (m - 1) * c_row + n, 1);
	size_t size_c = (m - 1) * c_row + n;
	float *got = blank(size_c), *want = copy_of(got, size_c);
	struct matmul p = { .m = m, .n = n, .k = k, .a = a,
		.a_row = form == ADJACENT_ROWS ? 1 : k * step,
		.a_col = form == ADJACENT_ROWS ? m : step, .b = b,
		.b_row = form == ADJACENT_TERMS ? 1 : n * step,
		.b_col = form == ADJACENT_TERMS ? k : step, .c = want,
		.c_row = c_row, .bias = k % 2 ? bias : NULL,
		.add = n % 2 ? add : NULL, .add_row = c_row };
	unsigned was;

	bf16_plain(&p, NULL, true);
	was = bf16_begin();
	t->begin();
	t->pack_a(packed_a, a, p.a_row, p.a_col, m, k);
	t->pack_b(packed_b, b, p.b_row, p.b_col, n, k);
	t->tile(m, n, k, packed_a, packed_b, got, c_row, p.bias, p.add, c_row);
	t->end();
	bf16_end(was);
	for (i = 0; i < size_c; i++)
		if (memcmp(got + i, want + i, sizeof *got) &&
				!(isnan(got[i]) && isnan(want[i]))) {
			warn("tile %zux%zux%zu form %d: [%zu] is %g, not %g", m, n,
				k, form, i, (double)got[i], (double)want[i]);
			failures++;
			break;
		}
	free(a), free(b), free(packed_a), free(packed_b), free(bias);
	free(add), free(got), free(want);
}

static void test_tiles(void)
{
	static const size_t terms[] = { 1, 2, 7, 31, 32, 33, 64, 95, K_BLOCK };
	static const size_t columns[] = { 1, 15, 16, 17, 31, 32 };
	size_t m, n, k;

	for (m = 1; m <= bf16_emulated.rows; m++)
		for (n = 0; n < LENGTH(columns); n++)
			for (k = 0; k < LENGTH(terms); k++)
				one_tile(m, columns[n], terms[k],
					(int)((m + n + k) % FORMS));
}

int main(int argc, char **argv)
{
	err_init(argv[0]);
	emulated_use();
	if (argc > 1)
		emulated_misuse(argv[1]);
	else
		test_tiles();
	return failures > 0;
}
