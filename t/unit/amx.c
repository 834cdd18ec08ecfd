/* amx - the loops for AMX, emulated (emulated.h), on buffers of exactly the size
 * that they may read and write; with an argument, misuses the instructions, which
 * must fail
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/size.h"
#include "common/kernel/bf16.h"
#include "common/kernel/int8.h"
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
	t->pack_a(packed_a, floats(a), p.a_row, p.a_col, m, k);
	t->pack_b(packed_b, floats(b), p.b_row, p.b_col, n, k);
	t->tile(m, n, k, packed_a, packed_b, got, c_row, p.bias, p.add, c_row, (struct fetch){ 0 });
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
	static const size_t terms[] = { 1, 2, 7, 31, 32, 33, 64, 95, BF16_AMX_BLOCK };
	static const size_t columns[] = { 1, 15, 16, 17, 31, 32 };
	size_t m, n, k;

	for (m = 1; m <= bf16_emulated.rows; m++)
		for (n = 0; n < LENGTH(columns); n++)
			for (k = 0; k < LENGTH(terms); k++)
				one_tile(m, columns[n], terms[k],
					(int)((m + n + k) % FORMS));
}

/* ---- products in integers ---- */

/* Rows of A of k terms, some blocks with a remainder, and for a set that wants
 * them whole groups. */
static struct int8_rows round_rows(const struct int8_set *set, const float *a,
	size_t m, size_t k, struct panel_format f, bool fine)
{
	size_t blocks = (k + PANEL_BLOCK - 1) / PANEL_BLOCK, i, l;
	size_t all = (m + set->group - 1) / set->group * set->group;
	struct int8_rows r = { fine, blocks,
		xcalloc(all * 2 * blocks, sizeof *r.part),
		xcalloc(m, sizeof *r.more) };

	for (i = 0; i < m; i++) {
		struct int8_part *part = r.part + 2 * i * blocks;
		struct int8_part *rest = part + blocks;

		for (l = 0; l < blocks; l++) {
			const float *x = a + i * k + l * PANEL_BLOCK;
			size_t n = size_min(PANEL_BLOCK, k - l * PANEL_BLOCK);
			bool has = !fine && (i + l) % 3 == 1;

			part[l].block = rest->block = (uint32_t)l;
			set->round(&part[l], has ? rest : NULL, x, n,
				set->largest(x, n), f, fine);
			rest += has;
		}
		r.more[i] = (uint32_t)(rest - part - blocks);
	}
	return r;
}

/* A panel of random numbers with small scales. */
static char *make_panel(struct panel_format f, size_t cols, size_t blocks)
{
	size_t step = panel_terms(f, cols, PANEL_BLOCK), i, j;
	char *panel = xmalloc(blocks * step);

	for (i = 0; i < blocks * step; i++)
		panel[i] = (char)hash_mix(i + 1);
	for (i = 0; i < blocks; i++)
		for (j = 0; j < panel_scales(f, cols); j += (size_t)f.scale) {
			uint16_t half = (uint16_t)(0x2000 + 31 * j + i);
			float x = 1 / (float)(17 + j + i);

			memcpy(panel + i * step + j, f.scale == 2 ?
				(void *)&half : (void *)&x, (size_t)f.scale);
		}
	return panel;
}

/* The same bits as with VNNI. */
static void one_panel(enum dtype type, size_t m, size_t n, size_t k, bool fine)
{
	const struct panel_format f = panel_format(type);
	float *a = numbers(1, m * k, 1), *bias = numbers(2, n, 1);
	float *add = numbers(3, m * n, 1);
	float *got = blank(m * n), *want = blank(m * n);
	struct int8_rows x = round_rows(&int8_emulated, a, m, k, f, fine);
	struct int8_rows y = round_rows(&int8_vnni, a, m, k, f, fine);
	char *panel = make_panel(f, bf16_emulated.cols, x.blocks);
	size_t i;

	if (f.bits == 8 && !f.zero)	/* of 5 bits */
		for (i = 0; i < x.blocks * panel_terms(f, bf16_emulated.cols,
				PANEL_BLOCK); i++)
			panel[i] &= 0x1f;
	int8_emulated.begin();
	int8_emulated.tile(type, m, n, &x, 0, panel, got, n, bias, add, n);
	int8_emulated.end();
	for (i = 0; i < m; i += int8_vnni.rows)
		int8_vnni.tile(type, size_min(int8_vnni.rows, m - i), n, &y, i,
			panel, want + i * n, n, bias, add + i * n, n);
	if (memcmp(got, want, m * n * sizeof *got)) {
		warn("panel %s %zux%zux%zu fine %d: other bits than with VNNI",
			dtype_row(type)->name, m, n, k, fine);
		failures++;
	}
	free(x.part), free(x.more), free(y.part), free(y.more), free(panel);
	free(a), free(bias), free(add), free(got), free(want);
}

static void test_panels(void)
{
	static const size_t rows[] = { 1, 15, 16, 17, 33, 128 };
	static const size_t terms[] = { 1, 32, 65, 512, 520, 1100 };
	size_t i, j;
	int type, fine;

	for (type = DTYPE_Q8_0; type <= DTYPE_Q6_K; type++)
		for (i = 0; i < LENGTH(rows); i++)
			for (j = 0; j < LENGTH(terms); j++)
				for (fine = 0; fine < 2; fine++)
					one_panel((enum dtype)type, rows[i],
						1 + (i * 7 + j) % 32, terms[j],
						fine);
}

int main(int argc, char **argv)
{
	bool misuse = argc > 1;

	err_init(argv[0]);
	emulated_use();
	if (misuse)
		emulated_misuse(argv[1]);
	else
		test_tiles();
	if (!misuse && cpu_isa() >= ISA_VNNI)
		test_panels();
	return failures > 0;
}
