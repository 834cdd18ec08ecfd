/* int8_amx.c - the inner loops of products in integers on AMX, for many rows: see
 * int8.h
 *
 * A register holds a block of 16 rows of A, or a block of 16 columns of weights,
 * which are expanded to bytes with sign first. Their product, 16 by 16 sums, takes
 * 16 cycles; then each sum is scaled, which takes vectors 24 (three operations, of
 * which two are done at once). vpdpbusd takes 64 cycles for such a product. So 16
 * vectors of C stay in registers while the blocks pass, and a panel is expanded by
 * parts that stay in the level 1 cache while all rows are multiplied by them.
 *
 * Remainders are few, and of other blocks in each row: vectors multiply them.
 */
#include "common/base/size.h"
#include "common/kernel/amx.h"
#include "common/kernel/int8.h"
#include "common/kernel/simd.h"

#define COLS (2 * W)
#define ROWS 128	/* of a tile: those of a part in int8.c */
#define AT_ONCE 16	/* blocks of a panel, 16 KiB */
#define WORDS (PANEL_BLOCK / 4)
#define HALF (PANEL_BLOCK / 2)

/* ---- A ---- */

static float largest(const float *a, size_t n)
{
	return int8_vnni.largest(a, n);
}

/* The first words of all terms, which are a row of a register, then the second
 * ones. Remainders stay as they are. */
static void round_block(struct int8_part *out, struct int8_part *rest,
	const float *a, size_t n, float most, struct panel_format f, bool fine)
{
	const vi order = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7,
		9, 11, 13, 15);

	int8_vnni.round(out, rest, a, n, most, f, fine);
	_mm512_storeu_si512(out->word, _mm512_permutexvar_epi32(order,
		v_load_int(out->word)));
}

/* ---- weights ---- */

FORCE_INLINE void put_bytes(int8_t *out, vi bytes, int zero)
{
	_mm512_storeu_si512(out, _mm512_sub_epi8(bytes,
		_mm512_set1_epi8((char)zero)));
}

/* A block of a panel: a row of COLS words for each 4 terms. */
static void expand(int8_t *out, struct panel_format f, const char *block)
{
	const vi low = v_set_int(0x0f0f0f0f);
	const char *from = block + panel_scales(f, COLS);
	size_t i, row = 4 * COLS;

	if (f.bits == 8) {
		for (i = 0; i < WORDS * row; i += sizeof(vi))
			put_bytes(out + i, v_load_int(from + i), f.zero);
		return;
	}
	for (i = 0; i < WORDS / 2 * row; i += sizeof(vi)) {
		vi x = v_load_int(from + i);
		int8_t *to = out + i / row * 2 * row + i % row;

		put_bytes(to, v_and(x, low), f.zero);
		put_bytes(to + row, v_and(v_shift_right_16(x, 4), low), f.zero);
	}
}

/* ---- multiplying ---- */

/* 16 rows by 16 columns, of some blocks. */
struct strip {
	struct panel_format f;
	bool fine;
	size_t blocks;
	const struct int8_part *a;	/* the first block of the first row */
	size_t row;			/* parts from row to row */
	const char *scales;		/* of the first block, and */
	size_t step;			/* bytes from block to block */
	const int8_t *b;		/* expanded */
};

/* Sums of products with the first words, and with the second ones. */
struct sums {
	_Alignas(64) int32_t s[2][AMX_SIDE][AMX_SIDE];
};

FORCE_INLINE void multiply_block(struct sums *out, const struct int8_part *a,
	size_t row, const int8_t *b, bool fine)
{
	amx_load(4, b, 4 * COLS);
	amx_load(2, a->word[0], row * sizeof *a);
	amx_zero(0);
	amx_dot_int8(0, 2, 4);
	amx_store(0, out->s[0], sizeof out->s[0][0]);
	if (!fine)
		return;
	amx_load(3, a->word[WORDS / 2], row * sizeof *a);
	amx_zero(1);
	amx_dot_int8(1, 3, 4);
	amx_store(1, out->s[1], sizeof out->s[1][0]);
}

FORCE_INLINE void multiply_half(struct sums *out, const struct int8_part *a,
	size_t row, const int8_t *b, bool fine, size_t half)
{
	amx_load(7, b + half * HALF * COLS, 4 * COLS);
	amx_load(5, a->word[half * 2], row * sizeof *a);
	amx_zero(0);
	amx_dot_int8(0, 5, 7);
	amx_store(0, out->s[0], sizeof out->s[0][0]);
	if (!fine)
		return;
	amx_load(6, a->word[WORDS / 2 + half * 2], row * sizeof *a);
	amx_zero(1);
	amx_dot_int8(1, 6, 7);
	amx_store(1, out->s[1], sizeof out->s[1][0]);
}

/* x += sums that share scales d in a column. */
FORCE_INLINE void add_sums(vf *x, const struct sums *p, vf d,
	const struct int8_part *a, size_t row, bool fine)
{
	size_t r;

#pragma GCC unroll 16
	for (r = 0; r < AMX_SIDE; r++, a += row) {
		vi s = v_load_int(p->s[0][r]);

		if (fine)
			s = v_add_int(v_shift_left(s, 7),
				v_load_int(p->s[1][r]));
		x[r] = v_fma(d * v_set(a->scale), v_to_float(s), x[r]);
	}
}

/* In copies for formats with one scale and with two, fine or not. */
FORCE_INLINE void add_blocks(vf *to, const struct strip *p, int scales,
	bool fine)
{
	const struct int8_part *a = p->a;
	const char *at = p->scales;
	const int8_t *b = p->b;
	struct sums sums;
	vf x[AMX_SIDE];
	size_t l, r;

#pragma GCC unroll 16
	for (r = 0; r < AMX_SIDE; r++)
		x[r] = to[r];
	for (l = 0; l < p->blocks; l++) {
		if (scales == 1) {
			multiply_block(&sums, a, p->row, b, fine);
			add_sums(x, &sums, v_load_scales(p->f.scale, at, 0), a, p->row,
				fine);
		} else {
			multiply_half(&sums, a, p->row, b, fine, 0);
			add_sums(x, &sums, v_load_scales(p->f.scale, at, 0), a, p->row,
				fine);
			multiply_half(&sums, a, p->row, b, fine, 1);
			add_sums(x, &sums, v_load_scales(p->f.scale, at, 1), a, p->row,
				fine);
		}
		if (p->f.minimum) {
			vf minimum = v_load_scales(p->f.scale, at, scales);

#pragma GCC unroll 16
			for (r = 0; r < AMX_SIDE; r++)
				x[r] = v_fma(minimum, v_set(a[r * p->row].sum),
					x[r]);
		}
		a++;
		at += p->step;
		b += PANEL_BLOCK * COLS;
	}
#pragma GCC unroll 16
	for (r = 0; r < AMX_SIDE; r++)
		to[r] = x[r];
}

static void add_strip(vf *to, const struct strip *p)
{
	if (p->f.scales == 1 && !p->fine)
		add_blocks(to, p, 1, false);
	else if (p->f.scales == 1)
		add_blocks(to, p, 1, true);
	else if (!p->fine)
		add_blocks(to, p, 2, false);
	else
		add_blocks(to, p, 2, true);
}

/* x[0] and x[1], m rows of the left and the right half of a panel, += the products
 * of n blocks from block l on. */
static void add_part(vf x[2][ROWS], struct panel_format f, size_t m,
	const struct int8_rows *a, size_t i, const char *panel, size_t l,
	size_t n)
{
	_Alignas(64) int8_t b[AT_ONCE * PANEL_BLOCK * COLS];
	struct strip p = { f, a->fine, n, .row = 2 * a->blocks,
		.step = panel_terms(f, COLS, PANEL_BLOCK) };
	const char *first = panel + l * p.step;
	size_t r, h;

	for (r = 0; r < n; r++)
		expand(b + r * PANEL_BLOCK * COLS, f, first + r * p.step);
	for (r = 0; r < m; r += AMX_SIDE)
		for (h = 0; h < 2; h++) {
			p.a = a->part + (i + r) * p.row + l;
			p.scales = first + h * W * (size_t)f.scale;
			p.b = b + h * W * 4;
			add_strip(x[h] + r, &p);
		}
}

static void rows_by_panel(enum dtype type, size_t m, size_t n,
	const struct int8_rows *a, size_t i, const void *panel, float *c,
	size_t c_row, const float *bias, const float *add, size_t add_row)
{
	const struct panel_format f = panel_format(type);
	vf x[2][ROWS];
	size_t l, r;

	memset(x, 0, sizeof x);
	for (l = 0; l < a->blocks; l += AT_ONCE)
		add_part(x, f, m, a, i, panel, l,
			size_min(AT_ONCE, a->blocks - l));
	for (r = 0; r < m; r++) {
		vf y[2] = { x[0][r], x[1][r] };

		if (a->more[i + r])
			int8_vnni.remainders(type, (float *)y, a, i + r, panel);
		v_finish(y, n, c + r * c_row, bias,
			add ? add + r * add_row : NULL);
	}
}

/* Of weights with two scales: half a block of A, 5 and 6, and of weights, 7. */
static void enter(void)
{
	static const struct amx_config some = {
		.palette = 1,
		.bytes = { 64, 64, PANEL_BLOCK, PANEL_BLOCK, 64, HALF, HALF, 64 },
		.rows = { AMX_SIDE, AMX_SIDE, AMX_SIDE, AMX_SIDE, WORDS,
			AMX_SIDE, AMX_SIDE, WORDS / 2 },
	};

	amx_configure(&some);
}

static void leave(void)
{
	amx_release();
}

const struct int8_set ISA_TABLE(int8) = {
	.rows = ROWS, .group = AMX_SIDE, .least = AMX_SIDE, .few = &int8_vnni,
	.largest = largest, .round = round_block, .tile = rows_by_panel,
	.begin = enter, .end = leave,
};
